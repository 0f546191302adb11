"""The search world's rows do not depend on threads, size, length, dirt, delivery or shards."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from test_cli_shards import run
from worlds import World, Worlds, assert_same, surplus, with_experiments

SMALL = {
    "search_sessions_per_day": 100,
    "search_days": 6,
    "search_user_pool_size": 100,
}
GROWN = SMALL | {"scale": 1.5, "search_days": 8}
DIRTY = SMALL | {
    "defect_rate": 0.5,
    "late_rate": 0.5,
    "late_max_days": 2,
    "multi_variant_rate": 0.2,
}
CUT = DIRTY | {"as_of": "2026-01-04"}
EVENTS = ("search_events", "impressions", "click_events", "conversion_events")
DIRT = ("defect", "delay", "received_at")


STAGED = ("searches", "impressions", "clicks", "conversions")
AS_FAR_AS_STAGED = (
    *("--exclude", "test_type:data"),
    *("--select", *(f"+stg_search__{table}" for table in STAGED)),
)
UNTESTED = ("--exclude", "test_type:data", "--select", "+tag:search")


@dataclass(frozen=True)
class Made:
    """The worlds of these tests."""

    small: World
    grown: World
    dirty: World
    cut: World


@pytest.fixture(scope="module")
def made(worlds: Worlds) -> Made:
    """Two at a time; `small` and `grown` only as far as staging, `cut` with its data tests."""
    with ThreadPoolExecutor(2, thread_name_prefix="dbt") as pool:
        building = [
            pool.submit(build, worlds.new(f"search_{name}", "search"), *how)
            for name, *how in (
                ("cut", CUT, "--select", "+tag:search"),
                ("small", SMALL, *AS_FAR_AS_STAGED),
                ("grown", GROWN, *AS_FAR_AS_STAGED),
                ("dirty", DIRTY, *UNTESTED),
            )
        ]
        cut, small, grown, dirty = [each.result() for each in building]
    return Made(small, grown, dirty, cut)


def build(
    world: World, settings: dict[str, object], *chosen: str, threads: int = 2
) -> World:
    """Builds into the world's file, with data tests where they are not left out."""
    result = world.dbt(
        *("build", *chosen, "--exclude-resource-types", "unit_test"),
        database=world.path,
        settings=settings,
        threads=threads,
    )
    assert result.success, result.log[-4000:]
    return world


def test_staging_takes_all_dirt_away_and_totals_agree(made: Made) -> None:
    """The data tests passed (in the fixture) where half of the rows were defective."""
    delivered, rejected = made.cut.rows(
        """
        select
            (select count(*) from raw.raw_search__impressions),
            (
                select sum(reject_count) from staging.stg_search__rejects
                where raw_table = 'raw_search__impressions'
            )
        """
    )[0]
    # half of the kinds of defects are edits in place, half are extra rows
    assert 0.15 < rejected / delivered < 0.25


def test_a_build_in_steps_on_one_thread_equals_one_on_two(
    made: Made, tmp_path: Path
) -> None:
    stepped = made.cut.copy(tmp_path / "stepped.duckdb")
    assert_same(build(stepped, DIRTY, *UNTESTED, threads=1), made.dirty)


def test_a_later_as_of_only_adds_generated_and_raw_rows(made: Made) -> None:
    for relation in made.dirty.relations():
        if relation.startswith(("generate.", "raw.")):
            assert surplus(made.cut, made.dirty, relation) == [], relation
    for table in (*STAGED, "exposures"):
        last = made.cut.value(f"select max(received_at) from raw.raw_search__{table}")
        assert last.date() == date(2026, 1, 4)


def test_now_is_as_of(made: Made) -> None:
    as_of = "select distinct as_of_date from marts.search__user_segments"
    assert made.cut.rows(as_of) == [(date(2026, 1, 4),)]


def test_more_sessions_and_days_leave_what_is_there(made: Made) -> None:
    """Also what is past the last midnight; only dirt before the start and after the end moves."""
    late = made.small.value(
        "select count(*) from staging.stg_search__searches where event_date = date '2026-01-07'"
    )
    assert late > 0
    in_time = "timestamp between timestamp '2026-01-01' and timestamp '2026-01-08'"
    for relation, where in (
        ("generate.gen_search__sessions", "true"),
        ("generate.gen_search__results", "true"),
        *((f"staging.stg_search__{table}", "true") for table in STAGED),
        *(
            (f"raw.raw_search__{table}", "true" if table == "impressions" else in_time)
            for table in STAGED
        ),
    ):
        assert surplus(made.small, made.grown, relation, where) == [], relation
        assert surplus(made.grown, made.small, relation) != [], relation


def test_dirt_and_delivery_do_not_change_what_happens(made: Made) -> None:
    for table in (*EVENTS, "sessions", "clicks", "search_outcomes"):
        relation = f"generate.gen_search__{table}"
        columns = ", ".join(
            name
            for name, *_ in made.small.rows(f"describe {relation}")
            if not any(mark in name for mark in DIRT)
        )
        with made.small.connect(made.dirty) as connection:
            for left, right in (("world", "other"), ("other", "world")):
                assert (
                    connection.execute(
                        f"select {columns} from {left}.{relation} except all "
                        f"select {columns} from {right}.{relation} limit 3"
                    ).fetchall()
                    == []
                ), relation


def test_known_visitors_keep_their_city_and_arm(made: Made) -> None:
    assert (
        made.small.rows(
            """
            select user_id from generate.gen_search__sessions where user_id is not null
            group by all
            having count(distinct (geo_city, is_treated)) > 1
            """
        )
        == []
    )


def test_a_search_shows_ten_results_and_none_of_them_twice(made: Made) -> None:
    assert made.small.rows(
        """
        select distinct count(*), count(distinct result_id), count(distinct result_position)
        from staging.stg_search__impressions group by search_event_id
        """
    ) == [(10, 10, 10)]


@pytest.mark.slow
def test_the_union_of_the_shards_is_the_world(made: Made, tmp_path: Path) -> None:
    """The command builds each shard with the data tests, and what is no union over all of them."""
    to = tmp_path / "shards"
    chosen = [f"--set={name}={value}" for name, value in DIRTY.items()]
    sharded = run(
        *("build", "--world", "search", *chosen, "--shards", "2", "--jobs", "2"),
        *("--to", str(to)),
        directory=tmp_path,
    )
    assert sharded.returncode == 0, sharded.stderr
    whole = with_experiments(made.dirty, tmp_path, DIRTY)
    said = run(
        "fingerprint", "--json", "--database", str(whole.path), directory=tmp_path
    )
    expected = {
        table["name"]: (table["rows"], table["fingerprint"])
        for table in json.loads(said.stdout)
        if table["schema"] != "seeds"
    }
    tables = json.loads((to / "manifest.json").read_text())["tables"]
    assert {
        name: (table["rows"], table["fingerprint"]) for name, table in tables.items()
    } == expected
    # a visitor is whole in one shard, and no shard is empty
    visitors = [
        {
            unit
            for (unit,) in duckdb.sql(
                f"select distinct unit_id from '{to}/{file}'"
            ).fetchall()
        }
        for file in tables["int_search__sessions"]["files"]
    ]
    assert min(map(len, visitors)) > 20
    assert visitors[0].isdisjoint(visitors[1])

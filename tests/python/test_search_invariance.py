"""The search world's rows do not depend on threads, size, length, dirt, delivery or shards."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from test_cli_shards import run
from worlds import World, Worlds, assert_same, surplus

SMALL = {
    "name": "search",
    "search_sessions_per_day": 100,
    "search_days": 5,
    "search_user_pool_size": 100,
}
BUSIER = SMALL | {"scale": 1.5}
LONGER = SMALL | {"search_days": 8}
MIDDLE = SMALL | {"as_of": "2026-01-03"}
DIRTY = SMALL | {
    "defect_rate": 0.5,
    "late_rate": 0.5,
    "late_max_days": 2,
    "multi_variant_rate": 0.2,
}
ONE_THREAD = SMALL | {"threads": 1}
EVENTS = ("search_events", "impressions", "click_events", "conversion_events")
DIRT = ("defect", "delay", "received_at")


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare(SMALL, BUSIER, LONGER, MIDDLE, DIRTY, ONE_THREAD)
    return worlds(**SMALL)


def settings(world: dict[str, object]) -> dict[str, object]:
    """The settings of a world, without what else its build takes."""
    return {key: world[key] for key in world if key not in ("name", "threads")}


def test_threads_change_nothing(worlds: Worlds, world: World) -> None:
    assert_same(worlds(**ONE_THREAD), world)


def test_more_sessions_leave_those_that_are_there(worlds: Worlds, world: World) -> None:
    busier = worlds(**BUSIER)
    for relation in (
        "generate.gen_search__sessions",
        "generate.gen_search__results",
        "raw.raw_search__searches",
        "raw.raw_search__impressions",
        "raw.raw_search__clicks",
        "raw.raw_search__conversions",
    ):
        assert surplus(world, busier, relation) == [], relation
        assert surplus(busier, world, relation) != [], relation


def test_more_days_leave_the_events_that_are_there(
    worlds: Worlds, world: World
) -> None:
    """Also those past the last midnight; only defects before the start and after the end move."""
    longer = worlds(**LONGER)
    for relation in ("searches", "impressions", "clicks", "conversions"):
        staged = f"staging.stg_search__{relation}"
        assert surplus(world, longer, staged) == [], staged
        if relation == "searches":
            later = "timestamp >= timestamp '2026-01-06'"
            assert world.value(f"select count(*) from {staged} where {later}") > 0


def test_a_world_from_a_later_day_has_the_same_events(
    worlds: Worlds, world: World
) -> None:
    """What a stream builds when it goes on past the last built day."""
    rest = worlds(**SMALL, search_first_day=3)
    for table in ("searches", "clicks", "conversions"):
        staged = f"staging.stg_search__{table}"
        assert surplus(rest, world, staged) == []
        first_days = """
            session_id in (
                select session_id from world.generate.gen_search__sessions where day < 3
            )
        """
        assert surplus(world, rest, staged, where=f"not {first_days}") == []


def test_dirt_and_delivery_do_not_change_what_happens(
    worlds: Worlds, world: World
) -> None:
    dirty = worlds(**DIRTY)
    for table in (*EVENTS, "sessions", "clicks", "search_outcomes"):
        relation = f"generate.gen_search__{table}"
        columns = ", ".join(
            name
            for name, *_ in world.rows(f"describe {relation}")
            if not any(mark in name for mark in DIRT)
        )
        with world.connect(dirty) as connection:
            for left, right in (("world", "other"), ("other", "world")):
                assert (
                    connection.execute(
                        f"select {columns} from {left}.{relation} except all "
                        f"select {columns} from {right}.{relation} limit 3"
                    ).fetchall()
                    == []
                ), relation


@pytest.mark.parametrize("made", [DIRTY, MIDDLE], ids=["dirty", "cut"])
def test_staging_takes_all_dirt_away_and_totals_agree(
    worlds: Worlds, world: World, made: dict[str, object]
) -> None:
    """The data tests of the world, on half of the rows defective or on half of the days."""
    built = worlds(**made)
    result = built.dbt(
        *("test", "--select", "tag:search,test_type:data"),
        database=built.path,
        settings=settings(made),
    )
    assert result.success, result.log[-4000:]


def test_a_build_in_steps_equals_one(worlds: Worlds, world: World, tmp_path) -> None:
    stepped = worlds(**MIDDLE).copy(tmp_path / "stepped.duckdb")
    assert_same(stepped.build(settings=settings(SMALL)), world)


def test_a_later_as_of_only_adds_generated_and_raw_rows(
    worlds: Worlds, world: World
) -> None:
    middle = worlds(**MIDDLE)
    for relation in world.relations():
        if relation.startswith(("generate.", "raw.")):
            assert surplus(middle, world, relation) == [], relation
    for table in ("searches", "impressions", "clicks", "conversions", "exposures"):
        last = middle.value(f"select max(received_at) from raw.raw_search__{table}")
        assert last.date() == date(2026, 1, 3)


def test_now_is_as_of(worlds: Worlds, world: World) -> None:
    assert worlds(**MIDDLE).value(
        "select distinct as_of_date from marts.search__user_segments"
    ) == date(2026, 1, 3)


def test_known_visitors_keep_their_city_and_arm(world: World) -> None:
    assert (
        world.rows(
            """
            select user_id from generate.gen_search__sessions where user_id is not null
            group by all
            having count(distinct (geo_city, is_treated)) > 1
            """
        )
        == []
    )


def test_a_search_shows_ten_results_and_none_of_them_twice(
    world: World,
) -> None:
    assert world.rows(
        """
        select distinct count(*), count(distinct result_id), count(distinct result_position)
        from staging.stg_search__impressions group by search_event_id
        """
    ) == [(10, 10, 10)]


SHARDED = [
    *("build", "--world", "search", "--set", "search_sessions_per_day=40"),
    *("--set", "search_days=4", "--set", "search_user_pool_size=60"),
    *("--set", "defect_rate=0.1"),
]


def test_the_union_of_the_shards_is_the_world(tmp_path: Path) -> None:
    to, database = tmp_path / "shards", tmp_path / "whole.duckdb"
    sharded = run(
        *(*SHARDED, "--shards", "2", "--jobs", "1", "--to", str(to)), directory=tmp_path
    )
    assert sharded.returncode == 0, sharded.stderr
    whole = run(
        *(*SHARDED, "--database", str(database), "--exclude", "resource_type:test"),
        *("--exclude", "resource_type:unit_test"),
        directory=tmp_path,
    )
    assert whole.returncode == 0, whole.stderr
    said = run("fingerprint", "--json", "--database", str(database), directory=tmp_path)
    expected = {
        table["name"]: (table["rows"], table["fingerprint"])
        for table in json.loads(said.stdout)
        if table["schema"] != "seeds"
    }
    tables = json.loads((to / "manifest.json").read_text())["tables"]
    merged = {
        name: (table["rows"], table["fingerprint"]) for name, table in tables.items()
    }
    assert merged == {name: expected[name] for name in merged}
    assert expected.keys() - merged.keys() == set()
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

"""Settings of the learning world: what is refused, and what the same seed keeps."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import Diorama
from diorama.engines.dbt import MEMORY, Dbt
from diorama.errors import UsageError
from diorama.project import Project
from worlds import ROOT, World, Worlds, assert_same, surplus, with_experiments

SMALL = {"learning_users": 120, "learning_days": 48, "learning_churn_window_days": 12}
DIRTY = {**SMALL, "defect_rate": 0.2, "late_rate": 0.3, "late_max_days": 9}
FIRST_DAY = "2025-01-01"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"learning_profile": "advanced"}, "one of standard, course"),
        ({"learning_paid_share": 1.2}, "a number from 0 to 1"),
        ({"learning_churn_base_rate": -0.1}, "a number from 0 to 1"),
        ({"learning_days": 60}, "must be at least 62"),
        ({"learning_days": 20}, "no day would have a label"),
        ({"learning_churn_window_days": 120}, "must be below learning_days"),
        (
            {
                "learning_days": 33,
                "learning_churn_window_days": 10,
                "learning_profile": "course",
            },
            "at least 38",
        ),
        ({"learning_experiment_day": 120}, "must be below learning_days"),
        ({"learning_users": 60_000_000, "scale": 2}, "must be at most 67108864"),
        ({"learning_user": 5}, "Did you mean learning_users?"),
    ],
)
def test_bad_settings_are_refused_by_name(
    parsed: Dbt, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        replace(parsed, variables=settings).operation("check_settings", {})


@pytest.fixture(scope="module")
def parsed(diorama: Diorama) -> Dbt:
    dbt = Dbt(Project(ROOT), MEMORY)
    dbt.manifest()
    return dbt


def test_a_refused_build_is_one_line_and_makes_no_file(
    diorama: Diorama, tmp_path: Path
) -> None:
    file = tmp_path / "world.duckdb"
    result = diorama("build", "--world", "learning", "--days", 60, "--database", file)
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "'learning_days' is 60, but must be at least 62" in result.stderr
    assert not file.exists()


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare(
        {"name": "learning", **DIRTY},
        {"name": "learning", **DIRTY, "threads": 1},
        {"name": "learning", **DIRTY, "learning_users": 40},
    )
    return worlds(name="learning", **DIRTY)


def test_threads_do_not_matter(worlds: Worlds, world: World) -> None:
    assert_same(worlds(name="learning", threads=1, **DIRTY), world)


def test_more_users_leave_the_first_ones_as_they_were(
    worlds: Worlds, world: World
) -> None:
    few = worlds(name="learning", **{**DIRTY, "learning_users": 40})
    for relation, key in (
        ("raw.raw_learning__users", "user_id"),
        ("raw.raw_learning__events", "user_id"),
        ("marts.learning__user_features_daily", "user_id"),
        ("truth.truth_learning__churn_labels", "user_id"),
    ):
        assert not surplus(few, world, relation)
        # ids of users that dirt makes up lie far above
        first = f"{key} % 1000000000000 <= 40"
        assert not surplus(world, few, relation, first)


@pytest.mark.slow
def test_a_world_built_in_steps_is_the_world_built_at_once(
    worlds: Worlds, world: World, tmp_path: Path
) -> None:
    early = worlds(name="learning", **DIRTY, as_of=FIRST_DAY)
    assert (
        early.value("select count(distinct as_of_date) from marts.learning__user_daily")
        == 1
    )
    stepped = early.copy(tmp_path / "stepped.duckdb")
    assert_same(stepped.build(settings=DIRTY), world)


def test_the_plain_forms_can_be_restored(worlds: Worlds) -> None:
    plain = worlds(
        name="learning",
        **SMALL,
        learning_order_within_session=False,
        learning_enrol_first=False,
        learning_payment_days=1,
        effect_scale=0,
    )
    events = "staging.stg_learning__events"
    assert (
        plain.value(f"select count(*) from {events} where second(event_time) != 0") == 0
    )
    opened = plain.value(
        f"""
        select avg((kind = 'login')::int) from (
            select min_by(event_type, event_time) as kind from {events}
            group by user_id, event_date
        )
        """
    )
    assert 0.3 < opened < 0.7
    assert plain.value("select count(*) from generate.gen_learning__enrolments") == 0
    paid = f"select distinct day(event_date) from {events} where event_type = 'payment_success'"
    assert plain.rows(paid) == [(1,)]
    changed = (
        "engagement_ppb != treated_engagement_ppb "
        "or churn_day is distinct from treated_churn_day"
    )
    assert (
        plain.value(
            f"select count(*) from generate.gen_learning__users where {changed}"
        )
        == 0
    )


@pytest.mark.slow
def test_the_union_of_the_shards_is_the_world(
    diorama: Diorama, world: World, tmp_path: Path
) -> None:
    whole = with_experiments(world, tmp_path, DIRTY)
    said = json.loads(diorama("fingerprint", "--json", "--database", whole.path).stdout)
    expected = {
        table["name"]: (table["rows"], table["fingerprint"])
        for table in said
        if table["schema"] != "seeds"
    }
    settings = [f"--set={name}={value}" for name, value in DIRTY.items()]
    to = tmp_path / "shards"
    sharded = diorama(
        *("build", "--world", "learning", *settings),
        *("--shards", 2, "--jobs", 2, "--to", to),
    )
    assert sharded.exit_code == 0, sharded.stderr
    tables = json.loads((to / "manifest.json").read_text())["tables"]
    merged = {name: (of["rows"], of["fingerprint"]) for name, of in tables.items()}
    assert merged == {name: expected[name] for name in merged}
    assert {
        "raw_learning__events",
        "learning__training_set",
        "stg_learning__rejects",
        "truth_learning__churn_labels",
    } <= merged.keys()

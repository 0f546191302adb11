"""Every knob does what it says, and a change of one never leaves two worlds mixed."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pytest

from diorama.errors import UsageError
from diorama.project import Project
from diorama.project.settings import check_settings
from feed import USERS
from worlds import ROOT, Dbt, World, Worlds, assert_same, copy_project, surplus

EVENT_TABLES = ("raw.raw_feed__events", "staging.stg_feed__events")


PLAIN = {
    "feed_users": USERS,
    "feed_session_start": "midnight",
    "feed_content_zipf_exponent": 0,
    "feed_fixed_session_minutes": 35,
}
RETURNING = {"feed_users": USERS, "feed_return_probability": 0.5, "feed_pre_days": 14}
HARMFUL = {"feed_users": 200, "feed_novelty_factor": 0, "effect_scale": 5}
SCALED = {"feed_users": USERS // 2, "scale": 2}
UP_TO_EVENTS = ("--select", "+stg_feed__events", "+stg_feed__exposures")


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare({"feed_users": USERS}, PLAIN, RETURNING, HARMFUL)
    return worlds(feed_users=USERS)


# --- knobs ----------------------------------------------------------------------------------------


def test_the_plain_form_can_be_restored(worlds: Worlds) -> None:
    """Sessions from midnight, 35 minutes long, over equally popular cards."""
    plain = worlds(**PLAIN)
    assert plain.rows(
        """
        select distinct started_at = date_trunc('day', started_at), duration_seconds
        from marts.feed__sessions
        """
    ) == [(True, 35 * 60)]
    views, cards, statistic = plain.rows(
        """
        with cards as (
            select content_id, count(*) as views from staging.stg_feed__events
            where content_id is not null group by all
        )
        select sum(views), count(*), sum(views * views) * count(*) / sum(views) - sum(views)
        from cards
        """
    )[0]
    # Pearson's statistic of equal shares: chi-squared with 498 degrees of freedom, mean 498,
    # standard deviation 31.6; five of them
    assert views > 50_000
    assert cards == 499
    assert abs(statistic - 498) < 5 * 31.6


@pytest.fixture(scope="module")
def returning(worlds: Worlds) -> World:
    return worlds(**RETURNING)


def test_users_return_with_the_given_probability(returning: World) -> None:
    """A session on the day of exposure for certain, on every other day with probability 0.5."""
    first_days, users = returning.rows(
        """
        select count_if(days_since_exposure = 0), count(distinct user_id) from marts.feed__sessions
        """
    )[0]
    assert first_days == users
    days, sessions = returning.rows(
        """
        select
            (
                select sum(active_days + 14 - 1) from generate.gen_feed__users
                where not is_churner_if_exposed
            ),
            (
                select count(*) from generate.gen_feed__days
                where not is_churner_if_exposed and day_since_exposure != 0
            )
        """
    )[0]
    # five standard errors of a share of one half
    assert abs(sessions / days - 0.5) < 5 * 0.5 / float(days) ** 0.5


def test_a_pre_period_has_covariates_and_no_treatment(returning: World) -> None:
    first, last, before = returning.rows(
        """
        select min(days_since_exposure), max(days_since_exposure), count_if(days_since_exposure < 0)
        from marts.feed__sessions
        """
    )[0]
    assert first == -14
    assert last > 0
    assert before > 6 * USERS
    assert returning.value(
        "select avg(session_count_before) from marts.feed__uplift_training_set"
    ) == pytest.approx(7, abs=5 * (14 / 4 / USERS) ** 0.5)
    # the same sessions in both arms
    different = returning.rows(
        """
        select user_number, day_since_exposure
        from generate.gen_feed__sessions
        where day_since_exposure < 0
        group by all
        having count(*) != 2 or count(distinct (card_view_count, started_at_ms, length_ms)) != 1
        """
    )
    assert different == []
    # and the exposure comes at the end of it
    assert returning.rows(
        """
        select distinct datediff('day', signup_date, first_exposed_at)
        from intermediate.int_feed__exposures
        join staging.stg_feed__users on unit_id = cast(user_id as varchar)
        """
    ) == [(14,)]


def test_effect_scale_0_is_an_a_a_test(worlds: Worlds, world: World) -> None:
    outcomes = """
        select
            user_number, day_since_exposure, card_view_count, started_at_ms,
            last_view_ms, length_ms
        from generate.gen_feed__sessions where variant
    """
    control, treated = f"({outcomes} = 'control')", f"({outcomes} != 'control')"
    a_a = worlds.without_effect()
    for left, right in ((control, treated), (treated, control)):
        assert a_a.rows(f"{left} except all {right} limit 3") == []
        assert world.rows(f"{left} except all {right} limit 3") != []
    # what happens without treatment is that of the world with effects
    with a_a.connect(world) as connection:
        there = control.replace("generate.", "other.generate.")
        assert (
            connection.execute(f"{control} except all {there} limit 3").fetchall() == []
        )
        assert (
            connection.execute(f"{there} except all {control} limit 3").fetchall() == []
        )


def test_a_harmful_novelty_leaves_single_views(worlds: Worlds) -> None:
    """At the largest scale the rate would fall below zero."""
    assert worlds(**HARMFUL).rows(
        """
        select distinct card_view_count from generate.gen_feed__sessions
        where variant != 'control' and day_since_exposure < 7
        """
    ) == [(1,)]


def assert_same_events(
    worlds: Worlds,
    world: World,
    settings: dict[str, Any],
    other: Collection[str] = (),
) -> World:
    """Settings make the same users, exposures and events, from which all else follows."""
    part = worlds.new(f"part_{len(settings)}").build(*UP_TO_EVENTS, settings=settings)
    prints, expected = part.fingerprints(), world.fingerprints()
    assert {"staging.stg_feed__events", "staging.stg_feed__exposures"} <= prints.keys()
    different = {name for name in prints if prints[name] != expected[name]}
    assert different == set(other)
    return part


def test_scale_multiplies_the_users(worlds: Worlds, world: World) -> None:
    assert_same_events(worlds, world, SCALED)


def test_the_root_key_rebuilds_a_world_without_its_seed(
    worlds: Worlds, world: World
) -> None:
    key = world.value("select root_key from generate.gen__run")
    settings = {"feed_users": USERS, "root_key": key, "seed": 7}
    rebuilt = assert_same_events(worlds, world, settings, {"generate.gen__run"})
    assert rebuilt.rows("from generate.gen__run") == [(7, key)]


# --- rebuild safety -------------------------------------------------------------------------------


def test_a_changed_setting_rebuilds_the_world_whole(
    worlds: Worlds, world: World, tmp_path: Path
) -> None:
    """The incremental tables too, without --full-refresh."""
    changed = world.copy(tmp_path / "changed.duckdb").build(settings=PLAIN)
    assert_same(changed, worlds(**PLAIN))


@pytest.mark.parametrize(
    ("change", "options"),
    [
        pytest.param(
            "update {} set received_at = received_at + interval 1 second",
            ["--full-refresh"],
            id="full refresh",
        ),
        pytest.param("truncate {}", [], id="truncated"),
        pytest.param("delete from {} where hash(event_id) % 2 = 0", [], id="half"),
        pytest.param("--empty", [], id="empty build"),
        pytest.param("--sample=1 day", [], id="sample build"),
    ],
)
def test_event_tables_are_rebuilt_whatever_they_hold(
    worlds: Worlds, tmp_path: Path, change: str, options: list[str]
) -> None:
    """Not only where their settings changed: they say what was asked for, and may hold less."""
    world = worlds(feed_users=USERS)
    settings = {"feed_users": USERS}
    select = ("--select", "+stg_feed__events")
    changed = world.copy(tmp_path / "changed.duckdb")
    if change.startswith("--"):
        changed.build(*select, change, settings=settings)
        # a part of the world on top of it would mix the two
        mart = changed.try_build("--select", "feed__sessions", settings=settings)
        assert not mart.success
        assert "built with --empty or --sample" in mart.log
    else:
        with duckdb.connect(changed.path) as connection:
            for table in EVENT_TABLES:
                connection.execute(change.format(table))
    for table in EVENT_TABLES if change != "--sample=1 day" else []:
        assert surplus(world, changed, table)
    assert_same(changed.build(*select, *options, settings=settings), world)


@pytest.mark.parametrize(
    ("selection", "settings"),
    [
        pytest.param(["feed__sessions"], {"feed_users": 1}, id="a mart"),
        pytest.param(
            ["gen_feed__users+"], {"feed_users": 1}, id="not the parameter tables"
        ),
        pytest.param(["tag:feed"], {"defect_rate": 0.2}, id="not the table of defects"),
        pytest.param(["gen__run"], {"seed": 1}, id="the root key alone"),
        pytest.param(["raw_feed__events"], {"as_of": "2024-09-20"}, id="another as_of"),
    ],
)
def test_a_part_of_a_changed_world_is_refused(
    world: World, tmp_path: Path, selection: list[str], settings: dict[str, Any]
) -> None:
    part = world.copy(tmp_path / "part.duckdb")
    before = part.path.read_bytes()
    result = part.try_build(
        "--select", *selection, settings={"feed_users": USERS} | settings
    )
    assert not result.success
    assert "two worlds would be mixed" in result.log
    assert "dbt build" in result.log
    assert part.path.read_bytes() == before


def test_a_part_of_an_unchanged_world_builds(world: World, tmp_path: Path) -> None:
    part = world.copy(tmp_path / "part.duckdb")
    part.build("--select", "feed__sessions+", settings={"feed_users": USERS})
    assert_same(part, world)


@pytest.mark.slow
def test_a_changed_seed_file_rebuilds_the_world(world: World, tmp_path: Path) -> None:
    """And dbt run, which would not load it, is refused."""
    project = copy_project(tmp_path / "project")
    dbt = Dbt(tmp_path, project)
    segments = project / "seeds" / "feed" / "feed_segments.csv"
    segments.write_text(segments.read_text().replace(",2.0,true", ",20.0,true"))
    settings = {"feed_users": USERS}
    changed = World(world.copy(tmp_path / "changed.duckdb").path, dbt)

    result = dbt("run", database=changed.path, settings=settings)
    assert not result.success
    assert "two worlds would be mixed" in result.log

    changed.build(settings=settings)
    assert_same(changed, World(tmp_path / "new.duckdb", dbt).build(settings=settings))
    views = "select max(card_view_count) from marts.feed__sessions"
    assert changed.value(views) > 30 > world.value(views)


# --- bad input under plain dbt --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"feed_user": 10}, "no setting 'feed_user'. Did you mean feed_users?"),
        ({"feed_users": -1}, "'feed_users' is -1, but must be an integer from 1"),
        ({"feed_users": True}, "'feed_users' is"),
        ({"seed": "abc"}, "'seed' is \"abc\", but must be an integer"),
        ({"defect_rate": 2}, "'defect_rate' is 2, but must be a number from 0 to 0.5"),
        (
            {"as_of": "2024-13-01"},
            "'as_of' is \"2024-13-01\", but must be a date from",
        ),
        ({"as_of": "2024-08-31"}, "before the start of every chosen world"),
        (
            {"feed_min_active_days": 30},
            "'feed_min_active_days' is 30, but must be below feed_days",
        ),
        (
            {"feed_session_start": "x'; drop table users; --"},
            "must be one of hourly, midnight",
        ),
        ({"feed_users": "{{ 10 }}"}, "but must be an integer"),
    ],
    ids=str,
)
def test_bad_settings_are_refused_in_one_clear_line(
    world: World, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    last_good = world.copy(tmp_path / "last_good.duckdb")
    before = last_good.path.read_bytes()
    result = last_good.try_build(settings=settings)
    assert not result.success
    lines = [line for line in result.log.splitlines() if "[usage]" in line]
    assert lines, result.log[-2000:]
    assert message in lines[-1]
    assert last_good.path.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("feed_users: 0", "'feed_users' is 0, but must be an integer from 1"),
        ("feed_user: 1", "no setting 'feed_user'. Did you mean feed_users?"),
        ("diorama: {late_rate: 2}", "'late_rate' is 2, but must be a number from 0"),
    ],
)
def test_settings_in_the_project_file_are_checked(
    tmp_path: Path, given: str, message: str
) -> None:
    project = ROOT / "dbt_project.yml"
    text = project.read_text().replace("\nvars:\n", f"\nvars:\n  {given}\n")
    (tmp_path / "dbt_project.yml").write_text(text)
    (tmp_path / "macros").symlink_to(ROOT / "macros")
    with pytest.raises(UsageError, match=re.escape(message)):
        check_settings(Project(tmp_path), {})


def test_shares_that_do_not_add_up_stop_a_build(world: World, tmp_path: Path) -> None:
    """Before a model is made of them."""
    project = copy_project(tmp_path / "project")
    kinds = project / "seeds" / "defects" / "defect_kinds.csv"
    kinds.write_text(
        kinds.read_text().replace("exact_duplicate,0.25", "exact_duplicate,0.5")
    )
    broken = World(world.copy(tmp_path / "broken.duckdb").path, Dbt(tmp_path, project))
    result = broken.dbt(
        *("build", "--select", "+tag:feed"),
        database=broken.path,
        settings={"feed_users": USERS},
    )
    assert not result.success
    assert "adds_up_to_one" in result.log
    prints, expected = broken.fingerprints(), world.fingerprints()
    different = {name for name in expected if prints[name] != expected[name]}
    assert different == {"seeds.defect_kinds"}

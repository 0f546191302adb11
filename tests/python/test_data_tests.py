"""The data tests of the build find what they are meant to find, and the others run here."""

import re
from pathlib import Path

import duckdb
import pytest

from diorama.engines.dbt import NOT_BUILT
from worlds import World, Worlds


@pytest.fixture(scope="module")
def copied(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("data_tests") / "world.duckdb"
    return worlds.small().copy(path)


def listed(world: World, *arguments: str) -> set[str]:
    kinds = ("--resource-types", "test", "unit_test", "model", "seed")
    result = world.dbt("list", "--quiet", *kinds, *arguments, database=world.path)
    assert result.success, result.log
    return set(result.log.split())


def test_seeds_and_unit_tests_pass(copied: World) -> None:
    """They depend on no setting, so that builds leave them out."""
    chosen = ("--select", "test_type:unit", "path:seeds")
    result = copied.dbt("test", *chosen, database=copied.path)
    assert result.success, result.log[-8000:]


def test_builds_leave_out_just_what_runs_here(copied: World) -> None:
    """And each of them, if only by the default selector."""
    left_out = listed(copied, "--select", "*") - listed(copied)
    alone = ("--indirect-selection", "empty")
    assert left_out == listed(copied, *alone, "--select", *NOT_BUILT)
    assert len(left_out) > 100


NAMES = (
    "well_formed",
    "relationships",
    "equals_staged",
    "equals_rejects",
    "generated_plus_extra",
)
BROKEN = {
    # what is done to the tables: what the test says of it
    """
    insert into staging.stg_feed__users
    select * from staging.stg_feed__users order by user_id limit 1
    """: "found claim: user_id is unique; row_count: 1; first_row: user_id 0",
    """
    update staging.stg_feed__users set signup_date = null
    where user_id in (from staging.stg_feed__users select max(user_id))
    """: "found claim: signup_date is not null; row_count: 1; first_row: user_id f",
    """
    update staging.stg_feed__users set segment = 'newish' where segment = 'power'
    """: "found claim: segment in ('new', 'returning', 'power'); row_count: ",
    """
    update staging.stg_shop__users set user_id = null where user_id = 'user_000007'
    """: "found claim: user_id is not null; row_count: 1; first_row: user_id null;",
    """
    update staging.stg_feed__exposures set assignment_probability = 1.5
    """: "found claim: assignment_probability >= 0 and assignment_probability <= 1; row",
    """
    update staging.stg_learning__events set amount = 0 where amount is not null
    """: "found claim: amount > 0; row_count: ",
    """
    update intermediate.int_search__sessions set session_id = null
    where session_id in (from intermediate.int_search__sessions select max(session_id))
    """: "found claim: session_id is not null; row_count: 1; first_row: session_id null;",
    """
    delete from staging.stg_shop__items where item_id <= 'item_00499'
    """: "relationships stg_shop__events item_id found from_field: item_00",
    """
    update staging.stg_learning__events set course_id = 'none' where event_id in (
        select max(event_id) from staging.stg_learning__events where course_id is not null
    )
    """: "equals_staged gen_learning__events found user_id: ",
    """
    delete from raw.raw_search__exposures
    where unit_id in (from raw.raw_search__exposures select max(unit_id))
    """: "generated_plus_extra raw_search__exposures found expected_count: ",
    """
    update staging.stg_shop__rejects set reject_count = reject_count + 1
    where raw_table = 'raw_shop__items'
    """: "equals_rejects gen_shop__item_defects found reject_reason: ",
}
FOUND = re.compile(r"^\S+  ((?:\w+ )+found .*)$", re.M)


def test_a_broken_table_fails_with_what_is_wrong(
    worlds: Worlds, tmp_path: Path
) -> None:
    world = worlds.small().copy(tmp_path / "world.duckdb")
    chosen = ("--select", *(f"test_name:{name}" for name in NAMES))
    with duckdb.connect(str(world.path)) as connection:
        for statement in BROKEN:
            connection.execute(statement)
    result = world.dbt("test", *chosen, "--exclude", *NOT_BUILT, database=world.path)
    assert not result.success
    lacking = [found for found in BROKEN.values() if found not in result.log]
    assert lacking == [], FOUND.findall(result.log)

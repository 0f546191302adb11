"""The same analysis, to the last bit, whatever the number of threads."""

from pathlib import Path

import duckdb
import pytest

from worlds import World, Worlds, assert_same

# DuckDB hands out work by row groups of 122,880 rows
ROW_GROUP = 122_880


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    """The defaults, built with two threads."""
    return worlds(name=None)


@pytest.mark.parametrize("threads", [pytest.param(1, marks=pytest.mark.slow), 8])
def test_no_thread_count_changes_a_bit(
    world: World, tmp_path: Path, threads: int
) -> None:
    rows = world.value(
        "select count(*) from intermediate.int_experiments__unit_metrics"
    )
    assert rows > 4 * ROW_GROUP
    again = world.copy(tmp_path / "again.duckdb")
    with duckdb.connect(again.path) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where table_name similar to '(experiments|truth)__.*'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"drop table {table}")
    again.build("--select", "tag:experiments", threads=threads)
    assert_same(again, world)

"""The same analysis, to the last bit, whatever the number of threads."""

from pathlib import Path

import duckdb
import pytest

from worlds import World, Worlds

# DuckDB hands out work by row groups of 122,880 rows
ROW_GROUP = 122_880


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    """The defaults, built with two threads."""
    return worlds(name=None)


@pytest.mark.parametrize(
    ("threads", "left"),
    [
        (8, ("--exclude", "tag:monte_carlo+")),
        pytest.param(1, (), marks=pytest.mark.slow),
        pytest.param(8, (), marks=pytest.mark.slow),
    ],
)
def test_no_thread_count_changes_a_bit(
    world: World, tmp_path: Path, threads: int, left: tuple[str, ...]
) -> None:
    """What is left out of `make test` is drawn by the same sums, of more rows."""
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
    again.build("--select", "tag:experiments", *left, threads=threads)
    prints, expected = again.fingerprints(views=False), world.fingerprints(views=False)
    if not left:
        assert prints.keys() == expected.keys()
    assert len(prints) > 50
    assert [name for name in prints if prints[name] != expected[name]] == []

"""The Python API: `diorama.build(world="feed", users=1000)` returns a DuckDB connection."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def build(
    world: str | Sequence[str] = (),
    *,
    users: int | None = None,
    days: int | None = None,
    start_date: str | None = None,
    database: str | Path | None = None,
    threads: int | None = None,
    test: bool = True,
    only: str | None = None,
    **settings: Any,
) -> duckdb.DuckDBPyConnection:
    """Builds and tests worlds and opens the database.

    Args:
        world: World, or several: feed, learning, shop, search; None for all four.
        users: Number of users of each chosen world.
        days: Length of each chosen world in days.
        start_date: First day of each chosen world, YYYY-MM-DD.
        database: Database file, which changes only if everything succeeds; None for a
            temporary one that is removed when Python exits.
        threads: Number of threads that DuckDB may use.
        test: Whether to run data tests.
        only: Build only this layer and what it depends on: raw, staging, marts, experiments
            or truth.
        **settings: Any setting of `diorama list --settings`, such as seed=7 or defect_rate=0.05.

    Returns:
        A read-only DuckDB connection to the database, with tables such as
        `raw.raw_feed__events`.

    Raises:
        DioramaError: The build failed, or a setting is wrong (UsageError).
    """
    import duckdb

    from diorama.engines.build import BuildRequest
    from diorama.engines.build import build as build_database
    from diorama.engines.selection import Layer
    from diorama.project import find_project
    from diorama.project.settings import collect_settings
    from diorama.worlds import take_file, variables_of

    project = find_project()
    given = [world] if isinstance(world, str) else list(world)
    worlds, declared = take_file(given)
    project.check_worlds(worlds)
    of_worlds = {"users": users, "days": days, "start_date": start_date}
    variables = collect_settings(
        project,
        worlds,
        {name: None if of is None else str(of) for name, of in of_worlds.items()},
        of_all={},
        assignments=[f"{name}={_text(of)}" for name, of in settings.items()],
    )
    path = _temporary() if database is None else Path(database).expanduser().resolve()
    variables = variables_of(declared, variables, worlds, path)
    request = BuildRequest(
        worlds,
        [],
        [],
        variables,
        threads,
        full_refresh=False,
        quiet=True,
        only=[Layer(only)] if only else [],
        has_tests=test,
    )
    build_database(project, path, request)
    return duckdb.connect(path, read_only=True)


def _temporary() -> Path:
    """A database file that is removed when Python ends."""
    directory = Path(tempfile.mkdtemp(prefix="diorama-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory / "diorama.duckdb"


def _text(value: Any) -> str:
    """A value as `--set` takes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)

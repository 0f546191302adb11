"""The database file: checks that it can be used, copies it, renames it into place."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from diorama.errors import DioramaError, UsageError, explain

if TYPE_CHECKING:
    import duckdb

# The format of database files, as in `profiles/profiles.yml`: DuckDB 1.4 and 1.5 read it.
STORAGE_VERSION = "v1.4.0"


def check_place(path: Path) -> None:
    """Refuses a path at which DuckDB would look for another file.

    Args:
        path: Path of a database, or of a directory to build one in.

    Raises:
        UsageError: It has a question mark, behind which DuckDB expects parameters of a URL.
    """
    if "?" in str(path):
        raise UsageError(
            f"{path}: DuckDB reads what follows a ? in a path as parameters. "
            "Give a place without one."
        )


def check_openable(path: Path, log: str) -> None:
    """Opens and closes a database, so that problems show before any work.

    Opening it for writing also checks that no other process holds it, and closing it merges the
    write-ahead log into the file.

    Args:
        path: The file.
        log: The log file with the details of an error.

    Raises:
        DioramaError: It is held by another process, is no database, or cannot be read.
    """
    import duckdb

    try:
        duckdb.connect(path).close()
    except (duckdb.Error, OSError) as error:
        problem = explain(str(error), log)
        raise type(problem)(f"{path}: {problem}") from error


def write_ahead_log(path: Path) -> Path:
    """Path of a database's write-ahead log."""
    return path.with_name(path.name + ".wal")


Identity = tuple[tuple[int, int, int] | None, ...]


def identity(path: Path) -> Identity:
    """A value that changes whenever a file or its write-ahead log is written or replaced."""

    def of(file: Path) -> tuple[int, int, int] | None:
        if not file.exists():
            return None
        status = file.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    return of(path), of(write_ahead_log(path))


def copy_database(path: Path, copy: Path) -> None:
    """Copies a database file with its permissions, converting newer formats to the current one.

    Args:
        path: The file.
        copy: The new file.

    Raises:
        DioramaError: The disk is full, or another error of the system.
    """
    import duckdb

    try:
        if _storage_version(path) <= _version_number(STORAGE_VERSION):
            shutil.copy(path, copy)
            return
        with duckdb.connect(
            config={"storage_compatibility_version": STORAGE_VERSION}
        ) as connection:
            connection.execute(f"attach {quote(path)} as old_file (read_only)")
            connection.execute(f"attach {quote(copy)} as new_file")
            connection.execute("copy from database old_file to new_file")
        shutil.copymode(path, copy)
    except (duckdb.Error, OSError) as error:
        raise explain(str(error), str(path)) from error


def quote(path: Path) -> str:
    """A path as a text literal of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def _storage_version(path: Path) -> tuple[int, ...]:
    import duckdb

    with duckdb.connect(path, read_only=True) as connection:
        tags = connection.execute(
            "select tags from duckdb_databases() where path is not null"
        ).fetchone()
    return _version_number(tags[0]["storage_version"] if tags else STORAGE_VERSION)


def _version_number(text: str) -> tuple[int, ...]:
    """Parses a storage version such as v1.4.0 or v1.4.0+."""
    return tuple(int(part) for part in text.strip("v+").split("."))


def put_in_place(finished: Path, path: Path, seen: Identity, log: str) -> None:
    """Renames a finished database into place; open readers keep reading the old file.

    Args:
        finished: The new file.
        path: Its destination.
        seen: The `identity` of the old file when the work began, after it was opened once.
        log: The log file with the details of an error.

    Raises:
        DioramaError: Another process changed the old file meanwhile; replacing it would lose that.
    """
    check_openable(finished, log)
    if identity(path) != seen:
        raise DioramaError(
            f"{path} was changed by another process during this build, "
            "which was discarded. Run it again."
        )
    # one that is still there after the old file was opened and closed has nothing for it
    write_ahead_log(path).unlink(missing_ok=True)
    os.replace(finished, path)


def hide_progress(connection: "duckdb.DuckDBPyConnection") -> None:
    """Turns DuckDB's own progress bar off.

    In a notebook without ipywidgets there is none, and DuckDB refuses to set it at all.
    """
    import duckdb

    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar = false")

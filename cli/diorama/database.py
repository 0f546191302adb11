"""The database file: opened for a moment to see whether it can be used, copied, put in place."""

import os
import shutil
from pathlib import Path

from diorama.errors import DioramaError, explain


def check_openable(path: Path, log: str, read_only: bool) -> None:
    """Opens and closes a database, so that a problem shows before any work.

    Opening it for writing also sees that nobody else holds it, and on closing brings the file up to
    date with its write-ahead log.

    Args:
        path: The file.
        log: Where the whole story of an error can be read.
        read_only: Whether others may read it at the same time.

    Raises:
        DioramaError: It is held by another process, is no database, or cannot be read.
    """
    import duckdb

    try:
        duckdb.connect(path, read_only=read_only).close()
    except (duckdb.Error, OSError) as error:
        problem = explain(str(error), log)
        raise type(problem)(f"{path}: {problem}") from error


def require_database(path: Path, log: str) -> None:
    """Checks that a database is there to be read.

    Args:
        path: The file.
        log: Where the whole story of an error can be read.

    Raises:
        DioramaError: There is none, or it cannot be opened.
    """
    if not path.is_file():
        raise DioramaError(
            f"There is no database at {path}. Make one with `diorama build`."
        )
    check_openable(path, log, read_only=True)


def write_ahead_log(path: Path) -> Path:
    """The file beside a database that holds what is not yet in it."""
    return path.with_name(path.name + ".wal")


def identity(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever a file is written or replaced; None where there is no file."""
    if not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def copy_database(path: Path, copy: Path) -> None:
    """Copies a database file with its permissions.

    Args:
        path: The file.
        copy: The new file.

    Raises:
        DioramaError: The disk is full, or another error of the system.
    """
    try:
        shutil.copy(path, copy)
    except OSError as error:
        raise explain(str(error), str(path)) from error


def put_in_place(
    finished: Path, path: Path, seen: tuple[int, int, int] | None, log: str
) -> None:
    """Renames a finished database to its place; readers of the old one keep reading the old one.

    Args:
        finished: The new file.
        path: Its place.
        seen: The identity of the file there when the work began.
        log: Where the whole story of an error can be read.

    Raises:
        DioramaError: Another process changed the old file in the meantime: its work would be lost.
    """
    check_openable(finished, log, read_only=False)
    if identity(path) != seen or write_ahead_log(path).exists():
        raise DioramaError(
            f"{path} was changed by another process during this build, "
            "which was thrown away. Run it again."
        )
    os.replace(finished, path)

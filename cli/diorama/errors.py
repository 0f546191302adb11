"""Errors that end a command with one clear line and an exit code."""

import difflib
import errno
import re
from collections.abc import Iterable


class DioramaError(Exception):
    """A failure: says what happened and what to do next. Exit code 1."""

    exit_code = 1


class UsageError(DioramaError):
    """Wrong usage: an unknown name, or options that do not fit together. Exit code 2."""

    exit_code = 2


FULL_DISK = "The disk is full. Free some space, or give another place."
CAUSES = {
    r"No space left on device|Errno 28|disk full|File too large|max_temp_directory_size": (
        FULL_DISK
    ),
    r"not a valid DuckDB database": (
        "The file is not a DuckDB database. Give another file with --database."
    ),
    r"database file with version number": (
        "The database was written by another version of DuckDB. "
        "Remove the file, or give another with --database."
    ),
    r"WAL does not match|replaying WAL": (
        "The .wal file beside the database is not of this database, or is damaged. "
        "Move it away, then run this again."
    ),
    r"Out of Memory|failed to (?:allocate|pin)": (
        "DuckDB ran out of memory. Set DIORAMA_MEMORY_LIMIT (such as 6GB), "
        "or build fewer users or with fewer --threads."
    ),
}


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that suggests the known name closest to a given one; empty if none is close."""
    names = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), list(names), n=1)
    return f" Did you mean {names[found[0]]}?" if found else ""


def explain(text: str, log: str | None = None) -> DioramaError:
    """Turns the text of an error of dbt or DuckDB into an error that a person can act on.

    Args:
        text: The full error text.
        log: The log file with the details, if the text is not all of them.

    Returns:
        A usage error where a macro raised one (`raise_usage_error`), else a failure.
    """
    usage = re.search(r"\[usage\] (.*)", text)
    if usage:
        return UsageError(usage[1].strip())
    data = re.search(r"\[data\] (.*)", text)
    cause = data[1].strip() if data else known_cause(text)
    if cause:
        return DioramaError(cause)
    more = f" Details are in {log}." if log else ""
    return DioramaError(f"{headline(text).rstrip('.')}.{more}")


def known_cause(text: str) -> str | None:
    """Explains an error that users can fix themselves, and how.

    Args:
        text: The text of an error of dbt, DuckDB or the system.

    Returns:
        One line, or None for an unknown cause.
    """
    if "Could not set lock on file" in text:
        holder = re.search(
            r"Conflicting lock is held in (.*?)(?:\.? See also|\.? However|$)",
            text,
            re.MULTILINE,
        )
        by = f" ({holder[1].strip().rstrip('.')})" if holder else ""
        return (
            f"The database is in use by another process{by}. "
            "Close it there, then run this again."
        )
    for pattern, cause in CAUSES.items():
        if re.search(pattern, text, re.IGNORECASE):
            return cause
    if "Permission denied" in text or "Read-only file system" in text:
        return f"{headline(text)}. Give a place that can be written."
    return None


def of_system(error: OSError) -> DioramaError:
    """Turns an unexpected error of the operating system into one line.

    Args:
        error: The error, such as that of a file name of 300 characters.

    Returns:
        An error that names the file and what is wrong with it.
    """
    place = f"{error.filename}: " if error.filename is not None else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DioramaError(f"{place}{FULL_DISK}")
    return DioramaError(f"{place}{error.strerror or error}. Give another place.")


def headline(text: str) -> str:
    """The most telling line of an error: the first that is not merely a location.

    Args:
        text: The whole text.

    Returns:
        That line, or all of a text of one line.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [
        line
        for line in lines
        if not re.match(r"Encountered an error|\w+ Error( in .*)?$", line)
    ]
    return (telling or lines or ["dbt failed without a message"])[0]

"""`diorama report`: writes a report of the database as one HTML file."""

import os
import webbrowser
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from diorama import __version__
from diorama.errors import DioramaError, UsageError, explain
from diorama.files.scratch import check_writable
from diorama.project import Project
from diorama.ui.terminal import format_bytes, narrate


@dataclass(frozen=True)
class ReportRequest:
    """A request to write a report.

    Attributes:
        to: The file to write.
        worlds: The worlds; empty for all.
        must_open: Whether to open it in the browser.
        quiet: Whether only errors are shown.
    """

    to: Path
    worlds: list[str]
    must_open: bool
    quiet: bool


def write_report(project: Project, path: Path, request: ReportRequest) -> None:
    """Writes the report; an earlier file is replaced only when the new one is complete.

    Args:
        project: The project.
        path: The database file.
        request: What to report.

    Raises:
        DioramaError: There is nothing to report, or the file cannot be written.
    """
    check_place(request.to)
    from diorama.project.catalogue import open_database
    from diorama.report.assembly import Assembly
    from diorama.report.page import render
    from diorama.report.summary import summary

    # of whatever tables are there, also of those that diorama did not write
    with open_database(path, is_needed=False) as catalogue:
        connection = catalogue.connection
        assembly = Assembly(project, connection, request.worlds, request.quiet)
        sections, absent = assembly.sections()
    origin = {
        "database": path.name,
        "diorama": __version__,
        "DuckDB": version("duckdb"),
    }
    cache = project.cache / "report"
    page = render(
        sections, absent, origin, cache, assembly.has_truth, summary(sections)
    )
    _write(request.to, page)
    if not request.quiet:
        figures = sum(
            len(part.figures) for section in sections for part in section.parts
        )
        size = format_bytes(len(page.encode()))
        narrate(f"{figures} figures in {request.to} ({size}).")
        for line in absent:
            narrate(line)
    if request.must_open:
        webbrowser.open(request.to.as_uri())


def check_place(to: Path, option: str = "--to") -> None:
    """Checks, before any work, that a file can be written.

    Args:
        to: The file.
        option: The option that names it.

    Raises:
        DioramaError: It is a directory, or its directory does not exist.
    """
    if to.is_dir():
        raise UsageError(
            f"{to} is a directory. Give a file with {option}, such as report.html."
        )
    if not to.parent.is_dir():
        raise DioramaError(
            f"{to.parent} is not a directory. Make it with mkdir -p, or give another place with "
            f"{option}."
        )
    check_writable(to.parent, option)


def _write(to: Path, page: str) -> None:
    """Writes the file beside its destination and renames it, so that it is never seen half done."""
    unfinished = to.with_name(f".{to.name}.{os.getpid()}.building")
    try:
        unfinished.write_text(page, encoding="utf-8")
        os.replace(unfinished, to)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise explain(str(error), str(to)) from error

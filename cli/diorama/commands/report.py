"""`diorama report`: writes a report of the database as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from diorama.commands import Database, Quiet, Worlds, app


@app.command(
    "report",
    short_help="Write a report of the database as one HTML file.",
    help=(
        "Example: [bold]diorama report --to report.html --open[/bold]\n\n"
        "Writes a report of the database as one self-contained HTML file: volumes, retention, "
        "funnels, training sets, and each experiment's estimates beside the true effects."
    ),
)
def report_command(
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="HTML file to write.")
    ] = Path("report.html"),
    world: Worlds = None,
    database: Database = None,
    must_open: Annotated[
        bool, typer.Option("--open", help="Open the report in the browser.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Writes a report of the database."""
    from diorama.project import find_project
    from diorama.report import ReportRequest, write_report

    project = find_project()
    project.check_worlds(world or [])
    request = ReportRequest(to.expanduser().resolve(), world or [], must_open, quiet)
    write_report(project, project.database(database), request)

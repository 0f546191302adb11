"""`diorama check`: validates files."""

from pathlib import Path
from typing import Annotated

import typer

from diorama.commands import AsJson, Quiet, app


@app.command(
    "check",
    short_help="Hold files against the gates of the learning world.",
    help=(
        "Example: [bold]diorama check exports[/bold]\n\n"
        "Holds files of the learning world, exported or foreign, against its gates: "
        "one line per broken gate on stdout, and exit code 1. Defects of raw files "
        "are only counted where the cleaned files are there as well."
    ),
)
def check_command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Directory of the files.")
    ],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Holds files against the gates."""
    from diorama.files.check import check
    from diorama.project import find_project

    check(find_project(), directory.expanduser().resolve(), as_json, quiet)

"""`diorama fit`: fits the file of a world to an event table."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diorama.commands import Quiet, app
from diorama.errors import UsageError
from diorama.ui.terminal import narrate, print_table

if TYPE_CHECKING:
    from diorama.worlds.fit import Draft
    from diorama.worlds.fit.check import Row


@app.command(
    "fit",
    short_help="Fit a world to your own events.",
    help=(
        "Example: [bold]diorama fit events.parquet --unit user_id --time ts --event name "
        "--to coffee.yml[/bold]\n\n"
        "Fits a world to your event table and writes its file (YAML): sign-ups, retention, "
        "sessions, transitions between events, properties. The file holds only aggregates of "
        "many users. Prints what it cannot reproduce. `diorama build --world coffee.yml` then "
        "builds the world."
    ),
)
def fit_command(
    events: Annotated[
        str,
        typer.Argument(
            metavar="EVENTS",
            help="Parquet, CSV or JSON file, or a table (file.duckdb:schema.table), one row "
            "per event.",
        ),
    ],
    unit: Annotated[str, typer.Option(metavar="COLUMN", help="User id column.")],
    time: Annotated[
        str,
        typer.Option(
            metavar="COLUMN", help="Event time column (UTC unless it has an offset)."
        ),
    ],
    event: Annotated[str, typer.Option(metavar="COLUMN", help="Event name column.")],
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file to write (YAML).")],
    session: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Session id column. Default: a new session after 30 minutes of inactivity.",
        ),
    ] = None,
    items: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN[:EVENT,…]",
            help="Item id column, and the events that refer to an item; repeatable.",
        ),
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="User segment column. Default: segments by activity.",
        ),
    ] = None,
    segments: Annotated[
        int,
        typer.Option(
            min=1,
            max=12,
            metavar="N",
            help="Number of segments by activity; 1 for none.",
        ),
    ] = 3,
    min_users: Annotated[
        int,
        typer.Option(
            min=1,
            max=1_000_000,
            metavar="N",
            help="Smallest number of users behind any figure; smaller groups are merged.",
        ),
    ] = 20,
    no_check: Annotated[
        bool,
        typer.Option(
            "--no-check",
            help="Skip the comparison with the last quarter of the days, held out.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Fits a world to an event table."""
    import tempfile

    from diorama.project import find_project
    from diorama.project.catalogue import connected
    from diorama.worlds.file import load_world
    from diorama.worlds.fit import Columns, FitRequest, fit, fit_counts
    from diorama.worlds.fit.check import check

    about: dict[str, list[str]] = {}
    for each in items or []:
        column, _, names = each.partition(":")
        if not column or column in about:
            raise UsageError(
                f"--items is '{each}', but must be COLUMN or COLUMN:EVENT,EVENT, each once."
            )
        about[column] = [name.strip() for name in names.split(",") if name.strip()]
    if to.suffix.lower() not in (".yml", ".yaml"):
        raise UsageError(
            f"--to is {to}, but must be a file of YAML, such as coffee.yml."
        )
    place = to.expanduser().resolve()
    if not place.parent.is_dir():
        raise UsageError(f"There is no directory {to.parent} for --to. Make it first.")
    request = FitRequest(
        events,
        Path.cwd(),
        Columns(unit, time, event, session, segment, about),
        min_users,
        segments,
        to.stem[:60].strip() or "fitted",
    )
    with tempfile.TemporaryDirectory() as scratch, connected(scratch) as connection:
        draft = fit(connection, request)
        unfinished = Path(scratch) / place.name
        unfinished.write_text(
            draft.text(f"Fitted to {Path(events).name}."), encoding="utf-8"
        )
        load_world(unfinished)
        shutil.copy(unfinished, place)
        if not quiet:
            _tell(draft, to)
        if not no_check:
            said, rows = check(
                connection,
                Path(scratch),
                find_project(),
                request,
                lambda counts: fit_counts(counts, request.world),
            )
            if not quiet:
                _show(said, rows)
    if not quiet:
        narrate(f"Next: diorama build --world {shlex.quote(str(to))} --plan")


def _tell(draft: Draft, to: Path) -> None:
    for sentence in draft.notes:
        narrate(sentence)
    if draft.limits:
        narrate("What the file cannot reproduce:", style="bold")
        for sentence in draft.limits:
            narrate(f"  {sentence}")
    narrate(f"{to} is written.")


def _show(said: str, rows: list[Row]) -> None:
    """Prints the comparison with the held-out days and names what differs."""
    if not rows:
        narrate("There are too few days to hold some out for a comparison.")
        return
    cells: list[list[str]] = []
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            cells.append([section])
        cells.append(row.cells)
    print_table(
        said, ["", "data", "world", "difference"], cells, right=["data", "world"]
    )
    far = [f"{row.section}: {row.name}" for row in rows if row.is_far]
    if far:
        narrate("Differing by more than 10 % and by more than 3 standard errors:")
        for name in far:
            narrate(f"  {name}")
    else:
        narrate(
            "No figure differs by more than 10 % and by more than 3 standard errors."
        )

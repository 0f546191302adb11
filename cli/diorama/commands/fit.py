"""`diorama fit`: an event table to the file of a world."""

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
        "Reads an event table and writes the file of a world that is like it: sign-ups, retention, "
        "sessions, what follows what, properties. Only aggregates of many users leave the table. "
        "Says what the file cannot reproduce. `diorama build --world coffee.yml` builds the world."
    ),
)
def fit_command(
    events: Annotated[
        str,
        typer.Argument(
            metavar="EVENTS",
            help="A file of Parquet, CSV or JSON, or a table (file.duckdb:schema.table).",
        ),
    ],
    unit: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the user.")],
    time: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the moment.")],
    event: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of the event's name.")
    ],
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file to write (YAML).")],
    session: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Column of the session. Default: a pause of 30 minutes begins one.",
        ),
    ] = None,
    items: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN[:EVENT,…]",
            help="Column of an item, and the events that are about one; repeatable.",
        ),
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Column of a kind of user. Default: by activity."
        ),
    ] = None,
    segments: Annotated[
        int,
        typer.Option(min=1, max=12, help="Segments by activity; 1 for none."),
    ] = 3,
    min_users: Annotated[
        int,
        typer.Option(
            min=1, max=1_000_000, help="Cells of fewer users are merged with others."
        ),
    ] = 20,
    no_check: Annotated[
        bool,
        typer.Option(
            "--no-check",
            help="Compare no world of the first days with the last ones.",
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
    """Shows the comparison, and names what differs."""
    if not rows:
        narrate("There are too few days to hold some out and compare.")
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
        narrate("The world differs by more than a tenth, and more than by chance, in")
        for name in far:
            narrate(f"  {name}")
    else:
        narrate("No figure differs by more than a tenth, and more than by chance.")

"""`diorama fit`: an event table to the file of a world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diorama.commands import Quiet, app
from diorama.errors import UsageError
from diorama.ui.terminal import narrate


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
    quiet: Quiet = False,
) -> None:
    """Fits a world to an event table."""
    import tempfile

    from diorama.project.catalogue import connected
    from diorama.worlds.file import load_world
    from diorama.worlds.fit import Columns, FitRequest, fit

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
    if not to.expanduser().resolve().parent.is_dir():
        raise UsageError(f"There is no directory {to.parent} for --to. Make it first.")
    request = FitRequest(
        events,
        Path.cwd(),
        Columns(unit, time, event, session, segment, about),
        min_users,
        segments,
        to.stem,
    )
    with tempfile.TemporaryDirectory() as scratch, connected(scratch) as connection:
        draft = fit(connection, request)
    to.expanduser().write_text(
        draft.text(f"Fitted to {Path(events).name}."), encoding="utf-8"
    )
    load_world(to.expanduser())
    if quiet:
        return
    for sentence in draft.notes:
        narrate(sentence)
    if draft.limits:
        narrate("What the file cannot reproduce:", style="bold")
        for sentence in draft.limits:
            narrate(f"  {sentence}")
    narrate(f"Next: diorama build --world {to} --plan")

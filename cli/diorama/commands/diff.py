"""`diorama diff`: compares two databases or exports."""

from pathlib import Path
from typing import Annotated, Any

import typer

from diorama.commands import AsJson, Quiet, Worlds, app
from diorama.errors import DioramaError
from diorama.ui.completion import complete_model
from diorama.ui.terminal import (
    format_count,
    narrate,
    print_json,
    print_line,
    print_table,
)


@app.command(
    "diff",
    short_help="Compare two databases or exports.",
    help=(
        "Example: [bold]diorama diff exports[/bold], or [bold]diorama diff old.duckdb "
        "new.duckdb[/bold]\n\n"
        "Compares two databases or exports, table by table: number of rows and a content "
        "fingerprint and, where they differ, how many rows only one side has and the first "
        "of them by key. A database and an export are compared on the exported columns. Exit "
        "code 0 if all rows are equal, else 1."
    ),
)
def diff_command(
    left: Annotated[
        Path,
        typer.Argument(metavar="A", help="Database file, or directory of an export."),
    ],
    right: Annotated[
        Path | None,
        typer.Argument(
            metavar="B",
            help="The other one. Default: the database, as with --database elsewhere.",
        ),
    ] = None,
    world: Worlds = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="Only this table; repeatable.",
            autocompletion=complete_model,
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compares two databases or exports."""
    from diorama.files.diff import compare
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    places = left.expanduser().resolve(), project.database(right)
    records = compare(*places, world or [], table or [])
    is_equal = all(record["status"] == "equal" for record in records)
    if as_json:
        sides = dict(zip(("left", "right"), map(str, places), strict=True))
        print_json({**sides, "equal": is_equal, "tables": records})
    elif not quiet:
        _print(records, *places)
    if not is_equal:
        count = sum(record["status"] != "equal" for record in records)
        raise DioramaError(f"{count} of {len(records)} tables differ.")
    if not quiet:
        narrate("All rows are equal.")


def _print(records: list[dict[str, Any]], left: Path, right: Path) -> None:
    rows = []
    for record in records:
        counts = [record[side] or {} for side in ("left", "right")]
        rows.append(
            [
                record["table"],
                *(format_count(count.get("rows")) for count in counts),
                *(count.get("fingerprint", "") for count in counts),
                record["status"],
            ]
        )
    header = ["table", "rows in A", "rows in B", "fingerprint A", "fingerprint B", ""]
    print_table(
        f"A is {left}, B is {right}",
        header,
        rows,
        right=["rows in A", "rows in B"],
    )
    for record in records:
        for line in _told(record):
            print_line(line)


def _told(record: dict[str, Any]) -> list[str]:
    """What is different about a table, in lines."""
    if record["status"] == "other columns":
        lines = []
        for side, name in (("left_columns", "A"), ("right_columns", "B")):
            if record[side]:
                lines.append(f"Only {name} has columns: {', '.join(record[side])}")
        return ["", f"{record['table']}", *[f"  {line}" for line in lines]]
    if record["status"] != "different":
        return []
    left, right = record["first"]["left"], record["first"]["right"]
    key = record["key"] or list(left or right)
    named = ", ".join(f"{name}={_shown((left or right)[name])}" for name in key)
    lines = [
        "",
        record["table"],
        f"  rows only in A: {record['only_left']:,}; only in B: {record['only_right']:,}",
        f"  first: {named}",
    ]
    if left and right:
        for name in left:
            if left[name] != right[name]:
                lines.append(
                    f"    {name}: {_shown(left[name])} | {_shown(right[name])}"
                )
    else:
        lines.append(f"    only in {'A' if left else 'B'}")
    return lines


def _shown(value: str | None) -> str:
    return "null" if value is None else value

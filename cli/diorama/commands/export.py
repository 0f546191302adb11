"""`diorama export`: writes tables to files."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diorama.commands import AsJson, Database, Quiet, Worlds, app
from diorama.files.formats import Compression, Format, Layout
from diorama.ui.completion import complete_model
from diorama.ui.terminal import (
    format_bytes,
    format_count,
    narrate,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from diorama.files.export_manifest import ExportedFile


@app.command(
    "export",
    short_help="Write tables to files.",
    help=(
        "Example: [bold]diorama export --to exports --format csv --table "
        "feed/events[/bold]\n\n"
        "Writes tables to files, and manifest.json beside them: settings, versions, "
        "rows and a fingerprint of each file's content. Without --table: every table "
        "that has an export name. Rows are in the order of the table's key."
    ),
)
def export_command(
    to: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Directory to write to; made if missing."),
    ],
    format: Annotated[Format, typer.Option(help="File format.")] = Format.parquet,
    world: Worlds = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE",
            help="Only this table, such as feed/events or a model's name; repeatable.",
            autocompletion=complete_model,
        ),
    ] = None,
    partition_by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="One folder COLUMN=value per value, or per day of a timestamp; at most 2000. "
            "Each is one scan of the table, so dates are the sensible choice.",
        ),
    ] = None,
    compression: Annotated[
        Compression | None,
        typer.Option(help="Default: zstd for Parquet, none for CSV and JSONL."),
    ] = None,
    all_columns: Annotated[
        bool,
        typer.Option(
            "--all-columns", help="Every column, not only the documented ones."
        ),
    ] = False,
    floats: Annotated[
        bool,
        typer.Option(
            "--floats",
            help="Decimals, such as prices, as doubles, for which pandas has numbers.",
        ),
    ] = False,
    no_latent: Annotated[
        bool,
        typer.Option(
            "--no-latent",
            help="Without the latent columns that some documented files have, such as "
            "engagement_score.",
        ),
    ] = False,
    no_sort: Annotated[
        bool,
        typer.Option(
            "--no-sort",
            help="Rows in any order: faster and with less memory where a table is large.",
        ),
    ] = False,
    layout: Annotated[
        Layout,
        typer.Option(
            help="lake puts raw tables in <world>/raw, all others in <world>/processed."
        ),
    ] = Layout.plain,
    version_dir: Annotated[
        bool,
        typer.Option(
            "--version-dir",
            help="Write to DIR/<version>, named by a fingerprint of the content: the same "
            "rows, the same directory.",
        ),
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Writes tables to files."""
    from diorama.files.export import ExportRequest, export
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    request = ExportRequest(
        directory=to.expanduser().resolve(),
        format=format,
        compression=compression,
        worlds=world or [],
        tables=table or [],
        partition_by=partition_by,
        all_columns=all_columns,
        as_floats=floats,
        has_latent=not no_latent,
        is_sorted=not no_sort,
        layout=layout,
        is_versioned=version_dir,
        quiet=quiet,
    )
    directory, manifest, files = export(project, project.database(database), request)
    if as_json:
        print_json({"directory": str(directory), **manifest})
    elif not quiet:
        _print(directory, files)


def _print(directory: Path, files: list[ExportedFile]) -> None:
    rows = []
    for _, group in groupby(files, key=lambda file: file.table):
        first, *others = of_table = list(group)
        shown = str(first.path)
        if others:
            shown = f"{first.path.parents[1]}/ ({len(of_table)} files)"
        row_count = sum(file.rows for file in of_table)
        size = sum(file.bytes for file in of_table)
        rows.append([shown, format_count(row_count), format_bytes(size)])
    print_table(
        f"Written to {directory}",
        ["file", "rows", "size"],
        rows,
        right=["rows", "size"],
    )
    narrate("")
    narrate(
        f"Settings, versions and fingerprints are in {directory / 'manifest.json'}."
    )

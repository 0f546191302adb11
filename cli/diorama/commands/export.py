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
        "Writes tables to files, sorted by the table's key, and a manifest.json with settings, "
        "versions, number of rows and a content fingerprint of each file. Without --table: "
        "every table with an export name, which are raw and cleaned events, marts and training "
        "sets."
    ),
)
def export_command(
    to: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Directory to write to; created if missing."),
    ],
    format: Annotated[
        Format,
        typer.Option(
            help="File format; duckdb and ducklake: all tables in one database, diorama.duckdb "
            "or diorama.ducklake (DuckDB's extension ducklake has to be installed)."
        ),
    ] = Format.parquet,
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
            help="Write one folder COLUMN=value per value (of a timestamp: per day), at most "
            "2000. Every folder costs a scan of the table: choose a date.",
        ),
    ] = None,
    compression: Annotated[
        Compression | None,
        typer.Option(
            help="Compression. Default: zstd for Parquet, none for CSV and JSONL."
        ),
    ] = None,
    all_columns: Annotated[
        bool,
        typer.Option(
            "--all-columns",
            help="Write every column, also those outside the documented file layout, such as "
            "received_at.",
        ),
    ] = False,
    floats: Annotated[
        bool,
        typer.Option(
            "--floats",
            help="Write decimals, such as prices, as doubles, which pandas reads as numbers.",
        ),
    ] = False,
    no_latent: Annotated[
        bool,
        typer.Option(
            "--no-latent",
            help="Leave out latent columns, such as engagement_score, that some documented "
            "files have.",
        ),
    ] = False,
    no_sort: Annotated[
        bool,
        typer.Option(
            "--no-sort",
            help="Do not sort the rows: faster, and needs less memory for large tables.",
        ),
    ] = False,
    sort_by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Sort rows by this column first, where a table has it: engines then skip row "
            "groups of Parquet files that a filter on it excludes.",
        ),
    ] = None,
    layout: Annotated[
        Layout,
        typer.Option(
            help="Folders: plain is <world>/; lake is <world>/raw and <world>/processed."
        ),
    ] = Layout.plain,
    version_dir: Annotated[
        bool,
        typer.Option(
            "--version-dir",
            help="Write to DIR/<version>, named by a fingerprint of the content, so that equal "
            "rows go to the same directory.",
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
        sort_by=sort_by,
        layout=layout,
        is_versioned=version_dir,
        quiet=quiet,
    )
    directory, manifest, files = export(project, project.database(database), request)
    if as_json:
        print_json({"directory": str(directory), **manifest})
    elif not quiet and format.is_database:
        rows = sum(file.rows for file in files)
        narrate(
            f"{len(files)} tables with {format_count(rows)} rows are in "
            f"{directory / manifest['database']}."
        )
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

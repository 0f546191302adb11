"""The command line: reads options and hands them on."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import click
import typer
from typer.core import TyperGroup

from diorama import __version__
from diorama.errors import DioramaError, UsageError
from diorama.export import Compression, Format, Layout
from diorama.terminal import narrate, print_line


class Commands(TyperGroup):
    """Ends a command that raises DioramaError with one line and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except DioramaError as error:
            narrate(f"Error: {error}", style="red")
            raise typer.Exit(error.exit_code) from error


class Target(StrEnum):
    """The engines that a world can be built on."""

    duckdb = "duckdb"
    spark = "spark"
    spark_connect = "spark_connect"
    spark_thrift = "spark_thrift"
    sail = "sail"


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Worlds = Annotated[
    list[str] | None,
    typer.Option("--world", metavar="WORLD", help="Only this world; repeatable."),
]
Database = Annotated[
    Path | None,
    typer.Option(
        help="Database file. Default: DIORAMA_DATABASE, else diorama.duckdb in the project."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        print_line(f"diorama {__version__}")
        raise typer.Exit


@app.callback(
    help=(
        "Example: [bold]diorama build --users 2000[/bold], then [bold]diorama export "
        "--to exports[/bold]\n\n"
        "Builds synthetic product worlds in SQL, with the truth attached, in one DuckDB "
        "file."
    )
)
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Options of all commands."""


@app.command(
    "build",
    help=(
        "Example: [bold]diorama build --world feed --users 2000 --seed 7 --set "
        "defect_rate=0.05[/bold]\n\n"
        "Builds and tests worlds. The tables change only if everything succeeds. "
        "Settings that are not given have their defaults; `diorama list` shows them "
        "all."
    ),
)
def build_command(
    world: Worlds = None,
    users: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER", help="Users of each chosen world (<world>_users)."
        ),
    ] = None,
    days: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER", help="Days of each chosen world (<world>_days)."
        ),
    ] = None,
    start_date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="First day of each chosen world (<world>_start_date).",
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="Seed: the same gives the same rows."),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Factor on the users of every world."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="Last day whose deliveries are in the tables."
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any setting; repeatable."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of DuckDB.")
    ] = None,
    database: Database = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Make incremental tables anew.")
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="SELECTION", help="dbt's selection; repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="SELECTION", help="dbt's exclusion; repeatable."),
    ] = None,
    shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Build N ranges of users, each a process of its own, to Parquet.",
        ),
    ] = None,
    shard: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            metavar="I",
            help="With --shards: only this one (from 0) here; repeatable.",
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(min=1, metavar="M", help="With --shards: processes at a time."),
    ] = 2,
    target: Annotated[
        Target,
        typer.Option(help="Engine; all but DuckDB need an extra (docs/engines.md)."),
    ] = Target.duckdb,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --shards or --target: directory of the Parquet files.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Builds and tests worlds."""
    from diorama.build import BuildRequest, build
    from diorama.project import find_project
    from diorama.settings import collect_settings

    project = find_project()
    worlds = world or []
    project.check_worlds(worlds)
    variables = collect_settings(
        project,
        worlds,
        of_worlds={"users": users, "days": days, "start_date": start_date},
        of_all={"seed": seed, "scale": scale, "as_of": as_of},
        assignments=assignments or [],
    )
    if shards is not None:
        if target is not Target.duckdb:
            raise UsageError("--shards are built by DuckDB. Leave --target out.")
        from diorama.shards import ShardsRequest, build_shards

        if to is None or database or select or exclude or full_refresh:
            raise UsageError(
                "--shards writes Parquet: it needs --to DIR, and takes no --database, --select, "
                "--exclude or --full-refresh."
            )
        directory = to.expanduser().resolve()
        build_shards(
            project,
            ShardsRequest(
                directory,
                shards,
                shard or [],
                jobs,
                worlds,
                variables,
                threads or 1,
                quiet,
            ),
        )
        return
    if shard or (to and target is Target.duckdb):
        raise UsageError(
            "--shard goes with --shards N, and --to with that or --target. Give it, or leave "
            "them out."
        )
    request = BuildRequest(
        worlds, select or [], exclude or [], variables, threads, full_refresh, quiet
    )
    if target is Target.duckdb:
        build(project, project.database(database), request)
        return
    if database or threads:
        raise UsageError(
            f"--database and --threads are DuckDB's, and the target is {target}. Leave them out."
        )
    from diorama.engines import build_on_engine

    directory = to.expanduser().resolve() if to else None
    build_on_engine(project, target, directory, request)


@app.command(
    "list",
    help=(
        "Example: [bold]diorama list --world feed[/bold]\n\n"
        "Lists worlds, tables with their grain and rows, and settings with their "
        "current values."
    ),
)
def list_command(
    world: Worlds = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Lists worlds, tables and settings."""
    from diorama.listing import list_project
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    list_project(project, project.database(database), world or [], as_json)


@app.command(
    "export",
    help=(
        "Example: [bold]diorama export --to exports --format csv --table "
        "feed/events[/bold]\n\n"
        "Writes tables to files, and manifest.json beside them: settings, versions, "
        "rows and a fingerprint of each file's content. Without --table: every table "
        "that has an export name. The order of rows within a file is not fixed."
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
    layout: Annotated[
        Layout,
        typer.Option(
            help="lake puts raw tables in <world>/raw, all others in <world>/processed."
        ),
    ] = Layout.plain,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Writes tables to files."""
    from diorama.export import ExportRequest, export
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
        layout=layout,
        quiet=quiet,
    )
    export(project, project.database(database), request)


@app.command(
    "report",
    help=(
        "Example: [bold]diorama report --to report.html --open[/bold]\n\n"
        "Writes one HTML file that shows what the database holds: volumes, retention, "
        "funnels, data to learn from, and each experiment's estimates beside the truth. "
        "It opens without a network."
    ),
)
def report_command(
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")] = Path(
        "report.html"
    ),
    world: Worlds = None,
    database: Database = None,
    must_open: Annotated[
        bool, typer.Option("--open", help="Open it in the browser.")
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


@app.command(
    "check",
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
    quiet: Quiet = False,
) -> None:
    """Holds files against the gates."""
    from diorama.check import check
    from diorama.project import find_project

    check(find_project(), directory.expanduser().resolve(), quiet)


@app.command(
    "fingerprint",
    help=(
        "Example: [bold]diorama fingerprint --world feed[/bold]\n\n"
        "Prints rows and a fingerprint of the content of each table, independent of the "
        "order of rows and of the number of threads: equal fingerprints mean equal "
        "rows."
    ),
)
def fingerprint_command(
    world: Worlds = None,
    table: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="Only this table or view; repeatable."),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Prints rows and fingerprint per table."""
    from diorama.fingerprint import fingerprint
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    fingerprint(project, project.database(database), world or [], table or [], as_json)

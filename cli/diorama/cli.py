"""The command line: reads options and hands them on."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from diorama.engines.dbt import Layer
from diorama.errors import DioramaError, UsageError, of_system
from diorama.files.export import Compression, Format, Layout
from diorama.stream.options import Mode, SinkName
from diorama.ui.completion import complete_model, complete_setting, complete_world
from diorama.ui.terminal import (
    ReaderGoneError,
    narrate,
    prepare_output,
    print_line,
    writing_output,
)


class Commands(TyperGroup):
    """Ends a command that fails with one line and its exit code."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Runs the command line; what it printed is written before it ends."""
        prepare_output()
        try:
            try:
                # help and wrong options, which are no command, print as well
                with writing_output():
                    return super().main(*arguments, **options)
            finally:
                with writing_output():
                    sys.stdout.flush()
        except DioramaError as error:
            _say(error)
            sys.exit(error.exit_code)

    def invoke(self, ctx: typer.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except DioramaError as error:
            _say(error)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            # a path that no place of the code thought of, such as one of 300 characters
            failure = of_system(error)
            _say(failure)
            raise typer.Exit(failure.exit_code) from error


def _say(error: DioramaError) -> None:
    if not isinstance(error, ReaderGoneError):
        narrate(f"Error: {error}", style="red")


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
    typer.Option(
        "--world",
        metavar="WORLD",
        help="Only this world; repeatable.",
        autocompletion=complete_world,
    ),
]
Database = Annotated[
    Path | None,
    typer.Option(
        help="Database file. Default: DIORAMA_DATABASE, else diorama.duckdb in the project."
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Narrate nothing but errors.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from diorama import __version__

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
    from diorama.project.environment import check_environment

    check_environment()


@app.command(
    "build",
    short_help="Build and test worlds.",
    help=(
        "Example: [bold]diorama build --world feed --users 2000 --seed 7 --set "
        "defect_rate=0.05[/bold]\n\n"
        "Builds and tests worlds. The tables change only if everything succeeds. "
        "Settings that are not given have their defaults; `diorama list --settings` shows "
        "them all."
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
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any setting; repeatable.",
            autocompletion=complete_setting,
        ),
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
        typer.Option(
            metavar="SELECTION",
            help="dbt's selection, within --world and --only; repeatable.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="SELECTION", help="dbt's exclusion; repeatable."),
    ] = None,
    only: Annotated[
        list[Layer] | None,
        typer.Option(help="Only this layer, with what it needs; repeatable."),
    ] = None,
    no_tests: Annotated[
        bool, typer.Option("--no-tests", help="Build without testing the tables.")
    ] = False,
    shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100_000,
            metavar="N",
            help="Build N ranges of users, each a process of its own, to Parquet.",
        ),
    ] = None,
    shard: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            max=99_999,
            metavar="I",
            help="With --shards: only this one (from 0) here; repeatable.",
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            min=1, max=1024, metavar="M", help="With --shards: processes at a time."
        ),
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
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Builds and tests worlds."""
    from diorama.engines.build import BuildRequest, build
    from diorama.project import find_project
    from diorama.project.settings import collect_settings

    project = find_project()
    worlds = world or []
    project.check_worlds(worlds)
    if as_json and (shards is not None or target is not Target.duckdb):
        raise UsageError(
            "--json goes with a database; shards write manifest.json. Leave it out."
        )
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
        from diorama.engines.shards import ShardsRequest, build_shards

        narrower = select or exclude or only or no_tests
        if to is None or database or narrower or full_refresh:
            raise UsageError(
                "--shards writes Parquet: it needs --to DIR, and takes no --database, --select, "
                "--exclude, --only, --no-tests or --full-refresh."
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
        worlds,
        select or [],
        exclude or [],
        variables,
        threads,
        full_refresh,
        quiet,
        as_json,
        only or [],
        not no_tests,
    )
    if target is Target.duckdb:
        build(project, project.database(database), request)
        return
    if database or threads:
        raise UsageError(
            f"--database and --threads are DuckDB's, and the target is {target}. Leave them out."
        )
    from diorama.engines.spark import build_on_engine

    directory = to.expanduser().resolve() if to else None
    build_on_engine(project, target, directory, request)


@app.command(
    "list",
    short_help="List tables and settings.",
    help=(
        "Example: [bold]diorama list --world feed[/bold]\n\n"
        "Lists the tables that people open, with rows and grain; with --settings the "
        "settings, with current value and range. In a pipe, cells are between tabs."
    ),
)
def list_command(
    world: Worlds = None,
    has_all: Annotated[
        bool,
        typer.Option(
            "--all", help="Every table, also steps to others and what is not built."
        ),
    ] = False,
    has_settings: Annotated[
        bool, typer.Option("--settings", help="Settings instead of tables.")
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Lists tables or settings."""
    from diorama.commands.list import list_project
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    path = project.database(database)
    list_project(project, path, world or [], has_all, has_settings, as_json)


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
        as_json=as_json,
        quiet=quiet,
    )
    export(project, project.database(database), request)


@app.command(
    "explain",
    short_help="Tell one user's life under every arm.",
    help=(
        "Example: [bold]diorama explain --world feed --number 17[/bold]\n\n"
        "Tells one user's life: latent traits, what was drawn, days under every arm, and the "
        "effect. From the tables, or generated alone, which gives the same: with the settings "
        "of the built world, but for those given."
    ),
)
def explain_command(
    user_id: Annotated[
        str | None, typer.Argument(metavar="USER_ID", help="Id of the user.")
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**32 - 1,
            metavar="N",
            help="Instead of an id: number of the user in --world.",
        ),
    ] = None,
    world: Worlds = None,
    generate: Annotated[
        bool,
        typer.Option("--generate", help="Generate the user alone; needs no database."),
    ] = False,
    seed: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="With --generate: the seed."),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="With --generate: any setting.",
            autocompletion=complete_setting,
        ),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Tells one user's life."""
    from diorama.project import find_project
    from diorama.project.explain import ExplainRequest, explain
    from diorama.project.settings import collect_settings

    project = find_project()
    project.check_worlds(world or [])
    variables = collect_settings(
        project,
        world or [],
        of_worlds={},
        of_all={"seed": seed},
        assignments=assignments or [],
    )
    request = ExplainRequest(
        user_id, number, world or [], generate, variables, as_json, quiet
    )
    explain(project, project.database(database), request)


@app.command(
    "report",
    short_help="Draw what the database holds, in one HTML file.",
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


@app.command(
    "fingerprint",
    short_help="Print rows and fingerprint of each table.",
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
        typer.Option(
            metavar="MODEL",
            help="Only this table or view; repeatable.",
            autocompletion=complete_model,
        ),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Prints rows and fingerprint per table."""
    from diorama.commands.fingerprint import fingerprint
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    path = project.database(database)
    fingerprint(path, world or [], table or [], as_json, quiet)


@app.command(
    "stream",
    short_help="Send a world's events to files, Redis or the console.",
    help=(
        "Example: [bold]diorama stream --world search --sink redis --rate 100[/bold]\n\n"
        "Sends a world's events in the order of their time, to files of JSON lines, to "
        "Redis Streams, or to the console. Ctrl-C ends it cleanly. Sending the same "
        "events again to Redis changes nothing there: their entry ids derive from them."
    ),
)
def stream_command(
    context: typer.Context,
    world: Annotated[str, typer.Option(metavar="WORLD", help="The world.")] = "search",
    mode: Annotated[
        Mode,
        typer.Option(
            help="once: --count events; burst: all that are built, as fast as possible; "
            "continuous: until stopped, also past the last built day."
        ),
    ] = Mode.once,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**15,
            help="At most so many events. Default: 10000 with once.",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=1e9,
            envvar="EVENTS_PER_SECOND",
            help="Events per second. Default: 10, but for burst.",
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=1e9,
            help="Simulated seconds per second, instead of --rate.",
        ),
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=1e9, metavar="SECONDS", help="At most so many seconds."
        ),
    ] = None,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="MOMENT", help="Start at this day or moment of the world."
        ),
    ] = None,
    sink: Annotated[
        SinkName, typer.Option(help="Where to; both is file and redis.")
    ] = SinkName.file,
    output_dir: Annotated[
        Path,
        typer.Option(
            envvar="OUTPUT_DIR",
            metavar="DIR",
            help="Directory of the files <type>_events.jsonl, which are replaced "
            "without --resume.",
        ),
    ] = Path("stream"),
    redis_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Default: redis://REDIS_HOST:REDIS_PORT/0, else redis://localhost:6379/0.",
        ),
    ] = None,
    stream_prefix: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX",
            help="Streams are PREFIX:<type>. Default: diorama:<world>.",
        ),
    ] = None,
    maxlen: Annotated[
        int,
        typer.Option(
            min=1, max=10**15, help="Entries that Redis keeps of a stream, about."
        ),
    ] = 100_000,
    patience: Annotated[
        float,
        typer.Option(
            min=0,
            max=1e9,
            metavar="SECONDS",
            help="How long to look for a Redis that is gone before giving up.",
        ),
    ] = 30,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Send the raw log as it is delivered, defects included.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a stream to the same files, with the same options, was stopped.",
        ),
    ] = False,
    generate: Annotated[
        bool,
        typer.Option(
            "--generate", help="Make a fresh world first; the database stays as it is."
        ),
    ] = False,
    click_through_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            envvar="CLICK_THROUGH_RATE",
            help="search_click_through_rate, which the world must have.",
        ),
    ] = None,
    conversion_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            envvar="CONVERSION_RATE",
            help="search_conversion_rate, which the world must have.",
        ),
    ] = None,
    user_pool_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**9,
            envvar="USER_POOL_SIZE",
            help="search_user_pool_size, which the world must have.",
        ),
    ] = None,
    anonymous_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            envvar="ANONYMOUS_RATE",
            help="search_anonymous_rate, which the world must have.",
        ),
    ] = None,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Sends a world's events."""
    from diorama.project import find_project
    from diorama.stream.options import StreamOptions, stream_request
    from diorama.stream.run import stream

    project = find_project()
    project.check_worlds([world])
    # by name, because Typer may bring a click of its own
    given = {
        name
        for name in context.params
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    }
    rates = {
        "click_through_rate": click_through_rate,
        "conversion_rate": conversion_rate,
        "user_pool_size": user_pool_size,
        "anonymous_rate": anonymous_rate,
    }
    options = StreamOptions(
        world=world,
        mode=mode,
        count=count,
        rate=rate,
        speed=speed,
        duration=duration,
        begin=begin,
        sink=sink,
        output_dir=output_dir,
        redis_url=redis_url,
        stream_prefix=stream_prefix,
        maxlen=maxlen,
        patience=patience,
        is_raw=raw,
        must_resume=resume,
        generate=generate,
        rates=rates,
        given=given,
        quiet=quiet,
    )
    stream(project, project.database(database), stream_request(options))


@app.command(
    "diff",
    short_help="Compare two databases or exports.",
    help=(
        "Example: [bold]diorama diff exports[/bold], or [bold]diorama diff old.duckdb "
        "new.duckdb[/bold]\n\n"
        "Compares two databases or exports: rows and fingerprint of each table and, where "
        "they differ, how many rows only one of them has, and the first by the table's "
        "key. Of a database and an export, the exported columns. Exit code 0 where all "
        "rows are equal, 1 where not."
    ),
)
def diff_command(
    left: Annotated[
        Path,
        typer.Argument(metavar="A", help="Database file, or directory of an export."),
    ],
    right: Annotated[
        Path | None,
        typer.Argument(metavar="B", help="Another; without it, the database."),
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
    from diorama.files.diff import diff
    from diorama.project import find_project

    project = find_project()
    project.check_worlds(world or [])
    places = left.expanduser().resolve(), project.database(right)
    diff(*places, world or [], table or [], as_json, quiet)


init_app = typer.Typer(
    no_args_is_help=True,
    help=(
        "Example: [bold]diorama init project my-diorama[/bold]\n\n"
        "Writes files to start from."
    ),
)
app.add_typer(init_app, name="init", short_help="Write files to start from.")


@init_app.command(
    "project",
    short_help="Copy the dbt project.",
    help=(
        "Example: [bold]diorama init project my-diorama[/bold]\n\n"
        "Copies the dbt project, for those who want to change its models: in that directory, "
        "`diorama` and plain `dbt build` work on the copy."
    ),
)
def init_project_command(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Directory to write: new, or empty."),
    ],
    quiet: Quiet = False,
) -> None:
    """Copies the dbt project."""
    from diorama.commands.init import init_project
    from diorama.project import find_project

    init_project(find_project(), directory.expanduser().resolve(), quiet)

"""`diorama build`: builds and tests worlds."""

from __future__ import annotations

import shlex
import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diorama.commands import AsJson, Database, Quiet, WorldsOrFile, app
from diorama.engines.selection import Layer
from diorama.errors import DioramaError, UsageError
from diorama.ui.completion import complete_setting
from diorama.ui.terminal import (
    format_bytes,
    format_count,
    narrate,
    print_json,
    print_table,
)
from diorama.worlds import CUSTOM, take_file, variables_of

if TYPE_CHECKING:
    from diorama.engines.build import Built


class Target(StrEnum):
    """The engines that a world can be built on."""

    duckdb = "duckdb"
    spark = "spark"
    spark_connect = "spark_connect"
    spark_thrift = "spark_thrift"
    sail = "sail"


@app.command(
    "build",
    short_help="Build and test worlds.",
    help=(
        "Example: [bold]diorama build --world feed --users 2000 --seed 7 --set "
        "defect_rate=0.05[/bold]\n\n"
        "Builds and tests worlds in one DuckDB file, which changes only if every step "
        "succeeds. Without --world: all four. Settings that are not given have their defaults; "
        "`diorama list --settings` lists them."
    ),
)
def build_command(
    world: WorldsOrFile = None,
    users: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Number of users of each chosen world (sets <world>_users; search has "
            "--set search_sessions_per_day).",
        ),
    ] = None,
    days: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Length of each chosen world in days (sets <world>_days).",
        ),
    ] = None,
    start_date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="First day of each chosen world (sets <world>_start_date).",
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="INTEGER",
            help="Random seed: the same seed gives the same rows.",
        ),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help="Multiplies the number of users (in search: sessions) of every world.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Build the tables as of the end of this day: only what had been delivered "
            "by then.",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any setting of `diorama list --settings`; repeatable.",
            autocompletion=complete_setting,
        ),
    ] = None,
    raw: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Read raw files from this directory instead of generating them, and clean "
            "and aggregate those.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, metavar="N", help="Threads that DuckDB may use."),
    ] = None,
    database: Database = None,
    full_refresh: Annotated[
        bool,
        typer.Option("--full-refresh", help="Rebuild incremental tables from scratch."),
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SELECTION",
            help="dbt node selection, such as +feed__sessions, within --world and --only; "
            "repeatable.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="SELECTION", help="dbt nodes to leave out; repeatable."),
    ] = None,
    only: Annotated[
        list[Layer] | None,
        typer.Option(
            metavar="LAYER",
            help="Only this layer (raw, staging, marts, experiments or truth) and what it "
            "depends on; repeatable.",
        ),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="With the file of your own world: print what to expect of it, and build "
            "nothing.",
        ),
    ] = False,
    no_tests: Annotated[
        bool, typer.Option("--no-tests", help="Build without running data tests.")
    ] = False,
    shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100_000,
            metavar="N",
            help="Split the users into N ranges, build each in its own process, and write "
            "Parquet to --to.",
        ),
    ] = None,
    shard: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            max=99_999,
            metavar="I",
            help="With --shards: build only this shard (from 0); repeatable.",
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            min=1,
            max=1024,
            metavar="M",
            help="With --shards: number of processes at a time.",
        ),
    ] = 2,
    target: Annotated[
        Target,
        typer.Option(
            metavar="ENGINE",
            help="Engine to build on: duckdb, spark, spark_connect, spark_thrift or sail. All "
            "except duckdb need an extra (docs/engines.md).",
        ),
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
    worlds, declared = take_file(world or [])
    project.check_worlds(worlds)
    if CUSTOM in worlds and target is not Target.duckdb:
        raise UsageError(
            f"A world of your own is built on DuckDB only, but the target is {target}. "
            "Leave --target out."
        )
    if as_json and (shards is not None or target is not Target.duckdb):
        raise UsageError(
            "--json describes a database, but shards and other targets write files and "
            "manifest.json. Leave --json out."
        )
    if raw and not raw.is_dir():
        raise UsageError(f"There is no directory {raw}. Give --raw one with raw files.")
    generated = {Layer.experiments, Layer.truth}.intersection(only or [])
    if raw and generated:
        raise UsageError(
            f"--raw reads files and generates nothing, so there is no layer {min(generated)}. "
            "Leave --only out, or give it raw, staging or marts."
        )
    if raw and (not worlds or shards is not None or target is not Target.duckdb):
        raise UsageError(
            "--raw needs --world, which says whose files they are, and does not work with "
            "--shards or --target."
        )
    variables = collect_settings(
        project,
        worlds,
        of_worlds={
            "users": users,
            "days": days,
            "start_date": start_date,
            "raw": str(raw.resolve()) if raw else None,
        },
        of_all={"seed": seed, "scale": scale, "as_of": as_of},
        assignments=assignments or [],
    )
    place = project.database(database)
    if target is Target.duckdb:
        variables = variables_of(declared, variables, worlds, place)
    if plan:
        if declared is None:
            raise UsageError(
                "--plan needs the file of your own world: --world coffee.yml --plan. "
                "`diorama init world` writes one."
            )
        from diorama.worlds.forecast import forecast, print_forecast

        if not quiet:
            narrate("Simulating a few thousand users; no tables are written.")
        told = forecast(project, declared, variables)
        print_json(vars(told)) if as_json else print_forecast(declared, told)
        return
    if not raw and any(name.endswith("_raw") for name in variables):
        raise UsageError("Give raw files with --raw DIR instead of --set <world>_raw.")
    if shards is not None:
        if target is not Target.duckdb:
            raise UsageError("--shards are built by DuckDB. Leave --target out.")
        from diorama.engines.shards import ShardsRequest, build_shards

        narrower = select or exclude or generated
        if to is None or database or narrower or full_refresh:
            raise UsageError(
                "--shards writes Parquet: it needs --to DIR, and takes no --database, --select, "
                "--exclude, --full-refresh, --only experiments or --only truth."
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
                only or [],
                not no_tests,
            ),
        )
        return
    if shard or (to and target is Target.duckdb):
        raise UsageError(
            "--shard needs --shards N, and --to needs --shards or --target. Add the missing "
            "option, or leave these out."
        )
    request = BuildRequest(
        worlds,
        select or [],
        exclude or [],
        variables,
        threads,
        full_refresh,
        quiet,
        only or [],
        not no_tests,
    )
    if target is Target.duckdb:
        built = build(project, place, request)
        if as_json:
            print_json(
                {
                    "database": str(built.path),
                    "bytes": built.path.stat().st_size,
                    "seconds": round(built.seconds, 3),
                    "tests": built.tests,
                    "warnings": built.warnings,
                    "tables": built.tables,
                    "rejects": built.rejects,
                }
            )
        elif not quiet:
            _print(built)
        if built.rejects and only == [Layer.staging]:
            rejected = format_count(sum(record["rows"] for record in built.rejects))
            raise DioramaError(f"{rejected} rows of the raw files are rejected.")
        return
    if database or threads:
        raise UsageError(
            f"--database and --threads are for DuckDB, but the target is {target}. "
            "Leave them out."
        )
    from diorama.engines.spark import build_on_engine

    directory = to.expanduser().resolve() if to else None
    build_on_engine(project, target, directory, request)


def _print(built: Built) -> None:
    """Prints the tables that were built and the next commands."""
    rows: list[list[str]] = []
    layer = ""
    for table in built.tables:
        if table["layer"] != layer:
            layer = table["layer"]
            rows.append([layer])
        counted = format_count(table["rows"]) if table["kind"] == "table" else "view"
        rows.append(
            [
                f"  {table['table']}",
                counted,
                f"{table['seconds']:.2f}",
                format_bytes(table["bytes"]),
            ]
        )
    print_table(
        f"Built {built.path}",
        ["table", "rows", "seconds", "size"],
        rows,
        right=["rows", "seconds", "size"],
    )

    if built.rejects:
        print_table(
            "Rejected rows of raw files",
            ["table", "reason", "rows"],
            [
                [record["table"], record["reason"], format_count(record["rows"])]
                for record in built.rejects
            ],
            right=["rows"],
        )
    narrate("")
    size = format_bytes(built.path.stat().st_size)
    narrate(f"{built.tests} tests passed. {size} in {built.seconds:.0f} s.")
    if built.warnings:
        narrate(f"Warnings: {', '.join(built.warnings)}", style="yellow")
    example = next(
        (t for t in reversed(built.tables) if t["layer"] == "marts" and t["rows"]),
        built.tables[-1],
    )
    shell = "duckdb" if shutil.which("duckdb") else "uvx --from duckdb-cli duckdb"
    query = f"from {example['layer']}.{example['table']} limit 5"
    narrate("Next:")
    narrate(f'  {shell} {shlex.quote(str(built.path))} "{query}"')
    for name in _experiments(built)[:1]:
        narrate(f"  diorama analyse {shlex.quote(name)}")
    narrate("  diorama list")
    narrate("  diorama export --to exports --format parquet")


def _experiments(built: Built) -> list[str]:
    """The experiments that were built, by name."""
    from diorama.project.catalogue import open_database

    if not any(table["table"] == "experiments__verdicts" for table in built.tables):
        return []
    query = "select distinct experiment_id from marts.experiments__verdicts order by 1"
    with open_database(built.path) as catalogue:
        return [name for (name,) in catalogue.rows(query)]

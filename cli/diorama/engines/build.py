"""`diorama build`: builds into a second file and puts it in place when all is well."""

import shlex
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diorama.engines import database
from diorama.engines.dbt import Dbt, Layer, Step, Watcher, selection
from diorama.errors import (
    DioramaError,
    UsageError,
    explain,
    headline,
    known_cause,
)
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import open_database
from diorama.ui.terminal import (
    BuildProgress,
    format_bytes,
    format_count,
    narrate,
    print_json,
    print_table,
)

TESTS = ("test", "unit_test")


@dataclass(frozen=True)
class BuildRequest:
    """What to build, and how.

    Attributes:
        worlds: The worlds; none for all.
        select: dbt's selection within them.
        exclude: dbt's exclusion.
        variables: dbt's vars.
        threads: Threads of DuckDB.
        full_refresh: Whether incremental tables are made anew.
        quiet: Whether only errors are shown.
        as_json: Whether to print one JSON document instead of a table.
        only: The layers, each with what it needs; none for all.
        has_tests: Whether to run data tests.
    """

    worlds: list[str]
    select: list[str]
    exclude: list[str]
    variables: dict[str, Any]
    threads: int | None
    full_refresh: bool
    quiet: bool
    as_json: bool = False
    only: list[Layer] = field(default_factory=list)
    has_tests: bool = True


class _Shown(Watcher):
    def __init__(self, progress: BuildProgress) -> None:
        self.progress = progress

    def total(self, steps: int) -> None:
        self.progress.total = steps

    def started(self, name: str) -> None:
        self.progress.start(name)

    def finished(self, name: str, kind: str, status: str, seconds: float) -> None:
        passed = kind in TESTS and status == "pass"
        self.progress.finish(name, "" if passed else f"{status} {seconds:.1f} s")


def build(project: Project, path: Path, request: BuildRequest) -> None:
    """Builds worlds and tests them; the database changes only if all is well.

    Args:
        project: The project.
        path: The database file.
        request: What to build.

    Raises:
        DioramaError: The build failed; the database is as it was.
    """
    database.check_place(path)
    began = time.monotonic()
    interrupted = f"Interrupted. {path} is as it was."
    with scratch_directory(path.parent, path.name, interrupted) as scratch:
        unfinished = scratch / path.name
        if path.exists():
            database.check_openable(path, project.log, read_only=False)
        dbt = Dbt(project, unfinished, request.variables, request.threads)
        seen = database.identity(path)
        if path.exists():
            database.copy_database(path, unfinished)
        steps = run_steps(dbt, request)
        raise_failures(steps, path, project.log)
        tables = _built(unfinished, steps)
        database.put_in_place(unfinished, path, seen, project.log)
    seconds = time.monotonic() - began
    if request.as_json:
        print_json(_document(path, tables, steps, seconds))
    elif not request.quiet:
        _report(path, tables, steps, seconds)


def run_steps(dbt: Dbt, request: BuildRequest) -> list[Step]:
    """Builds what is asked for, and shows how far it is.

    Args:
        dbt: dbt on a project.
        request: What to build.

    Returns:
        All steps, failed ones included.

    Raises:
        UsageError: Nothing was built.
    """
    worlds = request.worlds or dbt.project.worlds
    folders = [folder for layer in request.only for folder in layer.folders(worlds)]
    select = selection(
        request.worlds,
        [f"+path:models/{folder}" for folder in folders],
        " ".join(request.select).split(),
    )
    tests = [] if request.has_tests else [f"resource_type:{kind}" for kind in TESTS]
    progress = BuildProgress("Building", request.quiet)
    with progress.showing():
        steps = dbt.build(
            select,
            [*request.exclude, *tests],
            request.full_refresh,
            _Shown(progress),
        )
    if not any(step.kind == "model" for step in steps):
        raise UsageError(
            "This selection has no model to build. See `diorama list` for the tables."
        )
    return steps


def raise_failures(steps: list[Step], path: Path, log: str) -> None:
    """Names each failed step, then raises an error that counts them.

    Args:
        steps: All steps of the build.
        path: The database file, which stays as it is.
        log: Where the whole story can be read.

    Raises:
        DioramaError: A step failed.
    """
    failed = [step for step in steps if step.failed]
    if not failed:
        return
    for step in failed:
        found = step.message if step.status == "fail" else headline(step.message)
        narrate(f"{step.kind} {step.name} failed: {found}", style="red")
    said = "\n".join(step.message for step in failed)
    if "[usage]" in said:
        raise explain(said, log)
    kept = "is as it was" if path.exists() else "was not made"
    raise DioramaError(
        f"{len(failed)} of {len(steps)} steps failed; {path} {kept}. "
        + (known_cause(said) or f"The whole story is in {log}.")
    )


def _built(path: Path, steps: list[Step]) -> list[dict[str, Any]]:
    """The tables and views that were built, in order."""
    seconds = {step.name: step.seconds for step in steps if step.kind == "model"}
    with open_database(path) as catalogue:
        rows, sizes = catalogue.row_counts(), catalogue.byte_counts()
        return [
            {
                "layer": model.layer,
                "table": model.name,
                "kind": model.form,
                "rows": rows.get(model.name),
                "bytes": sizes.get(model.name),
                "seconds": round(seconds[model.name], 3),
            }
            for model in catalogue.models([])
            if model.form and model.name in seconds
        ]


def _document(
    path: Path,
    tables: list[dict[str, Any]],
    steps: list[Step],
    seconds: float,
) -> dict[str, Any]:
    """What a build came to, for machines."""
    return {
        "database": str(path),
        "bytes": path.stat().st_size,
        "seconds": round(seconds, 3),
        "tests": sum(step.kind in TESTS for step in steps),
        "warnings": [step.name for step in steps if step.status == "warn"],
        "tables": tables,
    }


def _report(
    path: Path,
    tables: list[dict[str, Any]],
    steps: list[Step],
    seconds: float,
) -> None:
    """Prints the tables that were built, and where to go next."""
    rows: list[list[str]] = []
    layer = ""
    for table in tables:
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
        f"Built {path}",
        ["table", "rows", "seconds", "size"],
        rows,
        right=["rows", "seconds", "size"],
    )

    tests = sum(step.kind in TESTS for step in steps)
    warned = [step.name for step in steps if step.status == "warn"]
    narrate("")
    narrate(
        f"{tests} tests passed. {format_bytes(path.stat().st_size)} in {seconds:.0f} s."
    )
    if warned:
        narrate(f"Warnings: {', '.join(warned)}", style="yellow")
    example = next((t for t in reversed(tables) if t["layer"] == "marts"), tables[-1])
    shell = "duckdb" if shutil.which("duckdb") else "uvx --from duckdb-cli duckdb"
    query = f"from {example['layer']}.{example['table']} limit 5"
    narrate("Next:")
    narrate(f'  {shell} {shlex.quote(str(path))} "{query}"')
    narrate("  diorama list")
    narrate("  diorama export --to exports --format parquet")

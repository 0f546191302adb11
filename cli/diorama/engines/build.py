"""`diorama build`: builds into a second file and renames it once every step succeeded."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diorama.engines import database
from diorama.engines.dbt import Dbt, Step, Watcher
from diorama.engines.selection import Layer, behind, selection
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
    narrate,
)
from diorama.worlds import CUSTOM

TESTS = ("test", "unit_test")
# what a world that is read from raw files has not
GENERATED = [
    "path:models/generate",
    "path:models/truth",
    "resource_type:seed",
    "tag:experiments",
    "tag:mechanism",
]


@dataclass(frozen=True)
class BuildRequest:
    """A request to build worlds.

    Attributes:
        worlds: The worlds; empty for all.
        select: dbt node selection within them.
        exclude: dbt nodes to leave out.
        variables: dbt's vars.
        threads: Threads of DuckDB.
        full_refresh: Whether incremental tables are rebuilt.
        quiet: Whether only errors are shown.
        only: The layers to build, each with its dependencies; empty for all.
        has_tests: Whether to run data tests.
    """

    worlds: list[str]
    select: list[str]
    exclude: list[str]
    variables: dict[str, Any]
    threads: int | None
    full_refresh: bool
    quiet: bool
    only: list[Layer] = field(default_factory=list)
    has_tests: bool = True

    @property
    def worlds_of_files(self) -> list[str]:
        """The worlds that are read from raw files."""
        return [world for world in self.worlds if f"{world}_raw" in self.variables]

    @property
    def has_experiments(self) -> bool:
        """Whether a chosen world may have experiments, or they are asked for by name."""
        declared = self.variables.get("declared_world")
        return (
            self.worlds != [CUSTOM]
            or declared is None
            or bool(declared["analysed_experiments"])
            or "inputs" in self.variables
            or Layer.experiments in self.only
            or bool(self.select)
        )

    @property
    def left_out(self) -> list[str]:
        """The dbt nodes to exclude; tests that read an excluded model are excluded, too."""
        if not self.worlds_of_files:
            return []
        return GENERATED + behind(self.only)


class Shown(Watcher):
    """Shows the progress of a build."""

    def __init__(self, progress: BuildProgress) -> None:
        """Takes the progress bar to draw on."""
        self.progress = progress

    def total(self, steps: int) -> None:
        """Sets the number of steps."""
        self.progress.total = steps

    def started(self, name: str) -> None:
        """Shows what is being built."""
        self.progress.start(name)

    def finished(self, name: str, kind: str, status: str, seconds: float) -> None:
        """Advances the bar; prints a line for every step except passed tests."""
        passed = kind in TESTS and status == "pass"
        self.progress.finish(name, "" if passed else f"{status} {seconds:.1f} s")


@dataclass(frozen=True)
class Built:
    """The result of a build.

    Attributes:
        path: The database file.
        tables: A record for each table and view, in order.
        rejects: Number of rejected rows by raw file and reason.
        steps: All steps.
        seconds: Duration in seconds.
    """

    path: Path
    tables: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    steps: list[Step]
    seconds: float

    @property
    def tests(self) -> int:
        """Number of tests, all passed."""
        return sum(step.kind in TESTS for step in self.steps)

    @property
    def warnings(self) -> list[str]:
        """Names of the steps with a warning."""
        return [step.name for step in self.steps if step.status == "warn"]


def build(project: Project, path: Path, request: BuildRequest) -> Built:
    """Builds worlds and tests them; the database changes only if every step succeeds.

    Args:
        project: The project.
        path: The database file.
        request: What to build.

    Returns:
        What was built.

    Raises:
        DioramaError: The build failed; the database is unchanged.
    """
    database.check_place(path)
    began = time.monotonic()
    kept = "is unchanged" if path.exists() else "was not made"
    interrupted = f"Interrupted. {path} {kept}."
    with scratch_directory(path.parent, path.name, interrupted) as scratch:
        unfinished = scratch / path.name
        if path.exists():
            database.check_openable(path, project.log)
        dbt = Dbt(project, unfinished, request.variables, request.threads)
        seen = database.identity(path)
        if path.exists():
            database.copy_database(path, unfinished)
        steps = run_steps(dbt, request)
        raise_failures(steps, path, project.log)
        tables = _built(unfinished, steps)
        rejects = _rejects(unfinished, request.worlds_of_files)
        database.put_in_place(unfinished, path, seen, project.log)
    return Built(path, tables, rejects, steps, time.monotonic() - began)


def run_steps(dbt: Dbt, request: BuildRequest) -> list[Step]:
    """Runs the build and shows its progress.

    Args:
        dbt: dbt on a project.
        request: What to build.

    Returns:
        All steps, failed ones included.

    Raises:
        UsageError: Nothing was built.
    """
    worlds = request.worlds or [
        world
        for world in dbt.project.worlds
        if world != CUSTOM or "declared_world" in request.variables
    ]
    folders = [folder for layer in request.only for folder in layer.folders(worlds)]
    select = selection(
        request.worlds,
        [f"+path:models/{folder}" for folder in folders],
        " ".join(request.select).split(),
    )
    left_out = request.left_out
    if not request.has_experiments and not _holds_experiments(dbt.database):
        left_out = [*left_out, "tag:experiments"]
    tests = [] if request.has_tests else [f"resource_type:{kind}" for kind in TESTS]
    progress = BuildProgress("Building", request.quiet)
    with progress.showing():
        steps = dbt.build(
            select,
            [*request.exclude, *left_out, *tests],
            request.full_refresh,
            Shown(progress),
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
        log: The log file with the details of an error.

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
    kept = "is unchanged" if path.exists() else "was not made"
    raise DioramaError(
        f"{len(failed)} of {len(steps)} steps failed; {path} {kept}. "
        + (known_cause(said) or f"Details are in {log}.")
    )


def _holds_experiments(path: Path | str) -> bool:
    """Whether a database has tables of experiments, which must not be left as they were."""
    if not isinstance(path, Path) or not path.exists():
        return False
    with open_database(path, is_needed=False) as catalogue:
        held = (
            model.form for model in catalogue.models() if model.world == "experiments"
        )
        return any(held)


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
            for model in catalogue.models()
            if model.form and model.name in seconds
        ]


def _rejects(path: Path, worlds: list[str]) -> list[dict[str, Any]]:
    """Number of rows of raw files that staging rejected, by table and reason."""
    with open_database(path) as catalogue:
        built = {model.name for model in catalogue.models() if model.form}
        return [
            {"table": table, "reason": reason, "rows": rows}
            for world in worlds
            if f"stg_{world}__rejects" in built
            for table, reason, rows in catalogue.rows(
                f"from staging.stg_{world}__rejects order by all"
            )
        ]

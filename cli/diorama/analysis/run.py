"""`diorama analyse`: builds a database with checks, results and verdicts from a plan."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diorama.analysis.inputs import Finding, Inputs
from diorama.analysis.plan import Plan
from diorama.analysis.sources import Sources
from diorama.engines import database
from diorama.engines.dbt import MEMORY, Dbt
from diorama.errors import DioramaError, UsageError, explain, nearest
from diorama.files.scratch import check_writable, scratch_directory
from diorama.project import Project
from diorama.project.catalogue import connected
from diorama.ui.terminal import BuildProgress

if TYPE_CHECKING:
    import duckdb

INPUTS = (
    *("experiments", "variants", "metrics", "exposures"),
    *("unit_facts", "unit_metrics", "moments"),
)
FOLDERS = ("intermediate/experiments", "marts/experiments")


@dataclass(frozen=True)
class AnalysisRequest:
    """A request to analyse a plan.

    Attributes:
        directory: The plan's directory, to which its paths are relative.
        only: Names of experiments of the plan; none for all.
        database: The database file to write.
        must_check_only: Whether to stop after the data checks.
        sql: The directory to write the SQL to, or None.
        threads: Threads of DuckDB.
        quiet: Whether only errors are shown.
        layer: The class that fills the input layer.
    """

    directory: Path
    only: Sequence[str]
    database: Path
    must_check_only: bool = False
    sql: Path | None = None
    threads: int | None = None
    quiet: bool = False
    layer: type[Inputs] = Inputs


class RefusedError(DioramaError):
    """The data cannot be analysed as the plan says.

    Attributes:
        findings: All findings.
    """

    def __init__(self, findings: list[Finding]) -> None:
        """Lists the findings that refuse the data, one per line."""
        self.findings = findings
        lines = [
            each.line
            for severity in ("refuse", "warn")
            for each in findings
            if each.severity == severity
        ]
        super().__init__(
            "The data cannot be analysed as the plan says:\n  " + "\n  ".join(lines)
        )


def analyse(project: Project, plan: Plan, request: AnalysisRequest) -> list[Finding]:
    """Checks the data of a plan and builds the marts of its experiments.

    Args:
        project: The project that has the marts.
        plan: The plan.
        request: What to analyse.

    Returns:
        What the checks of the data found.

    Raises:
        RefusedError: The data cannot be analysed; the database is unchanged.
        UsageError: The plan names a file, column or experiment that does not exist.
    """
    for name in request.only:
        if name not in plan.experiments:
            raise UsageError(
                f"The plan has no experiment '{name}'.{nearest(name, plan.experiments)} "
                f"It has {', '.join(plan.experiments)}."
            )
    path = request.database
    database.check_place(path)
    _check_replaceable(path)
    if request.sql:
        request.sql.mkdir(parents=True, exist_ok=True)
        check_writable(request.sql, "--sql")
    kept = "is unchanged" if path.exists() else "was not made"
    interrupted = f"Interrupted. {path} {kept}."
    # a check leaves nothing, and needs no place for it
    parent = Path(tempfile.gettempdir()) if request.must_check_only else path.parent
    progress = BuildProgress("Analysing", request.quiet)
    with (
        scratch_directory(parent, path.name, interrupted) as scratch,
        progress.showing(),
    ):
        unfinished = scratch / path.name
        findings, statements = _fill(plan, request, unfinished)
        if any(finding.severity == "refuse" for finding in findings):
            raise RefusedError(findings)
        if request.must_check_only:
            return findings
        seen = database.identity(path)
        try:
            models = _make_models(project, request, unfinished, progress)
        except DioramaError as error:
            raise type(error)(f"{error} {path} {kept}.") from error
        findings, looks = _look_at_values(plan, request, unfinished)
        if request.sql:
            _write_sql(request.sql, statements, models, looks)
        database.put_in_place(unfinished, path, seen, project.log)
    return findings


def _fill(
    plan: Plan, request: AnalysisRequest, unfinished: Path
) -> tuple[list[Finding], list[str]]:
    """Fills the input layer of a new database."""
    import duckdb

    with _opened(request, unfinished) as connection:
        settings = [
            f"set file_search_path = {database.quote(request.directory)};",
            "set timezone = 'UTC';",
        ]
        for statement in settings:
            connection.execute(statement)
        only = request.only or list(plan.experiments)
        sources = Sources(connection, request.directory)
        inputs = request.layer(connection, plan, sources)
        try:
            findings = inputs.fill(only)
            return findings, settings + sources.statements + inputs.statements
        except (duckdb.ConversionException, duckdb.InvalidInputException):
            # a value further down may not be of the type of a text file's first rows
            sources.reads_all = True
        connection.execute("drop schema if exists inputs cascade")
        connection.execute("drop schema if exists marts cascade")
        inputs = request.layer(connection, plan, sources)
        findings = inputs.fill(only)
        return findings, settings + sources.statements + inputs.statements


def _make_models(
    project: Project,
    request: AnalysisRequest,
    unfinished: Path,
    progress: BuildProgress,
) -> dict[str, str]:
    """Makes the models over the input layer, and the catalogue; their statements by name."""
    import duckdb

    with _opened(request, unfinished) as connection:
        # of the input layer's columns alone, so that dbt need not compile them for each plan
        variables = {"worlds": [], "inputs": {n: f"inputs.{n}" for n in INPUTS}}
        statements = Dbt(project, MEMORY, variables).statements(
            [f"path:models/{folder}" for folder in FOLDERS],
            ["tag:monte_carlo", "resource_type:test", "resource_type:unit_test"],
        )
        progress.total = len(statements)
        for name, statement in statements.items():
            progress.start(name)
            try:
                connection.execute(statement)
            except duckdb.Error as error:
                problem = explain(str(error))
                raise type(problem)(f"{name}: {problem}") from error
            progress.finish(name, "")
    return statements


@contextmanager
def _opened(
    request: AnalysisRequest, unfinished: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose default database is the analysis."""
    with connected(f"{unfinished}.tmp") as connection:
        version = database.STORAGE_VERSION
        connection.execute(
            f"attach {database.quote(unfinished)} as analysis (storage_version '{version}')"
        )
        connection.execute("use analysis")
        if request.threads:
            connection.execute(f"set threads = {request.threads}")
        yield connection


def _look_at_values(
    plan: Plan, request: AnalysisRequest, unfinished: Path
) -> tuple[list[Finding], list[str]]:
    """Adds the findings on the values of units."""
    with _opened(request, unfinished) as connection:
        sources = Sources(connection, request.directory)
        inputs = Inputs(connection, plan, sources)
        return inputs.look_at_values(), inputs.statements


def _check_replaceable(path: Path) -> None:
    """Checks that an existing file is an analysis, which a new one may replace."""
    if not path.exists():
        return
    check_writable(path, "--database")
    import duckdb

    try:
        with duckdb.connect(path, read_only=True) as connection:
            found = connection.execute(
                "select 1 from duckdb_tables() where schema_name = 'inputs' "
                "and table_name = 'experiments'"
            ).fetchone()
    except (duckdb.Error, OSError) as error:
        raise DioramaError(f"{path}: {explain(str(error))}") from error
    if not found:
        raise UsageError(
            f"{path} is there and is no analysis. Give another place with --database."
        )


def _write_sql(
    directory: Path,
    inputs: Sequence[str],
    models: dict[str, str],
    looks: Sequence[str],
) -> None:
    """Writes the SQL that was run: one file per model, and one runnable script of all."""
    # the catalogue is diorama's own
    models = {name: sql for name, sql in models.items() if name != "catalogue"}
    for name, statement in models.items():
        if name != "schemas":
            (directory / f"{name}.sql").write_text(statement + "\n", encoding="utf-8")
    parts = [
        "-- All that was run: in an empty database, it makes the same tables.",
        *inputs,
        *models.values(),
        *looks,
    ]
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    (directory / "analysis.sql").write_text(text, encoding="utf-8")

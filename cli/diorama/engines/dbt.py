"""Runs dbt in this process and turns its events into records, results and errors."""

import contextlib
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from diorama.errors import DioramaError, explain
from diorama.project import Project
from diorama.project.manifest_cache import ParsedProject

MEMORY = ":memory:"
# The target for a database file of any name, see `profiles/profiles.yml`.
DUCKDB = "attached"
# what the default selector of selectors.yml leaves out; dbt ignores that beside --select
NOT_BUILT = ["resource_type:unit_test", "path:seeds,resource_type:test"]


@dataclass
class Step:
    """A finished step of a build: a seed, model or test."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str

    @property
    def failed(self) -> bool:
        """Whether it fails the build."""
        return self.status in ("error", "fail", "runtime error")


class Watcher:
    """Observer of a dbt run. Does nothing; commands override what they show."""

    def total(self, steps: int) -> None:
        """The number of steps became known."""

    def started(self, name: str) -> None:
        """A step began."""

    def finished(self, name: str, kind: str, status: str, seconds: float) -> None:
        """A step ended."""

    def emitted(self, record: dict[str, Any]) -> None:
        """A run-operation emitted a record (`macros/operations/emit.sql`)."""


@dataclass
class Dbt:
    """dbt on one project and one database file.

    Attributes:
        project: The project.
        database: The database file, or ":memory:" where none is needed.
        variables: dbt's vars.
        threads: Threads of DuckDB; None for the profile's default.
        target: The engine, a target of the profile.
        environment: More environment variables that the target reads.
    """

    project: Project
    database: Path | str
    variables: dict[str, Any] = field(default_factory=dict)
    threads: int | None = None
    target: str = DUCKDB
    environment: dict[str, str] = field(default_factory=dict)
    _manifest: Any = None
    _lines: list[str] = field(default_factory=list)  # that macros logged

    def manifest(self) -> Any:
        """The parsed project, cached between commands.

        Returns:
            dbt's manifest.
        """
        if self._manifest is None:
            sources = self._sources()
            parser = replace(self, variables=sources)
            with self._environment():  # from the import of dbt on
                self._manifest = self._parsed(sources).manifest(
                    lambda: parser._invoke(["parse"], Watcher()).result
                )
        return self._manifest

    def _sources(self) -> dict[str, Any]:
        """What is parsed depends on where experiments come from, and on no other variable."""
        names = ("worlds", "inputs", "declared_world")
        given = {name: self.variables.get(name) for name in names}
        return {name: value for name, value in given.items() if value is not None}

    def _parsed(self, sources: dict[str, Any]) -> ParsedProject:
        # of a declared world, whether there is one: its models are enabled
        told = sources | {"declared_world": "declared_world" in sources}
        return ParsedProject(self.project, self.target, json.dumps(told))

    def statements(self, select: list[str], exclude: list[str]) -> dict[str, str]:
        """The statements that make some models and the catalogue, for DuckDB to run without dbt.

        They are compiled once, so that the models must depend on no setting and no data.

        Args:
            select: dbt's selection.
            exclude: dbt's exclusion.

        Returns:
            The statements by the names of models, in order, and the `catalogue`.
        """
        parsed = self._parsed(self._sources() | {"select": select, "exclude": exclude})
        return parsed.statements(lambda: self._compiled(select, exclude))

    def _compiled(self, select: list[str], exclude: list[str]) -> dict[str, str]:
        self.manifest()
        arguments = ["compile", "--select", *select, "--exclude", *exclude]
        nodes = [r.node for r in self._invoke(arguments, Watcher()).result.results]
        schemas = sorted({node.schema for node in nodes})
        (catalogue,) = self.operation("catalogue", {})
        return {
            "schemas": "\n".join(f"create schema if not exists {s};" for s in schemas),
            **{
                node.name: f"create {node.config.materialized} {node.schema}.{node.name} as (\n"
                f"{node.compiled_code.strip()}\n);"
                for node in nodes
                if node.resource_type == "model"
            },
            "catalogue": catalogue["sql"],
        }

    def build(
        self,
        select: list[str],
        exclude: list[str],
        full_refresh: bool,
        watcher: Watcher,
    ) -> list[Step]:
        """Builds and tests.

        Args:
            select: dbt's selection; none for everything.
            exclude: dbt's exclusion.
            full_refresh: Whether incremental models are rebuilt.
            watcher: Observer of the run.

        Returns:
            All steps, failed ones included.
        """
        arguments = ["build"]
        arguments += ["--select", *select] if select else []
        if select or exclude:
            arguments += ["--exclude", *exclude, *NOT_BUILT]
        arguments += ["--full-refresh"] if full_refresh else []
        if exclude:
            # with a model go all tests that read it, also those that read another
            arguments += ["--indirect-selection", "eager"]
        self.manifest()
        self._lines.clear()
        results = self._invoke(arguments, watcher, results_may_fail=True).result.results
        return [
            Step(
                name=_label(result.node),
                kind=str(result.node.resource_type),
                status=str(result.status),
                seconds=result.execution_time,
                message=self._found(_label(result.node)) or result.message or "",
            )
            for result in results
            if result.node.resource_type != "operation"
        ]

    def _found(self, test: str) -> str:
        """The rows that a failed test found (`macros/testing/report_failed_tests.sql`)."""
        found = f"{test} found "
        lines = (line for line in self._lines if line.startswith(found))
        return "\n".join(line.removeprefix(found) for line in lines)

    def operation(
        self, name: str, arguments: dict[str, Any], watcher: Watcher | None = None
    ) -> list[dict[str, Any]]:
        """Calls a macro of `macros/operations`.

        Args:
            name: The macro.
            arguments: Its arguments.
            watcher: Observer of the run, which gets each record as it is emitted.

        Returns:
            The records that it emitted.
        """
        records: list[dict[str, Any]] = []

        class Collector(Watcher):
            def emitted(self, record: dict[str, Any]) -> None:
                records.append(record)
                if watcher is not None:
                    watcher.emitted(record)

        self.manifest()
        self._invoke(
            ["run-operation", name, "--args", json.dumps(arguments)], Collector()
        )
        return records

    def _invoke(
        self, arguments: list[str], watcher: Watcher, results_may_fail: bool = False
    ) -> Any:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        complaints: list[str] = []

        def listen(event: Any) -> None:
            name = event.info.name
            if name == "JinjaLogInfo" and event.data.msg.startswith('{"diorama"'):
                watcher.emitted(json.loads(event.data.msg)["diorama"])
            elif name == "JinjaLogInfo":
                self._lines.append(event.data.msg)
            elif name == "LogStartLine":
                watcher.total(event.data.total)
            elif name == "NodeStart":
                watcher.started(event.data.node_info.node_name)
            elif name == "NodeFinished":
                info, result = event.data.node_info, event.data.run_result
                watcher.finished(
                    info.node_name,
                    info.resource_type,
                    result.status,
                    result.execution_time,
                )
            elif event.info.level == "error":
                complaints.append(event.info.msg)

        arguments = [
            # of its own, since a log file follows the console's level otherwise
            *("--log-level", "none", "--log-level-file", "debug"),
            *("--no-print", "--no-use-colors", "--no-write-json"),
            *arguments,
            *(
                "--project-dir",
                str(self.project.root),
                "--profiles-dir",
                str(self.project.root / "profiles"),
            ),
            *self.variable_options(),
            *self._target_options(),
        ]
        with self._environment(), contextlib.chdir(self.project.root):
            try:
                result = dbtRunner(manifest=self._manifest, callbacks=[listen]).invoke(
                    arguments
                )
            finally:
                # Closes the file, so that its write-ahead log goes into it.
                DuckDBConnectionManager.close_all_connections()
        if result.exception is not None or (
            not result.success and not results_may_fail
        ):
            said = [str(result.exception or ""), *complaints]
            said += [r.message or "" for r in getattr(result.result, "results", [])]
            raise explain(
                "\n".join(filter(None, said)), self.project.log
            ) from result.exception
        if results_may_fail and result.result is None:
            raise DioramaError(
                f"dbt did not finish. Details are in {self.project.log}."
            )
        return result

    def variable_options(self) -> list[str]:
        """The settings for --vars, in YAML 1.1, which would read JSON's 1e-05 as text."""
        return ["--vars", yaml.safe_dump(self.variables, width=math.inf)]

    def _target_options(self) -> list[str]:
        """Options of the target; engines other than DuckDB get their own target directory."""
        if self.target == DUCKDB:
            return ["--target", DUCKDB]
        parent = os.environ.get("DBT_TARGET_PATH", str(self.project.cache))
        target_path = Path(parent) / self.target
        return ["--target", self.target, "--target-path", str(target_path)]

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        """Sets the environment variables that `profiles/profiles.yml` reads."""
        # A process that a signal ends leaves dbt's locks to Python's resource tracker, which
        # frees them, but would say so in two lines of its own.
        silent = "ignore::UserWarning:multiprocessing.resource_tracker"
        ours = {
            "DIORAMA_DATABASE": str(self.database),
            "PYTHONWARNINGS": ",".join(
                filter(None, [os.environ.get("PYTHONWARNINGS"), silent])
            ),
        }
        if self.project.is_installed:
            for name, folder in {
                "DBT_TARGET_PATH": "target",
                "DBT_LOG_PATH": "logs",
            }.items():
                ours[name] = os.environ.get(name, str(self.project.cache / folder))
        ours |= self.environment
        if self.threads is not None:
            ours["DIORAMA_THREADS"] = str(self.threads)
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _label(node: Any) -> str:
    """A node's name; for a generic test what it tests, since dbt's name lists all arguments."""
    metadata = getattr(node, "test_metadata", None)
    if metadata is None:
        return node.name
    tested = (node.attached_node or "").split(".")[-1]
    return " ".join(filter(None, [metadata.name, tested, node.column_name]))

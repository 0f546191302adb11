"""`diorama build --target`: the same rows on Spark or Sail, written as Parquet."""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from diorama.engines.build import TESTS, BuildRequest, run_steps
from diorama.engines.dbt import Dbt, Step, Watcher
from diorama.errors import DioramaError, UsageError, explain, headline
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import open_database
from diorama.ui.terminal import format_count, narrate, print_table

LOWEST_JAVA = 17
_servers: list[Any] = []


@dataclass(frozen=True)
class Place:
    """The destination of an engine's tables.

    Attributes:
        environment: Environment variables for `profiles/profiles.yml` and `macros/engine`.
        directory: The directory of the tables; None if the server decides.
        files: The pattern of a table's files below it, with {schema} and {name}.
    """

    environment: dict[str, str]
    directory: Path | None = None
    files: str = ""


def build_on_engine(
    project: Project, target: str, directory: Path | None, request: BuildRequest
) -> None:
    """Builds and tests worlds on another engine than DuckDB.

    Args:
        project: The project.
        target: The target of `profiles/profiles.yml`.
        directory: Where the tables go; None for the default.
        request: What to build.

    Raises:
        DioramaError: The engine is missing, or the build failed.
    """
    if target in ("spark_connect", "spark_thrift") and directory is not None:
        raise UsageError(
            f"--to does not go with --target {target}: its server decides where tables lie."
        )
    began = time.monotonic()
    check_installed(target)
    with _started(project, target, directory) as place:
        variables = request.variables | {"root_key": _root_key(project, request)}
        dbt = Dbt(
            project,
            ":memory:",
            variables,
            target=target,
            environment=place.environment,
        )
        steps = run_steps(dbt, request)
        _raise_failures(steps, target, project.log)
        facts = dbt.operation("describe", {})[0]["relations"]
    if not request.quiet:
        _report(target, place, steps, facts, time.monotonic() - began)


def check_installed(target: str) -> None:
    """Raises an error that names the package to install if an engine is missing.

    Args:
        target: The target of `profiles/profiles.yml`.
    """
    if target == "spark":
        install = (
            "Install it in an environment of its own: "
            "UV_PROJECT_ENVIRONMENT=.venv-spark uv sync --extra spark."
        )
    else:
        install = "Install it: uv sync --extra sail."
    found = importlib.util.find_spec("dbt.adapters")
    folders = list(found.submodule_search_locations or []) if found else []
    if not any((Path(folder) / "spark").is_dir() for folder in folders):
        raise DioramaError(f"Target {target} needs dbt-spark. {install}")
    if target == "sail" and "SPARK_REMOTE" not in os.environ:
        _require("pysail", target, install)
    if target in ("sail", "spark_connect"):
        _require("pyspark", target, install)
    if target == "spark":
        _require("pyspark", target, install)
        spec = importlib.util.find_spec("pyspark")
        if not (Path(str(spec and spec.origin)).parent / "jars").is_dir():
            raise DioramaError(
                f"Target spark needs the package pyspark; here is its client alone. {install}"
            )
        _check_java()
    if target == "spark_connect":
        _check_reachable(target, "SPARK_REMOTE", os.environ.get("SPARK_REMOTE"), 15002)
    if target == "spark_thrift":
        if importlib.util.find_spec("pyhive") is None:
            raise DioramaError(
                'Target spark_thrift needs PyHive. Install it: uv pip install "dbt-spark[PyHive]".'
            )
        host = os.environ.get("DIORAMA_SPARK_HOST", "127.0.0.1")
        port = os.environ.get("DIORAMA_SPARK_PORT", "10000")
        _check_reachable(target, "DIORAMA_SPARK_HOST", f"thrift://{host}:{port}", 10000)


def _require(package: str, target: str, install: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise DioramaError(f"Target {target} needs the package {package}. {install}")


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    install = f"Install Java {LOWEST_JAVA} or later (openjdk-17-jre-headless), or set JAVA_HOME."
    if java is None or not Path(java).is_file():
        raise DioramaError(f"Target spark needs Java, and there is none. {install}")
    said = subprocess.run(
        [java, "-version"], capture_output=True, encoding="utf-8"
    ).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < LOWEST_JAVA:
        raise DioramaError(
            f"Target spark needs Java {LOWEST_JAVA}, and {java} is older. {install}"
        )


def _check_reachable(
    target: str, variable: str, address: str | None, default_port: int
) -> None:
    if not address:
        raise DioramaError(
            f"Target {target} needs the address of a server in {variable}, such as "
            f"sc://localhost:{default_port}. Set it, or take --target sail, which starts one."
        )
    parts = urlsplit(address)
    try:
        port = parts.port or default_port
        socket.create_connection((parts.hostname or "", port), timeout=5).close()
    except (OSError, ValueError) as error:
        raise DioramaError(
            f"There is no server at {address} ({error}). Start it, or set {variable} to another."
        ) from error


def _root_key(project: Project, request: BuildRequest) -> int:
    """The root key of the settings: as given, else as DuckDB draws it from the seed."""
    given = request.variables.get("root_key")
    if given is not None:
        return given
    interrupted = "Interrupted before anything was built."
    with scratch_directory(project.workplace, "root_key", interrupted) as scratch:
        dbt = Dbt(project, scratch / "root_key.duckdb", request.variables)
        steps = dbt.build(["gen__run"], [], False, Watcher())
        if any(step.failed for step in steps):
            raise explain("\n".join(step.message for step in steps), project.log)
        with open_database(scratch / "root_key.duckdb") as catalogue:
            run = catalogue.run()
        assert run is not None
        return run["root_key"]


@contextmanager
def _started(project: Project, target: str, directory: Path | None) -> Iterator[Place]:
    """Starts what an engine needs, for as long as the block runs."""
    if target == "sail":
        with _sail(directory or project.workplace / "sail-warehouse") as place:
            yield place
    elif target == "spark":
        directory = directory or project.workplace / "spark-warehouse"
        yield Place(
            {"DIORAMA_WAREHOUSE": str(directory)},
            directory,
            "{schema}.db/{name}/*.parquet",
        )
    else:
        yield Place({})


@contextmanager
def _sail(directory: Path) -> Iterator[Place]:
    """Runs a Sail server, unless SPARK_REMOTE names one, and moves its files into place."""
    if directory.exists():
        raise UsageError(
            f"{directory} exists, and Sail does not replace tables. Remove it, or give another "
            "place with --to."
        )
    warnings.filterwarnings("ignore", module="pyspark")
    interrupted = f"Interrupted. {directory} was not made."
    with scratch_directory(directory.parent, directory.name, interrupted) as scratch:
        tables = scratch / "tables"
        tables.mkdir()
        environment = {"DIORAMA_LOCATION": str(tables)}
        if "SPARK_REMOTE" not in os.environ:
            environment["SPARK_REMOTE"] = _sail_server()
        yield Place(environment, directory, "{schema}/{name}/*.parquet")
        tables.rename(directory)


@cache
def _sail_server() -> str:
    """Starts a Sail server on a free port of this machine, for as long as this process lives.

    It is not stopped: the client looks for its server once more at exit, for minutes.

    Returns:
        Its address.
    """
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _servers.append(server)
    _, port = server.listening_address
    return f"sc://127.0.0.1:{port}"


def _raise_failures(steps: list[Step], target: str, log: str) -> None:
    failed = [step for step in steps if step.failed]
    if not failed:
        return
    for step in failed:
        narrate(
            f"{step.kind} {step.name} failed: {headline(step.message)}", style="red"
        )
    said = "\n".join(step.message for step in failed)
    if "[usage]" in said:
        raise explain(said, log)
    raise DioramaError(
        f"{len(failed)} of {len(steps)} steps failed on {target}. Details are in {log}."
    )


def _report(
    target: str,
    place: Place,
    steps: list[Step],
    facts: list[dict[str, Any]],
    seconds: float,
) -> None:
    """Prints the tables that were built, and how to read one."""
    fact_of = {fact["name"]: fact for fact in facts}
    built = [s for s in steps if s.kind == "model" and s.name in fact_of]
    rows: list[list[str]] = []
    for step in built:
        fact = fact_of[step.name]
        counted = format_count(fact["rows"]) if fact["kind"] == "table" else "view"
        name = f"{fact['schema']}.{fact['name']}"
        rows.append([name, counted, f"{step.seconds:.2f}"])
    print_table(
        f"Built on {target}",
        ["table", "rows", "seconds"],
        rows,
        right=["rows", "seconds"],
    )
    tests = sum(step.kind in TESTS for step in steps)
    narrate("")
    narrate(f"{tests} tests passed. Done in {seconds:.0f} s.")
    if place.directory:
        narrate(f"The tables lie in {place.directory}.")
    marts = [s.name for s in built if fact_of[s.name]["schema"] == "marts"]
    if place.directory and marts:
        files = place.files.format(schema="marts", name=marts[-1])
        narrate(f"Next:\n  duckdb -c \"from '{place.directory}/{files}' limit 5\"")

"""Worlds for the tests: built by dbt in a process of its own, read back with DuckDB.

A build in a new interpreter spends half its time on imports, so that dbt is imported once, by
multiprocessing's fork server, and every build is a fork of it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import md5
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest
import yaml
from filelock import FileLock

from diorama.engines.dbt import DUCKDB
from diorama.project import Project
from diorama.project.manifest_cache import ParsedProject

ROOT = Path(__file__).parents[2]

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["dbt.cli.main", "dbt.adapters.duckdb", "dbt.parser.manifest"]
)


@dataclass(frozen=True)
class Result:
    """What a dbt command came to."""

    success: bool
    log: str


class Dbt:
    """Runs dbt commands on a project, in a target directory of its own per thread of Python.

    A project is parsed once for all commands, because that takes seconds.
    """

    def __init__(self, directory: Path, project: Path = ROOT) -> None:
        self.project = project
        self.directory = directory
        self._run_numbers = itertools.count(1)

    @property
    def target(self) -> Path:
        return self.directory / f"target_{threading.current_thread().name}"

    def __call__(
        self,
        *arguments: str,
        database: Path,
        settings: dict[str, Any] | None = None,
        threads: int = 2,
        memory_limit: str = "3GB",
        target: str = DUCKDB,
    ) -> Result:
        log = self.directory / f"dbt_{next(self._run_numbers)}.log"
        command = [
            *arguments,
            *("--vars", json.dumps(settings or {})),
            *("--project-dir", str(self.project)),
            *("--profiles-dir", str(self.project)),
            *("--target-path", str(self.target)),
            *("--target", target),
            *("--log-level-file", "none", "--no-use-colors"),
            *([] if "parse" in arguments else ["--no-write-json"]),
        ]
        environment = {
            "DIORAMA_DATABASE": str(database),
            "DIORAMA_THREADS": str(threads),
            "DIORAMA_MEMORY_LIMIT": memory_limit,
        }
        # not by its exit code, which starting a process in another thread may take away
        # (multiprocessing reads that of every child then)
        answer, answering = _FORKS.Pipe(duplex=False)
        process = _FORKS.Process(
            target=_invoke,
            args=(command, environment, log, self.directory, self.project, answering),
        )
        process.start()
        answering.close()
        try:
            success = answer.recv()
        except EOFError:  # it was killed
            success = False
        process.join()
        return Result(success=success, log=log.read_text())


def _invoke(
    command: list[str],
    environment: dict[str, str],
    log: Path,
    directory: Path,
    project: Path,
    answering: Connection,
) -> None:
    """Runs a dbt command in this process, and sends whether it succeeds."""
    os.environ.update(environment)
    os.chdir(directory)
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)

    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    manifest = None if "parse" in command else _parsed(command, project)
    result = dbtRunner(manifest=manifest).invoke(command)
    if result.exception:
        print(result.exception)
    # this process ends without clean-up, which would leave a write-ahead log beside the file
    DuckDBConnectionManager.close_all_connections()
    answering.send(result.success)


def _parsed(command: list[str], project: Path) -> Any:
    """The parsed project, which all commands share."""
    from dbt.cli.main import dbtRunner

    has_declared = "declared_world" in json.loads(command[command.index("--vars") + 1])
    key = json.dumps({"declared_world": has_declared})
    return ParsedProject(Project(project), DUCKDB, key).manifest(
        lambda: (
            dbtRunner()
            .invoke(["parse", "--quiet", *command[command.index("--vars") :]])
            .result
        )
    )


# what each unit of the experiments has of each metric, and would have had
UNIT_MODELS = [
    f"int_experiments__{name}"
    for name in (
        *("experiments", "variants", "metrics", "exposures"),
        *("unit_facts", "unit_metric_days", "unit_metrics", "unit_survival"),
    )
] + ["truth__unit_metric_parts", "truth__unit_outcomes"]


SMALL = {
    "feed_users": 2000,
    "learning_users": 100,
    "shop_users": 400,
    "search_sessions_per_day": 50,
    "experiments_replicates": 20,
}


@dataclass(frozen=True)
class World:
    """A database that dbt built: one world of the project, or all where `name` is None.

    The experiments read all worlds: they are built with all, or where `experiments` says so; of
    `units` the steps up to what each unit has of each metric.
    """

    path: Path
    dbt: Dbt
    name: str | None = "feed"
    experiments: bool | Literal["units"] = False

    @contextlib.contextmanager
    def connect(
        self, other: World | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection, on which the other world's tables are in the catalogue `other`."""
        with duckdb.connect() as connection:
            connection.execute("set preserve_insertion_order = false")
            connection.execute("set enable_progress_bar = false")
            if other:
                connection.execute(f"attach '{other.path}' as other (read_only)")
            connection.execute(f"attach '{self.path}' as world (read_only)")
            connection.execute("use world")
            yield connection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def arrays(self, query: str) -> dict[str, Any]:
        """The columns of a query as numpy arrays."""
        with self.connect() as connection:
            return connection.execute(query).fetchnumpy()

    def relations(self) -> list[str]:
        """All tables and views, as schema.name."""
        query = (
            "select table_schema || '.' || table_name from information_schema.tables"
        )
        ours = "table_catalog = 'world' and table_schema != 'catalogue'"
        return sorted(name for (name,) in self.rows(f"{query} where {ours}"))

    def fingerprints(self, views: bool = True) -> dict[str, tuple[int, int]]:
        """Rows and content of every relation: a sum over rows, so that their order is nothing.

        The outer hash is needed: hash() of several columns lets the last one in by a plain XOR.
        """
        stored = "" if views else "semi join duckdb_tables() using (table_oid)"
        with self.connect() as connection:
            columns = connection.execute(
                f"""
                select schema_name || '.' || table_name, string_agg(column_name, ', ')
                from (from duckdb_columns() order by column_index) {stored}
                where database_name = 'world' and schema_name != 'catalogue' and not internal
                group by all
                order by all
                """
            ).fetchall()
            return {
                relation: connection.execute(
                    f"select count(*), coalesce(sum(hash(hash({names}))), 0) from {relation}"
                ).fetchall()[0]
                for relation, names in columns
            }

    def copy(self, path: Path) -> World:
        """The same world in another file, to be changed."""
        shutil.copy(self.path, path)
        return World(path, self.dbt, self.name, self.experiments)

    def build(self, *arguments: str, **options: Any) -> World:
        """Builds into this file what the settings say, and fails if dbt does."""
        result = self.try_build(*arguments, **options)
        assert result.success, result.log[-4000:]
        return self

    def try_build(self, *arguments: str, **options: Any) -> Result:
        chosen = ["--exclude-resource-types", "test", "unit_test"]
        if self.name and "--select" not in arguments:
            chosen += ["--select", f"+tag:{self.name}"]
            if self.experiments == "units":
                chosen += ["tag:experiments,resource_type:seed", *UNIT_MODELS]
            elif self.experiments:
                chosen.append("tag:experiments")
        return self.dbt("build", *chosen, *arguments, database=self.path, **options)


def with_experiments(world: World, directory: Path, settings: dict[str, Any]) -> World:
    """A copy of a world, with the experiments that read it."""
    copy = world.copy(directory / "with_experiments.duckdb")
    return copy.build("--select", "tag:experiments", settings=settings)


def both_arms(world: World, where: str = "true") -> Any:
    """What each unit has of each metric in control (y0) and under the first treatment (y1)."""
    query = f"""
        select
            experiment_id, unit_id, metric, assigned_variant as variant, stratum, is_logged,
            max(numerator) filter (is_control) as y0_numerator,
            max(denominator) filter (is_control) as y0_denominator,
            max(numerator) filter (not is_control) as y1_numerator,
            max(denominator) filter (not is_control) as y1_denominator
        from truth.truth__unit_outcomes
        where variant != 'large_banner' and {where}
        group by all
    """
    with world.connect() as connection:
        return connection.execute(query).df()


def surplus(
    left: World, right: World, relation: str, where: str = "true"
) -> list[tuple[Any, ...]]:
    """Some rows that the left world's relation has and the right one's has not, or fewer times."""
    with left.connect(right) as connection:
        return connection.execute(
            f"""
            select * from world.{relation} where {where}
            except all
            select * from other.{relation}
            limit 3
            """
        ).fetchall()


def assert_same(left: World, right: World) -> None:
    """Both worlds have the same relations, and their tables have the same rows.

    Rows of a view are computed when they are asked for, so that they show nothing of a build.
    """
    assert left.relations() == right.relations()
    left_prints, right_prints = (
        world.fingerprints(views=False) for world in (left, right)
    )
    different = [
        name for name in left_prints if left_prints[name] != right_prints[name]
    ]
    assert not different, {
        name: (left_prints[name][0], right_prints[name][0], surplus(left, right, name))
        for name in different
    }


class Worlds:
    """Builds each world that is asked for once, for all processes of a test run.

    Where DIORAMA_BUILT names a database that `make build` made, it is the world of the defaults.

    Args:
        directory: Of this process, for dbt's files.
        shared: Of all processes, for the databases.
        has_all: Whether all worlds of the defaults are asked for, so that none is built alone.
    """

    def __init__(self, directory: Path, shared: Path, has_all: bool = False) -> None:
        self.directory = directory
        self.shared = shared
        self.has_all = has_all
        self.dbt = Dbt(directory)

    def __call__(
        self,
        threads: int = 2,
        memory_limit: str = "3GB",
        name: str | None = "feed",
        experiments: bool | Literal["units"] = False,
        **settings: Any,
    ) -> World:
        """The world of these settings (default: those of dbt_project.yml), not to be changed."""
        declared = default_settings()
        changed = {k: v for k, v in settings.items() if declared.get(k) != v}
        default = not changed and (threads, memory_limit) == (2, "3GB")
        if default and "DIORAMA_BUILT" in os.environ:
            return World(Path(os.environ["DIORAMA_BUILT"]), self.dbt, name)
        if default and self.has_all and name is not None:
            return World(self(name=None).path, self.dbt, name)
        key = json.dumps(
            [name, experiments, settings, threads, memory_limit],
            sort_keys=True,
            default=str,
        )
        directory = self.shared / f"world_{md5(key.encode()).hexdigest()[:12]}"
        world = World(directory / "world.duckdb", self.dbt, name, experiments)
        with FileLock(f"{directory}.lock"):
            if not directory.exists():
                unfinished = self.new(directory.name, name, experiments).build(
                    settings=settings, threads=threads, memory_limit=memory_limit
                )
                unfinished.path.parent.rename(directory)
        return world

    def small(self) -> World:
        """All worlds in one file, small, where only the tables and their columns matter."""
        return self(name=None, **SMALL)

    def without_effect(self) -> World:
        """The same worlds, in which no treatment does anything and no log is lost."""
        return self(name=None, effect_scale=0, search_logging_loss=0, **SMALL)

    def prepare(self, *wanted: dict[str, Any]) -> None:
        """Builds worlds two at a time, since dbt itself keeps only one core busy."""
        with ThreadPoolExecutor(2, thread_name_prefix="dbt") as pool:
            list(pool.map(lambda arguments: self(**arguments), wanted))

    def new(
        self,
        file: str,
        name: str | None = "feed",
        experiments: bool | Literal["units"] = False,
    ) -> World:
        """A world that is not built yet."""
        directory = self.directory / file
        directory.mkdir()
        return World(directory / "world.duckdb", self.dbt, name, experiments)


@pytest.fixture(scope="session")
def worlds(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Worlds:
    own = tmp_path_factory.getbasetemp()
    in_parallel = "PYTEST_XDIST_WORKER" in os.environ
    shared = (own.parent if in_parallel else own) / "shared_worlds"
    shared.mkdir(exist_ok=True)
    # which queries all worlds of the defaults, as the documents have them
    has_all = any(item.path.stem == "test_docs" for item in request.session.items)
    return Worlds(tmp_path_factory.mktemp("worlds"), shared, has_all)


def copy_project(path: Path) -> Path:
    """The dbt project, to be changed."""
    path.mkdir()
    for name in ("macros", "models", "profiles", "seeds", "tests"):
        shutil.copytree(
            ROOT / name, path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(ROOT / name, path / name)
    return path


@functools.cache
def default_settings() -> dict[str, Any]:
    """The declared default of every setting."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    return {name: spec["default"] for name, spec in project["vars"]["settings"].items()}


def seed_rows(path: str) -> list[dict[str, Any]]:
    """The rows of a seed file."""
    with duckdb.connect() as connection:
        relation = connection.read_csv(str(ROOT / "seeds" / path))
        return [
            dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()
        ]

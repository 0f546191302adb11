"""`diorama build --shards`: a world too large for one file, as Parquet, one process per shard.

A shard is the world of a range of users, from `generate` to the user-grain marts; the union of all
shards is the whole. What is not a union (`meta: {shards: merged}`) is built on the merged shards,
and what every shard holds alike (`meta: {shards: replicated}`) is kept once.

    DIR/<layer>/<table>/shard-0003-of-0008.parquet      a table's rows of one shard
    DIR/<layer>/<table>/all.parquet                     a replicated or merged table
    DIR/shards/shard-0003-of-0008.json                  written last: the shard is finished
    DIR/manifest.json                                   written when all are: the union is the whole
"""

import json
import os
import resource
import shutil
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import Any

from diorama import __version__
from diorama.engines.database import check_place
from diorama.engines.dbt import Dbt, Watcher
from diorama.engines.selection import Layer, behind, selection
from diorama.engines.sql import columns_of, copy_statement, count_rows, read_files
from diorama.engines.workers import Worker
from diorama.errors import DioramaError, UsageError, headline
from diorama.files.export_manifest import MANIFEST_NAME
from diorama.files.export_query import exact_columns, select_list
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import open_database
from diorama.project.settings import check_settings
from diorama.ui.terminal import (
    BuildProgress,
    format_bytes,
    format_count,
    json_text,
    narrate,
    portable,
    print_table,
)

MEMORY_LIMIT = "1GB"
MODULUS = 2**64
# They compare the units of all shards.
EXPERIMENTS = ["tag:experiments,resource_type:model"]


@dataclass(frozen=True)
class ShardsRequest:
    """A request to build worlds in shards.

    Attributes:
        directory: Where the Parquet files go.
        shards: Number of shards.
        only: The shards to build (from 0); empty for all that are missing.
        jobs: Number of processes at a time.
        worlds: The worlds; none for all.
        variables: dbt's vars.
        threads: Threads of DuckDB in each process.
        quiet: Whether only errors are shown.
        layers: The layers to build, each with its dependencies; empty for all.
        has_tests: Whether data tests run.
    """

    directory: Path
    shards: int
    only: list[int]
    jobs: int
    worlds: list[str]
    variables: dict[str, Any]
    threads: int
    quiet: bool
    layers: list[Layer]
    has_tests: bool

    def label(self, index: int) -> str:
        """The name of a shard's files, without an ending."""
        return f"shard-{index:04d}-of-{self.shards:04d}"

    def receipt(self, index: int) -> Path:
        """Path of the receipt: its existence marks a finished shard; it lists the tables."""
        return self.directory / "shards" / f"{self.label(index)}.json"

    def log(self, index: int) -> Path:
        """The directory of a shard's log, which is removed when the shard is finished."""
        return self.directory / "shards" / self.label(index)

    def parts(self, project: Project) -> list[str]:
        """The selection of the layers; empty for all."""
        worlds = self.worlds or project.worlds
        folders = [folder for layer in self.layers for folder in layer.folders(worlds)]
        if Layer.marts in self.layers:
            folders.append("staging")  # also what only tests of it read
        return [f"+path:models/{folder}" for folder in folders]

    def unread(self) -> list[str]:
        """The selection of the models behind the layers, which no test may read."""
        return [*behind(self.layers), "path:models/truth"] if self.layers else []

    def origin(self) -> dict[str, Any]:
        """The settings and versions that all shards of a directory must share."""
        return {
            "versions": {
                "diorama": __version__,
                "dbt": version("dbt-core"),
                "duckdb": version("duckdb"),
            },
            "worlds": self.worlds,
            "layers": [str(layer) for layer in self.layers],
            "settings": self.variables,
            "shards": self.shards,
        }


def build_shards(project: Project, request: ShardsRequest) -> None:
    """Builds the missing shards, then merges all.

    Args:
        project: The project.
        request: What to build.

    Raises:
        DioramaError: A shard failed; finished ones stay, and the same command resumes from there.
    """
    for name in ("shard_index", "shard_count"):
        if name in request.variables:
            raise UsageError(f"--shards sets '{name}' itself. Leave it out.")
    beyond = [index for index in request.only if index >= request.shards]
    if beyond:
        raise UsageError(
            f"There is no shard {beyond[0]}: {request.shards} shards count from 0."
        )
    check_place(request.directory)
    _make_directories(request)
    began = time.monotonic()
    wanted = request.only or range(request.shards)
    missing = [index for index in wanted if not _is_finished(request, index)]
    if not request.quiet and len(missing) < len(wanted):
        narrate(
            f"{len(wanted) - len(missing)} of {len(wanted)} shards are already built."
        )
    if missing:
        # Refuses a bad setting before many processes start, and parses once for all of them.
        check_settings(project, {**request.variables, "shard_count": request.shards})
        Dbt(project, ":memory:").manifest()
        with _memory_limit():
            _run_processes(project, request, missing)
    unfinished = [
        index for index in range(request.shards) if not request.receipt(index).exists()
    ]
    if unfinished:
        narrate(
            f"{len(unfinished)} of {request.shards} shards are still to be built, "
            f"such as {unfinished[0]}; the last one merges them all."
        )
        return
    manifest = _merge(project, request)
    if not request.quiet:
        _report(request, manifest, time.monotonic() - began)


def build_shard(project: Project, request: ShardsRequest, index: int) -> None:
    """Builds one shard in this process and writes its files, the receipt last.

    Args:
        project: The project.
        request: What to build.
        index: The shard, from 0.
    """
    began = time.monotonic()
    variables = {
        **request.variables,
        "shard_index": index,
        "shard_count": request.shards,
    }
    with scratch_directory(request.directory, request.label(index), "") as scratch:
        os.environ["DBT_TARGET_PATH"] = str(scratch / "target")
        # not in the scratch directory, which a failure takes away
        os.environ["DBT_LOG_PATH"] = str(request.log(index))
        dbt = Dbt(project, scratch / "diorama.duckdb", variables, request.threads)
        chosen = selection(request.worlds, request.parts(project))
        _build(dbt, chosen, request.has_tests, [*EXPERIMENTS, *request.unread()])
        tables = _export(scratch, request, f"{request.label(index)}.parquet")
        receipt = {
            **request.origin(),
            "shard": index,
            "seconds": round(time.monotonic() - began, 3),
            "cpu_seconds": round(_cpu_seconds(), 3),
            "peak_memory_bytes": _peak_memory(),
            "tables": tables,
        }
        _write_json(request.receipt(index), receipt, scratch)
        shutil.rmtree(request.log(index), ignore_errors=True)


def _build(
    dbt: Dbt, select: list[str], has_tests: bool, exclude: Iterable[str] = ()
) -> None:
    """Builds a selection, with its data tests or none, without unit tests."""
    tests = "test_type:unit" if has_tests else "resource_type:test"
    steps = dbt.build(select, [tests, *exclude], False, Watcher())
    for step in steps:
        if step.failed:
            raise DioramaError(
                f"{step.kind} {step.name} failed: {headline(step.message).rstrip('.')}. "
                f"Details are in {dbt.project.log}."
            )


def _make_directories(request: ShardsRequest) -> None:
    try:
        request.receipt(0).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DioramaError(
            f"{request.directory} cannot be made ({error.strerror}). Give another place with --to."
        ) from error


def _is_finished(request: ShardsRequest, index: int) -> bool:
    """Whether a shard is finished; raises an error if it is from another build."""
    receipt = request.receipt(index)
    others = [
        path
        for path in receipt.parent.glob("*.json")
        if not path.stem.endswith(f"-of-{request.shards:04d}")
    ]
    if others:
        raise UsageError(
            f"{request.directory} holds {others[0].stem}, not one of {request.shards} shards. "
            "Give another directory with --to, or that number with --shards."
        )
    if not receipt.exists():
        return False
    made = json.loads(receipt.read_text(encoding="utf-8"))
    for name, value in request.origin().items():
        if made[name] != portable(value):
            raise UsageError(
                f"{receipt.name} in {request.directory} was built with {name} "
                f"{json.dumps(made[name])}, but now it is {json.dumps(value)}. "
                "Give another directory with --to."
            )
    return all(
        (request.directory / file).is_file()
        for table in made["tables"].values()
        for file in table["files"]
    )


def _run_processes(
    project: Project, request: ShardsRequest, missing: list[int]
) -> None:
    """Builds each shard in its own process, so that its memory is freed when it ends."""
    progress = BuildProgress("Building shards", request.quiet)
    progress.total = len(missing)
    waiting, workers = deque(missing), dict[int, Worker]()

    def stop(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with progress.showing():
            progress.start(f"{missing[0]}")
            while waiting or workers:
                while waiting and len(workers) < request.jobs:
                    index = waiting.popleft()
                    workers[index] = Worker(build_shard, project, request, index)
                wait([worker.sentinel for worker in workers.values()])
                for index in [i for i, w in workers.items() if not w.is_running()]:
                    _finish(request, index, workers.pop(index), progress)
    except KeyboardInterrupt:
        raise DioramaError(
            "Interrupted. Finished shards stay; run the same command again to continue."
        ) from None
    finally:
        signal.signal(signal.SIGTERM, before)
        for worker in workers.values():
            worker.end()


def _finish(
    request: ShardsRequest, index: int, worker: Worker, progress: BuildProgress
) -> None:
    """Prints how a shard ended."""
    failure = worker.failure()
    worker.end()
    if failure:
        raise DioramaError(
            f"Shard {index} failed: {failure.rstrip('.')}. "
            "Finished shards stay; run the same command again to continue."
        )
    receipt = json.loads(request.receipt(index).read_text(encoding="utf-8"))
    memory = format_bytes(receipt["peak_memory_bytes"])
    progress.finish(f"shard {index}", f"{receipt['seconds']:.0f} s, {memory}")


def _export(
    scratch: Path, request: ShardsRequest, file: str, merged: bool = False
) -> dict[str, dict[str, Any]]:
    """Writes the tables of a finished database, with their own types, to their places.

    Args:
        scratch: The directory of the database.
        request: What is built.
        file: The name of each table's file.
        merged: Whether to write those that are built on the merged shards, or all others.

    Returns:
        What a receipt says of each table.
    """
    tables = {}
    with open_database(scratch / "diorama.duckdb") as catalogue:
        for model in catalogue.models():
            kind = model.meta.get("shards", "union")
            if model.form != "table" or (kind == "merged") != merged:
                continue
            columns = columns_of(catalogue.connection, model.sql)
            rows, content = count_rows(catalogue.connection, model.sql, columns)
            query = f"select {select_list(exact_columns(columns))} from {model.sql}"
            written, place = scratch / file, Path(model.layer, model.name, file)
            catalogue.connection.execute(
                copy_statement(query, written, "parquet", "zstd")
            )
            (request.directory / place).parent.mkdir(parents=True, exist_ok=True)
            os.replace(written, request.directory / place)
            tables[model.name] = {
                "schema": model.layer,
                "world": model.world,
                "key": model.key,
                "kind": kind,
                "rows": rows,
                "bytes": (request.directory / place).stat().st_size,
                "fingerprint": content,
                "files": [str(place)],
            }
    return tables


def _merge(project: Project, request: ShardsRequest) -> dict[str, Any]:
    """Adds up the shards' receipts, keeps replicated tables once, and builds the merged ones."""
    receipts = [
        json.loads(request.receipt(index).read_text(encoding="utf-8"))
        for index in range(request.shards)
    ]
    tables: dict[str, dict[str, Any]] = {}
    for name, first in receipts[0]["tables"].items():
        parts = [receipt["tables"][name] for receipt in receipts]
        if first["kind"] == "replicated":
            if len({part["fingerprint"] for part in parts}) > 1:
                raise DioramaError(
                    f"The shards do not agree on {name}: they are not of one world. "
                    "Build them all with the same version and settings."
                )
            parts = parts[:1]
        tables[name] = {
            **first,
            "rows": sum(part["rows"] for part in parts),
            "bytes": sum(part["bytes"] for part in parts),
            # Content fingerprints are sums, so those of the parts add up to that of the union.
            "fingerprint": f"{sum(int(part['fingerprint'], 16) for part in parts) % MODULUS:016x}",
            "files": [file for part in parts for file in part["files"]],
        }
    tables.update(_build_merged(project, request, tables))
    manifest = {
        **request.origin(),
        "peak_memory_bytes": max(
            _peak_memory(), *(receipt["peak_memory_bytes"] for receipt in receipts)
        ),
        "tables": dict(sorted(tables.items())),
    }
    with scratch_directory(request.directory, "manifest", "") as scratch:
        _write_json(request.directory / MANIFEST_NAME, manifest, scratch)
    return manifest


def _build_merged(
    project: Project, request: ShardsRequest, tables: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Builds the tables that are not unions, on views over the shards' files."""
    interrupted = f"Interrupted. {request.directory} has no merged tables yet."
    with scratch_directory(request.directory, "merged", interrupted) as scratch:
        database = scratch / "diorama.duckdb"
        _attach(database, request.directory, tables)
        dbt = Dbt(project, database, request.variables, request.threads)
        # What merged models and their tests may read, and no shard holds.
        parts = request.parts(project)
        unheld = ["resource_type:seed", "config.materialized:view"]
        origins = [f"+tag:{world}" for world in request.worlds] or ["*"]
        _build(
            dbt,
            ["path:seeds/analysis", *selection([], origins, unheld, parts)],
            has_tests=False,
        )
        tags = [f"tag:{world}" for world in (*request.worlds, "experiments")]
        chosen = selection(
            [],
            ["config.meta.shards:merged"],
            tags if request.worlds else [],
            parts,
        )
        _build(dbt, chosen, request.has_tests, request.unread())
        return _export(scratch, request, "all.parquet", merged=True)


def _attach(database: Path, directory: Path, tables: dict[str, dict[str, Any]]) -> None:
    """Makes views over the shards' files, under the names of their models."""
    import duckdb

    with duckdb.connect(database) as connection:
        for name, table in tables.items():
            files = read_files([directory / file for file in table["files"]])
            connection.execute(f"create schema if not exists {table['schema']}")
            connection.execute(f"create view {table['schema']}.{name} as {files}")


@contextmanager
def _memory_limit() -> Iterator[None]:
    """Limits the memory of processes, unless the environment does, since several run at once."""
    name = "DIORAMA_MEMORY_LIMIT"
    is_given = name in os.environ
    os.environ.setdefault(name, MEMORY_LIMIT)
    try:
        yield
    finally:
        if not is_given:
            del os.environ[name]


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _write_json(path: Path, document: dict[str, Any], scratch: Path) -> None:
    unfinished = scratch / path.name
    unfinished.write_text(json_text(document) + "\n", encoding="utf-8")
    os.replace(unfinished, path)


def _report(request: ShardsRequest, manifest: dict[str, Any], seconds: float) -> None:
    rows = [
        [
            f"{table['schema']}/{name}",
            format_count(table["rows"]),
            format_bytes(table["bytes"]),
            table["fingerprint"],
        ]
        for name, table in manifest["tables"].items()
    ]
    print_table(
        f"Built {request.shards} shards in {request.directory}",
        ["table", "rows", "size", "fingerprint"],
        rows,
        right=["rows", "size"],
    )
    narrate("")
    narrate(
        f"{seconds:.0f} s. Rows and fingerprints of the whole are in "
        f"{request.directory / MANIFEST_NAME}."
    )

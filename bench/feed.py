"""Measures how fast a world is built, and in how much memory: feed unless --world says another.

The yardstick is DuckDB's own copy of the finished event table on the same machine, in the same
run: seconds differ between machines, the ratio hardly does. docs/benchmarks.md explains the
figures.
"""

import importlib.metadata
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from records import RESULTS, new_record, write_record

ROOT = Path(__file__).parents[1]
USERS = [6_000, 60_000]
LARGE_USERS = 600_000
LAYERS = ["generation", "staging", "intermediate", "marts", "tests"]
GIBIBYTE = 2**30

# Of each world: the setting of its size, further settings, and the table that is copied.
SIZES: dict[str, tuple[str, dict[str, Any], str]] = {
    "feed": ("feed_users", {}, "raw_feed__events"),
    "learning": ("learning_users", {}, "raw_learning__events"),
    "shop": ("shop_users", {}, "raw_shop__events"),
    "search": (
        "search_sessions_per_day",
        {"search_days": 10},
        "raw_search__impressions",
    ),
}

# What the project promises (issues 2, 5 and 6), by world, as (measure, size, at most). For shop, at
# 15 items a session and a million sessions, which docs/benchmarks.md tells how to build.
TARGETS = {
    "feed": [
        ("generation_per_copy", 50_000, 3.0),
        ("wall_seconds", 50_000, 60.0),
        ("generation_per_copy", 500_000, 2.2),
        ("peak_gibibytes", 500_000, 4.0),
    ],
    "shop": [
        ("generation_per_copy", 48_000, 6.0),
        ("peak_gibibytes", 48_000, 8.0),
    ],
    "search": [("peak_gibibytes", 100_000, 8.0)],
}
GROWTH_TARGET = (50_000, 500_000, 11.0)

console = Console()


@dataclass(frozen=True)
class Choice:
    """What is built.

    Attributes:
        world: The world.
        settings: Its settings, but for the users.
        exclude: Models that are left out.
    """

    world: str
    settings: dict[str, Any]
    exclude: list[str]


@dataclass(frozen=True)
class Run:
    """What was measured at one size.

    Attributes:
        users: Users of the world.
        events: Rows of the raw event table.
        wall_seconds: From the start of dbt to its end, parsing and tests included.
        layer_seconds: Sum over the models of a layer, or over all tests.
        model_seconds: Per model.
        copy_seconds: Each of DuckDB's copies of the event table.
        peak_bytes: Largest resident memory of the process that built.
        database_bytes: Size of the database file.
    """

    users: int
    events: int
    wall_seconds: float
    layer_seconds: dict[str, float]
    model_seconds: dict[str, float]
    copy_seconds: list[float]
    peak_bytes: int
    database_bytes: int

    @property
    def copy(self) -> float:
        """Seconds of the yardstick."""
        return statistics.median(self.copy_seconds)

    @property
    def generation_seconds(self) -> float:
        """Seconds of the models that generate: generate and raw."""
        return self.layer_seconds["generation"]

    @property
    def build_seconds(self) -> float:
        """Seconds of all models, without tests."""
        return sum(s for layer, s in self.layer_seconds.items() if layer != "tests")

    def measures(self) -> dict[str, float]:
        """The figures that are compared between machines and versions."""
        return {
            "wall_seconds": self.wall_seconds,
            "generation_per_copy": self.generation_seconds / self.copy,
            "build_per_copy": self.build_seconds / self.copy,
            "generated_events_per_second": self.events / self.generation_seconds,
            "built_events_per_second": self.events / self.build_seconds,
            "peak_gibibytes": self.peak_bytes / GIBIBYTE,
        }


def main(
    world: Annotated[
        str, typer.Option(help="The world: feed, learning, shop or search.")
    ] = "feed",
    users: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            help="A size to measure; repeatable. Users (of 83 events each in feed); of search, "
            "sessions a day, for ten days.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting as name=value; repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="Models that are not built, as dbt selects; repeatable."),
    ] = None,
    large: Annotated[
        bool, typer.Option("--large", help="Add 600,000 users: 50 million events.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads of DuckDB.")] = 2,
    memory_limit: Annotated[str, typer.Option(help="Memory limit of DuckDB.")] = "3GB",
    directory: Annotated[
        Path, typer.Option(help="Where databases are built; on a real disk.")
    ] = ROOT / "target" / "bench",
    results: Annotated[
        Path, typer.Option(help="Where the result is written.")
    ] = RESULTS,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if a target is missed.")
    ] = False,
) -> None:
    """Example: python bench/feed.py --users 50000 --users 500000 --check."""
    load_average = os.getloadavg()[0]
    chosen = Choice(world, _parsed(settings or []), exclude or [])
    sizes = users or USERS + ([LARGE_USERS] if large else [])
    runs = []
    for size in sorted(sizes):
        with console.status(f"Building {size:,} users"):
            runs.append(_measure(chosen, size, threads, memory_limit, directory))
    growth = [_growth(*pair) for pair in itertools.pairwise(runs)]
    targets = _judge(world, runs)
    path = _keep(
        results, chosen, runs, growth, targets, threads, memory_limit, load_average
    )
    _report(world, runs, growth, targets)
    console.print(f"Written to {path}", soft_wrap=True)
    if check and not all(target["is_met"] for target in targets):
        raise typer.Exit(1)


def _parsed(settings: list[str]) -> dict[str, Any]:
    """Settings given as name=value."""
    pairs = (given.partition("=") for given in settings)
    return {name: yaml.safe_load(value) for name, _, value in pairs}


def _measure(
    chosen: Choice, users: int, threads: int, memory_limit: str, directory: Path
) -> Run:
    """Builds the world in a process of its own, then copies its events in another one."""
    work = directory / f"{users}_users"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    database = work / "bench.duckdb"
    environment = {
        "DIORAMA_DATABASE": str(database),
        "DIORAMA_THREADS": str(threads),
        "DIORAMA_MEMORY_LIMIT": memory_limit,
        "DBT_TARGET_PATH": str(work / "target"),
        "DBT_LOG_PATH": str(work / "logs"),
    }
    try:
        wall_seconds, peak_bytes = _build(chosen, users, work / "dbt.log", environment)
        # Spawned, not forked: the memory of this process stays small, and so does its child's.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            events, copy_seconds = pool.submit(
                copy_events, chosen.world, str(database), threads, memory_limit
            ).result()
        model_seconds, layer_seconds = _seconds(work / "target")
        database_bytes = database.stat().st_size
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Run(
        users=users,
        events=events,
        wall_seconds=wall_seconds,
        layer_seconds=layer_seconds,
        model_seconds=model_seconds,
        copy_seconds=copy_seconds,
        peak_bytes=peak_bytes,
        database_bytes=database_bytes,
    )


def _build(
    chosen: Choice, users: int, log: Path, environment: dict[str, str]
) -> tuple[float, int]:
    """Builds and tests the world; returns the seconds and the peak of resident memory."""
    size, further, _ = SIZES[chosen.world]
    command = [
        str(Path(sys.executable).with_name("dbt")),
        *("build", "--select", f"+tag:{chosen.world}"),
        *("--exclude", "tag:monte_carlo", *chosen.exclude),
        *("--vars", json.dumps({size: users} | further | chosen.settings)),
        # one model at a time: the seconds of two side by side are not those of each
        *("--threads", "1"),
    ]
    with log.open("w", encoding="utf-8") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        console.print(log.read_text(encoding="utf-8")[-4000:], markup=False)
        raise typer.Exit(1)
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit


def copy_events(
    world: str, database: str, threads: int, memory_limit: str
) -> tuple[int, list[float]]:
    """The yardstick: DuckDB writes the finished event table once more, three times.

    Args:
        world: The world.
        database: The database file.
        threads: As in the build.
        memory_limit: As in the build.

    Returns:
        The number of events and the seconds of each copy.
    """
    import duckdb

    table = f"raw.{SIZES[world][2]}"
    settings = {"threads": threads, "memory_limit": memory_limit}
    with duckdb.connect(database, config=settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        seconds = []
        for _ in range(3):
            connection.execute("checkpoint")
            began = time.perf_counter()
            connection.execute(f"create table main.copy as select * from {table}")
            seconds.append(time.perf_counter() - began)
            connection.execute("drop table main.copy")
        rows = connection.execute(f"select count(*) from {table}")
        return rows.fetchall()[0][0], seconds


def _seconds(target: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds per model and per layer that dbt spent executing them, as it wrote them down.

    Compiling is left out, and so are views, which hold nothing: the yardstick writes rows as well.
    """
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))[
        "results"
    ]
    models: dict[str, float] = {}
    layers: dict[str, float] = defaultdict(float)
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        seconds = result["execution_time"]
        if kind in ("test", "unit_test"):
            layers["tests"] += seconds
        elif kind == "seed":
            layers["seeds"] += seconds
        elif kind == "model":
            node = nodes[result["unique_id"]]
            if node["config"]["materialized"] == "view":
                continue
            models[name] = seconds = _execution_seconds(result)
            layer = node["schema"]
            layers["generation" if layer in ("generate", "raw") else layer] += seconds
    return models, dict(layers)


def _execution_seconds(result: dict[str, Any]) -> float:
    """The seconds of one model's execution, without its compilation."""
    for phase in result["timing"]:
        if phase["name"] == "execute":
            began, ended = (
                datetime.fromisoformat(phase[moment])
                for moment in ("started_at", "completed_at")
            )
            return (ended - began).total_seconds()
    return 0.0


def _growth(small: Run, large: Run) -> dict[str, float]:
    """How the time grows from one size to the next."""
    return {
        "from_users": small.users,
        "to_users": large.users,
        "events": large.events / small.events,
        "copy": large.copy / small.copy,
        "generation": large.generation_seconds / small.generation_seconds,
        "build": large.build_seconds / small.build_seconds,
        "wall": large.wall_seconds / small.wall_seconds,
    }


def _judge(world: str, runs: list[Run]) -> list[dict[str, Any]]:
    """Holds the runs against the targets that are set for their sizes."""
    by_users = {run.users: run for run in runs}
    found = [
        (f"{measure} at {users:,} users", by_users[users].measures()[measure], limit)
        for measure, users, limit in TARGETS.get(world, [])
        if users in by_users
    ]
    small, large, limit = GROWTH_TARGET
    if world == "feed" and small in by_users and large in by_users:
        growth = _growth(by_users[small], by_users[large])["wall"]
        found.append((f"growth of wall_seconds from {small:,} users", growth, limit))
    return [
        {"target": name, "measured": value, "at_most": limit, "is_met": value <= limit}
        for name, value, limit in found
    ]


def _keep(
    results: Path,
    chosen: Choice,
    runs: list[Run],
    growth: list[dict[str, float]],
    targets: list[dict[str, Any]],
    threads: int,
    memory_limit: str,
    load_average: float,
) -> Path:
    """Writes the result beside the earlier ones."""
    now = datetime.now(UTC)
    commit = _git("rev-parse", "--short", "HEAD")
    is_changed = bool(_git("status", "--porcelain", "--", "models", "macros", "seeds"))
    result = {
        "world": chosen.world,
        "settings": chosen.settings,
        "exclude": chosen.exclude,
        "measured_at": now.isoformat(timespec="seconds"),
        "commit": commit,
        "is_changed_since_commit": is_changed,
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load_average_before": load_average,
        },
        "versions": {
            "python": platform.python_version(),
            "dbt": importlib.metadata.version("dbt-core"),
            "duckdb": importlib.metadata.version("duckdb"),
        },
        "threads": threads,
        "memory_limit": memory_limit,
        "runs": [asdict(run) | {"measures": run.measures()} for run in runs],
        "growth": growth,
        "targets": targets,
    }
    path = new_record(results, "", commit or "unknown")
    write_record(path, _rounded(result))
    return path


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8").stdout.strip()


def _processor() -> str:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text(encoding="utf-8").splitlines() if cpu.exists() else []
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value


def _report(
    world: str,
    runs: list[Run],
    growth: list[dict[str, float]],
    targets: list[dict[str, Any]],
) -> None:
    """Prints what was measured."""
    table = Table(title=f"The {world} world, built and tested")
    table.add_column("")
    for run in runs:
        table.add_column(f"{run.users:,} users", justify="right")

    def row(name: str, values: list[str]) -> None:
        table.add_row(name, *values)

    row("million events", [f"{run.events / 1e6:.2f}" for run in runs])
    row("DuckDB's copy, s", [f"{run.copy:.2f}" for run in runs])
    for layer in LAYERS:
        row(f"{layer}, s", [f"{run.layer_seconds.get(layer, 0):.2f}" for run in runs])
    row("whole command, s", [f"{run.wall_seconds:.1f}" for run in runs])
    table.add_section()
    names = {
        "generation_per_copy": "generation / copy",
        "build_per_copy": "all models / copy",
        "generated_events_per_second": "events/s, generation",
        "built_events_per_second": "events/s, all models",
        "peak_gibibytes": "peak memory, GiB",
    }
    for measure, name in names.items():
        values = [run.measures()[measure] for run in runs]
        row(name, [f"{v:,.0f}" if v > 1000 else f"{v:.2f}" for v in values])
    row("database, GiB", [f"{run.database_bytes / GIBIBYTE:.2f}" for run in runs])
    if growth:
        table.add_section()
        for part in ("events", "copy", "generation", "build", "wall"):
            row(f"growth of {part}", ["", *(f"{step[part]:.1f}" for step in growth)])
    console.print(table)
    for target in targets:
        console.print(
            f"{'met   ' if target['is_met'] else 'MISSED'} {target['target']}: "
            f"{target['measured']:.2f}, at most {target['at_most']:g}"
        )


if __name__ == "__main__":
    typer.run(main)

"""Measures how fast a declared world is generated; docs/benchmarks.md explains the figures.

examples/worlds/coffee.yml is built up to its raw tables, dirt and delivery included. Then the SQL
of each table is run once more without dbt, beside DuckDB's own copy of the finished event table.
"""

import itertools
import os
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from analyse import measured
from records import RESULTS, new_record, write_record

COFFEE = Path(__file__).parents[1] / "examples" / "worlds" / "coffee.yml"
SIZES, LARGE = [1_000_000, 10_000_000], 50_000_000
AIMED_AT = 10_000_000
# measure, bound, whether it is the least or the most
BARS = [
    ("events_per_second", 1_500_000, "least"),
    ("peak_gibibytes", 3.0, "most"),
    ("times_copy", 4.0, "most"),
]

# options that bench/generation.py has too
Threads = Annotated[int, typer.Option(min=1, help="Threads of DuckDB.")]
MemoryLimit = Annotated[str, typer.Option(help="Memory limit of DuckDB.")]
Results = Annotated[Path, typer.Option(help="Directory of the results.")]
Check = Annotated[
    bool, typer.Option("--check", help="Exit with 1 if a target is missed.")
]


def main(
    events: Annotated[
        list[int] | None, typer.Option(min=1, help="A size to measure; repeatable.")
    ] = None,
    large: Annotated[
        bool, typer.Option("--large", help="Add 50 million events.")
    ] = False,
    threads: Threads = 2,
    memory_limit: MemoryLimit = "3GB",
    results: Results = RESULTS,
    check: Check = False,
) -> None:
    """Example: python bench/own_world.py --large."""
    load_average = os.getloadavg()
    sizes = events or SIZES + ([LARGE] if large else [])
    runs = [measured_at(size, threads, memory_limit) for size in sorted(sizes)]
    targets = [
        {
            "target": f"{measure} at {AIMED_AT:,} events, at {end} {bound:,}",
            "measured": run[measure],
            "is_met": run[measure] >= bound
            if end == "least"
            else run[measure] <= bound,
        }
        for run in runs
        for measure, bound, end in BARS
        if run["asked"] == AIMED_AT
    ]
    growth = [
        {
            "from_events": small["events"],
            "to_events": large_["events"],
            "events": round(large_["events"] / small["events"], 2),
            "cpu_seconds": round(large_["cpu_seconds"] / small["cpu_seconds"], 2),
        }
        for small, large_ in itertools.pairwise(runs)
    ]
    record = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": load_average,
        "threads": threads,
        "memory_limit": memory_limit,
        "runs": runs,
        "growth": growth,
        "targets": targets,
    }
    path = new_record(results, "own-world")
    write_record(path, record)
    for run in runs:
        print(
            f"{run['events']:>12,} events {run['cpu_seconds']:7.2f} CPU s "
            f"{run['times_copy']:5.2f} x copy {run['events_per_second']:>12,} events/s "
            f"{run['peak_gibibytes']:5.2f} GiB"
        )
    for step in growth:
        print(f"{step['events']} x events take {step['cpu_seconds']} x CPU seconds")
    for target in targets:
        said = "met   " if target["is_met"] else "MISSED"
        print(f"{said} {target['target']}: {target['measured']:,}")
    print(f"Written to {path}.")
    if check and not all(target["is_met"] for target in targets):
        raise typer.Exit(1)


def measured_at(events: int, threads: int, memory_limit: str) -> dict[str, Any]:
    """Builds a world of so many events, and runs its SQL without dbt.

    Args:
        events: As many events as the file asks for.
        threads: Threads of DuckDB.
        memory_limit: Memory limit of DuckDB.

    Returns:
        What was measured.
    """
    with tempfile.TemporaryDirectory() as directory:
        world, database = (
            Path(directory, "coffee.yml"),
            Path(directory, "coffee.duckdb"),
        )
        text, found = re.subn(
            "^users:.*$",
            f"target_events: {events}",
            COFFEE.read_text(encoding="utf-8"),
            flags=re.M,
        )
        assert found == 1
        world.write_text(text, encoding="utf-8")
        target = Path(directory, "target")
        os.environ |= {
            "DIORAMA_THREADS": str(threads),
            "DIORAMA_MEMORY_LIMIT": memory_limit,
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": directory,
        }
        diorama = str(Path(sys.executable).with_name("diorama"))
        command = [diorama, "build", "--world", str(world), "--only", "raw"]
        command += ["--no-tests", "--quiet", "--database", str(database)]
        build = measured(command)
        # spawned, so that its memory and seconds are its own
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            alone = pool.submit(
                without_dbt, str(database), str(target), threads, memory_limit
            ).result()
    return {"asked": events, **alone, "build": build}


def without_dbt(
    database: str,
    target: str,
    threads: int,
    memory_limit: str,
    copied: str = "raw_custom__events",
) -> dict[str, Any]:
    """Runs the SQL of each table of a built world once more, and the copy three times.

    Args:
        database: The database file.
        target: dbt's directory, with the compiled SQL.
        threads: As in the build.
        memory_limit: As in the build.
        copied: The raw table that is copied.

    Returns:
        What was measured.
    """
    import duckdb

    config = {"threads": threads, "memory_limit": memory_limit}
    with duckdb.connect(database, config=config) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")

        def made(query: str) -> Callable[[], object]:
            return lambda: connection.execute(f"create table main.made as {query}")

        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name in ('generate', 'raw')"
        ).fetchall()
        files = {path.stem: path for path in Path(target, "compiled").rglob("*.sql")}
        models = {}
        for (name,) in sorted(tables):
            if name in files:
                models[name] = timed(made(files[name].read_text(encoding="utf-8")))
                connection.execute("drop table main.made")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        copies = []
        for _ in range(3):
            connection.execute("checkpoint")
            copies.append(timed(made(f"select * from raw.{copied}")))
            connection.execute("drop table main.made")
        counted = connection.execute(f"select count(*) from raw.{copied}")
        ((events,),) = counted.fetchall()
    cpu = sum(model["cpu_seconds"] for model in models.values())
    wall = sum(model["wall_seconds"] for model in models.values())
    copy = statistics.median(each["cpu_seconds"] for each in copies)
    return {
        "events": events,
        "cpu_seconds": round(cpu, 2),
        "wall_seconds": round(wall, 2),
        "copy_cpu_seconds": round(copy, 2),
        "times_copy": round(cpu / copy, 2),
        "events_per_second": round(events / wall),
        "events_per_cpu_second": round(events / cpu),
        "peak_gibibytes": round(
            peak / 2 ** (30 if sys.platform == "darwin" else 20), 2
        ),
        "models": models,
        "copies": copies,
    }


def timed(call: Callable[[], object]) -> dict[str, float]:
    """CPU seconds and seconds of a call."""
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return {
        "cpu_seconds": round(time.process_time() - cpu, 3),
        "wall_seconds": round(time.perf_counter() - wall, 3),
    }


if __name__ == "__main__":
    typer.run(main)

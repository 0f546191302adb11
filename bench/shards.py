"""Measures worlds too large for one process: the feed world in shards, straight to Parquet.

Seconds are those of the whole command, tests of every shard and the merge included, by the clock
and of all cores; memory is that of the largest process, as each shard's receipt has it.
docs/engines.md has the figures.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
EVENTS_PER_USER = 82.9
GIBIBYTE = 2**30

# What the project promises (issue 3).
PEAK_GIBIBYTES = 2.0

console = Console()


def main(
    events: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Million events to make; repeatable."),
    ] = None,
    users_per_shard: Annotated[
        int, typer.Option(min=1, help="Users of a shard, about.")
    ] = 100_000,
    jobs: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 2,
    directory: Annotated[
        Path, typer.Option(help="Where the files are built; removed afterwards.")
    ] = ROOT / "target" / "bench-shards",
    results: Annotated[Path, typer.Option(help="Where the result is written.")] = ROOT
    / "bench"
    / "results"
    / "shards.json",
) -> None:
    """Example: python bench/shards.py --events 50 --events 200."""
    sizes = sorted(events or [50, 200])
    runs = [_measure(size, users_per_shard, jobs, directory) for size in sizes]
    results.parent.mkdir(parents=True, exist_ok=True)
    result = {"cores": os.cpu_count(), "jobs": jobs, "runs": runs}
    results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    _report(runs)
    if max(run["peak_gibibytes"] for run in runs) > PEAK_GIBIBYTES:
        console.print(f"MISSED: a process took more than {PEAK_GIBIBYTES} GiB")
        raise typer.Exit(1)


def _measure(
    million_events: int, users_per_shard: int, jobs: int, directory: Path
) -> dict[str, Any]:
    """Builds one size and reads what its shards say of themselves."""
    shutil.rmtree(directory, ignore_errors=True)
    users = round(million_events * 1_000_000 / EVENTS_PER_USER)
    shards = max(jobs, round(users / users_per_shard))
    command = [
        *(sys.executable, "-m", "diorama", "build", "--world", "feed"),
        *("--users", str(users), "--shards", str(shards), "--jobs", str(jobs)),
        *("--to", str(directory)),
    ]
    began, cpu_before = time.perf_counter(), _cpu_seconds()
    try:
        subprocess.run(command, cwd=ROOT, check=True)
        seconds = time.perf_counter() - began
        cpu_seconds = _cpu_seconds() - cpu_before
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        receipts = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((directory / "shards").glob("*.json"))
        ]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    tables = manifest["tables"]
    event_table = tables["raw_feed__events"]
    return {
        "users": users,
        "shards": shards,
        "events": event_table["rows"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "shard_seconds": [receipt["seconds"] for receipt in receipts],
        "events_per_second": round(event_table["rows"] / seconds),
        "peak_gibibytes": round(manifest["peak_memory_bytes"] / GIBIBYTE, 3),
        "event_gibibytes": round(event_table["bytes"] / GIBIBYTE, 3),
        "all_gibibytes": round(
            sum(table["bytes"] for table in tables.values()) / GIBIBYTE, 3
        ),
    }


def _cpu_seconds() -> float:
    """CPU seconds of all finished child processes and theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _report(runs: list[dict[str, Any]]) -> None:
    """Prints what was measured, and how it grows."""
    table = Table(title="The feed world in shards, built and tested")
    table.add_column("")
    for run in runs:
        table.add_column(f"{run['events'] / 1e6:.1f} million events", justify="right")
    for key in ("users", "shards", "seconds", "cpu_seconds", "events_per_second"):
        table.add_row(key.replace("_", " "), *(f"{run[key]:,}" for run in runs))
    for key in ("peak_gibibytes", "event_gibibytes", "all_gibibytes"):
        table.add_row(key.replace("_", " "), *(f"{run[key]:.2f}" for run in runs))
    per_event = [1e6 * run["cpu_seconds"] / run["events"] for run in runs]
    table.add_row(
        "CPU microseconds per event", *(f"{value:.2f}" for value in per_event)
    )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)

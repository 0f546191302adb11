"""Measures worlds too large for one process: the feed world in shards, straight to Parquet.

Seconds are those of the whole command, tests of every shard and the merge included, by the clock
and of all cores; memory is that of the largest process, as each shard's receipt has it. Each
finished shard is added to the result at once, so that a run which was stopped has its figures, too.
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

from records import RESULTS, new_record, write_record

ROOT = Path(__file__).parents[1]
EVENTS_PER_USER = 82.9
GIBIBYTE = 2**30
SECONDS_BETWEEN_LOOKS = 5

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
    only: Annotated[
        str | None, typer.Option(help="Only up to this layer: raw, staging or marts.")
    ] = None,
    compare: Annotated[
        int,
        typer.Option(
            min=0,
            help="Build the users of the first shards, this many, directly as well, and compare "
            "fingerprints.",
        ),
    ] = 0,
    directory: Annotated[
        Path, typer.Option(help="Where the files are built; removed afterwards.")
    ] = ROOT / "target" / "bench-shards",
    results: Annotated[
        Path, typer.Option(help="Directory to keep the figures in.")
    ] = RESULTS,
) -> None:
    """Example: python bench/shards.py --events 50 --events 200."""
    sizes = sorted(events or [50, 200])
    result: dict[str, Any] = {"cores": os.cpu_count(), "jobs": jobs, "only": only}
    result["load_average_before"] = os.getloadavg()[0]
    result["runs"] = runs = []
    record = new_record(results, "shards")
    for size in sizes:
        run: dict[str, Any] = {}
        runs.append(run)
        for known in _measure(size, users_per_shard, jobs, only, directory):
            run.update(known)
            write_record(record, result)
        try:
            if compare:
                run["compared"] = _compare(run, compare, only, directory)
                write_record(record, result)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    _report(runs)
    if max(run["peak_gibibytes"] for run in runs) > PEAK_GIBIBYTES:
        console.print(f"MISSED: a process took more than {PEAK_GIBIBYTES} GiB")
        raise typer.Exit(1)
    if any(run.get("compared", {}).get("differing") for run in runs):
        console.print("MISSED: a direct build has other rows")
        raise typer.Exit(1)


def _measure(
    million_events: int,
    users_per_shard: int,
    jobs: int,
    only: str | None,
    directory: Path,
) -> Any:
    """Builds one size, and yields what its finished shards say of themselves as it grows."""
    shutil.rmtree(directory, ignore_errors=True)
    users = round(million_events * 1_000_000 / EVENTS_PER_USER)
    shards = max(jobs, round(users / users_per_shard))
    command = [
        *(sys.executable, "-m", "diorama", "build", "--world", "feed"),
        *("--users", str(users), "--shards", str(shards), "--jobs", str(jobs)),
        *(("--only", only) if only else ()),
        *("--to", str(directory)),
    ]
    began, cpu_before = time.perf_counter(), _cpu_seconds()
    process = subprocess.Popen(command, cwd=ROOT)
    finished = -1
    while process.poll() is None:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        receipts = _receipts(directory)
        if len(receipts) > finished:
            finished = len(receipts)
            yield {
                "users": users,
                "shards": shards,
                "shards_finished": finished,
                "seconds": round(time.perf_counter() - began, 1),
                **_summed(receipts),
            }
    if process.returncode:
        raise typer.Exit(1)
    seconds = time.perf_counter() - began
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    known = _summed(_receipts(directory))
    yield {
        **known,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(_cpu_seconds() - cpu_before, 1),
        "events_per_second": round(known["events"] / seconds),
        "peak_gibibytes": round(manifest["peak_memory_bytes"] / GIBIBYTE, 3),
        "all_gibibytes": round(
            sum(table["bytes"] for table in manifest["tables"].values()) / GIBIBYTE, 3
        ),
        "fingerprint": manifest["tables"]["raw_feed__events"]["fingerprint"],
    }


def _receipts(directory: Path) -> list[dict[str, Any]]:
    """The receipts of the finished shards."""
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((directory / "shards").glob("*.json"))
    ]


def _summed(receipts: list[dict[str, Any]]) -> dict[str, Any]:
    """What the finished shards come to."""
    events = [receipt["tables"]["raw_feed__events"] for receipt in receipts]
    return {
        "events": sum(table["rows"] for table in events),
        "shards_cpu_seconds": round(sum(r["cpu_seconds"] for r in receipts), 1),
        "event_gibibytes": round(sum(table["bytes"] for table in events) / GIBIBYTE, 3),
        "all_gibibytes": round(
            sum(table["bytes"] for r in receipts for table in r["tables"].values())
            / GIBIBYTE,
            3,
        ),
        "peak_gibibytes": round(
            max((r["peak_memory_bytes"] for r in receipts), default=0) / GIBIBYTE, 3
        ),
        "shard_seconds": [receipt["seconds"] for receipt in receipts],
        "shard_fingerprints": [table["fingerprint"] for table in events],
    }


def _compare(
    run: dict[str, Any], shards: int, only: str | None, directory: Path
) -> dict[str, Any]:
    """Builds the users of the first shards into one file, which must have the same rows."""
    users = run["users"] * shards // run["shards"]
    database = directory / "direct.duckdb"
    diorama = [sys.executable, "-m", "diorama"]
    subprocess.run(
        [
            *(*diorama, "build", "--world", "feed", "--no-tests"),
            *("--users", str(users), "--database", str(database)),
            *(("--only", only) if only else ()),
        ],
        cwd=ROOT,
        check=True,
    )
    said = subprocess.run(
        [*diorama, "fingerprint", "--json", "--database", str(database)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    direct = {table["name"]: table["fingerprint"] for table in json.loads(said.stdout)}
    parts = [receipt["tables"] for receipt in _receipts(directory)[:shards]]
    unions = [name for name, table in parts[0].items() if table["kind"] == "union"]
    # fingerprints are sums
    sums = {
        name: sum(int(tables[name]["fingerprint"], 16) for tables in parts) % 2**64
        for name in unions
    }
    return {
        "shards": shards,
        "users": users,
        "tables": len(unions),
        "differing": [name for name in unions if f"{sums[name]:016x}" != direct[name]],
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

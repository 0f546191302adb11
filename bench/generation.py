"""Measures what generating costs, in CPU seconds beside DuckDB's copy; see docs/benchmarks.md.

Each world is built up to its raw tables. Then the SQL of each table is run once more without dbt,
beside DuckDB's own copy of the largest raw table, in one process. Of the feed world, the steps of
its events are run as well without writing them, each with all steps before it: what is left of the
time is the writing, which no generator that stores its events goes below.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from feed import SIZES
from own_world import Check, MemoryLimit, Results, Threads, timed, without_dbt
from records import RESULTS, new_record, write_record

# At about 41, 51, 27 and 29 million rows, as in docs/benchmarks.md.
USERS = {"feed": 500_000, "learning": 200_000, "shop": 48_000, "search": 100_000}
SETTINGS = {"shop": {"shop_profile": "dense", "shop_items_per_session": 15}}
AT_MOST = {"feed": 1.0, "learning": 4.0, "shop": 3.0, "search": 3.0}
# The steps of an event of the feed world, each with all before it, added up instead of written.
STEPS = {
    "sessions": "select sum(started_at_ms + last_view_ms + length_ms + card_view_count), "
    "count(user_id) from generate.gen_feed__sessions where is_assigned",
    "expanded": "select sum(event_number), count(user_id) from (select user_id, "
    "unnest(range(0, card_view_count + 2)) as event_number "
    "from generate.gen_feed__sessions where is_assigned) where user_id is not null",
    "drawn": "select sum(event_id), sum(epoch_ms(event_time)), sum(epoch_ms(received_at)), "
    "max(strlen(event_name)), max(strlen(content_id)), max(strlen(feature_flag)), "
    "sum(defect_draw) from generate.gen_feed__events "
    "where user_id is not null and session_id is not null",
    "defects": "select sum(event_id), count(user_id), max(strlen(event_name)) "
    "from generate.gen_feed__event_defects",
}


def main(
    world: Annotated[
        list[str] | None, typer.Option(help="A world; repeatable. Default: all four.")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.001, max=10, help="Share of the full size.")
    ] = 1.0,
    threads: Threads = 2,
    memory_limit: MemoryLimit = "3GB",
    results: Results = RESULTS,
    check: Check = False,
) -> None:
    """Example: python bench/generation.py --world feed --share 0.1."""
    record: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": os.getloadavg(),
        "threads": threads,
        "memory_limit": memory_limit,
        "share": share,
        "worlds": {},
    }
    path = new_record(results, "generation")
    missed = False
    for name in world or list(USERS):
        run = measured_world(name, share, threads, memory_limit)
        record["worlds"][name] = run
        write_record(path, record)
        is_met = run["times_copy"] <= AT_MOST[name]
        missed |= not is_met
        print(
            f"{name}: {run['events']:,} rows, {run['cpu_seconds']} CPU s, "
            f"copy {run['copy_cpu_seconds']}, {run['times_copy']} x copy; "
            f"{'met' if is_met else 'MISSED'}, at most {AT_MOST[name]:g}"
        )
        costs = {m: seconds["cpu_seconds"] for m, seconds in run["models"].items()}
        for model in sorted(costs, key=lambda model: -costs[model])[:5]:
            print(f"  {costs[model]:8.2f} {model}")
        for step, seconds in run.get("steps", {}).items():
            print(f"  {seconds['cpu_seconds']:8.2f} step '{step}', nothing written")
    print(f"Written to {path}.")
    if check and missed:
        raise typer.Exit(1)


def measured_world(
    world: str, share: float, threads: int, memory_limit: str
) -> dict[str, Any]:
    """Builds a world up to its raw tables and runs its SQL without dbt.

    Args:
        world: The world.
        share: Share of the full size.
        threads: Threads of DuckDB.
        memory_limit: Memory limit of DuckDB.

    Returns:
        What was measured.
    """
    size, further, table = SIZES[world]
    settings = {size: max(1, round(share * USERS[world]))}
    settings |= further | SETTINGS.get(world, {})
    with tempfile.TemporaryDirectory() as directory:
        database, target = Path(directory, "bench.duckdb"), Path(directory, "target")
        given = [f"--set={name}={value}" for name, value in settings.items()]
        diorama = str(Path(sys.executable).with_name("diorama"))
        subprocess.run(
            [
                *(diorama, "build", "--world", world, "--only", "raw", "--no-tests"),
                *("--quiet", "--database", str(database), *given),
            ],
            env=os.environ
            | {
                "DIORAMA_THREADS": str(threads),
                "DIORAMA_MEMORY_LIMIT": memory_limit,
                "DBT_TARGET_PATH": str(target),
                "DBT_LOG_PATH": directory,
            },
            check=True,
        )
        # spawned, so that its memory and seconds are its own
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            place = (str(database), str(target), threads, memory_limit)
            run = pool.submit(without_dbt, *place, table).result()
            if world == "feed":
                run["steps"] = pool.submit(steps, *place).result()
    return {"settings": settings, **run}


def steps(
    database: str, target: str, threads: int, memory_limit: str
) -> dict[str, dict[str, float]]:
    """The seconds of each of STEPS, the quickest of three runs."""
    import duckdb

    config = {"threads": threads, "memory_limit": memory_limit}
    with duckdb.connect(database, config=config, read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")

        def quickest(query: str) -> dict[str, float]:
            runs = [timed(lambda: connection.execute(query).fetchall()) for _ in "123"]
            return min(runs, key=lambda run: run["cpu_seconds"])

        return {step: quickest(query) for step, query in STEPS.items()}


if __name__ == "__main__":
    typer.run(main)

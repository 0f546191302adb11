"""Measures `diorama fit` on a Parquet file; docs/benchmarks.md explains the figures.

It is held against the plain `group by` passes that the same file needs, in the same run: users by
day, sessions, events by user and kind, and each property by what has it.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from analyse import measured
from records import RESULTS, new_record, write_record

EVENTS, USERS = 10_000_000, 1_000_000
FILE = """
    select
        user_id, session_id, event_time, country, device,
        ['open', 'view', 'cart', 'pay', 'buy'][
            cast(1 + least(place, 1 + floor(random() * 4)) as integer)
        ] as event_name,
        if(place > 0, concat('sku', floor(pow(random(), 3) * 5000)), null) as sku,
        if(place > 3, round(exp(3 + random()), 2), null) as amount
    from (
        select
            hash(s) % {users} as user_id, s as session_id, unnest(range(10)) as place,
            ['US', 'DE', 'IN'][cast(1 + hash(s) % {users} % 3 as integer)] as country,
            ['phone', 'desktop'][1 + s % 2] as device,
            timestamp '2026-01-01' + to_seconds(cast(hash(s + 7) % 5184000 as bigint))
                + to_seconds(place * 20) as event_time
        from range({sessions}) as t (s)
    )
"""
PLAIN = """
import duckdb
duckdb.execute("set preserve_insertion_order = false")
for query in (
    "select user_id, cast(event_time as date) as day, count(*) from events group by all",
    "select session_id, min(event_time), max(event_time), count(*) from events group by all",
    "select user_id, event_name, count(*) from events group by all",
    "select hour(event_time) as hour, count(*), count(distinct user_id) from events group by all",
    "select user_id, min(country), max(country) from events group by all",
    "select session_id, min(device), max(device) from events group by all",
    "select event_name, sku, count(*) from events group by all",
    "select event_name, count(amount), avg(amount), stddev(amount) from events group by all",
):
    query = query.replace("from events", "from 'events.parquet'")
    duckdb.execute(f"create or replace temp table found as {query}")
"""


def main(
    scale: Annotated[float, typer.Option(help="Factor on events and users.")] = 1,
    results: Annotated[Path, typer.Option(help="Directory of the results.")] = RESULTS,
) -> None:
    """Measures, prints a table and writes it as JSON."""
    import duckdb

    sizes = {"sessions": int(EVENTS / 10 * scale), "users": int(USERS * scale)}
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        duckdb.execute("select setseed(0.5)").fetchall()
        duckdb.execute(f"copy ({FILE.format(**sizes)}) to 'events.parquet'")
        columns = (
            "--unit user_id --time event_time --event event_name --session session_id"
        )
        options = f"{columns} --items sku --to fitted.yml --no-check --quiet"
        diorama = str(Path(sys.executable).with_name("diorama"))
        without = options.replace("--session session_id ", "")
        commands = {
            "group by": [sys.executable, "-c", PLAIN],
            "fit": [diorama, "fit", "events.parquet", *options.split()],
            "fit without sessions": [
                diorama,
                "fit",
                "events.parquet",
                *without.split(),
            ],
        }
        runs = [
            {"what": what, **measured(command)} for what, command in commands.items()
        ]
    for run in runs:
        run["times_group_by"] = round(run["cpu_seconds"] / runs[0]["cpu_seconds"], 2)
    record = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": os.getloadavg(),
        "sizes": sizes | {"events": sizes["sessions"] * 10},
        "runs": runs,
    }
    path = new_record(results, "fit")
    write_record(path, record)
    for run in runs:
        print(
            f"{run['what']:<20} {run['cpu_seconds']:6.1f} CPU s {run['wall_seconds']:6.1f} s "
            f"{run['peak_gibibytes']:5.2f} GiB {run['times_group_by']:5.2f} x group by"
        )
    print(f"Written to {path}.")


if __name__ == "__main__":
    typer.run(main)

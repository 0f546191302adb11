"""Measures `diorama analyse` on files of three shapes; docs/benchmarks.md explains the figures.

Facts are held against DuckDB's plain join and `group by` of the same rows, in the same run.
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from records import RESULTS, new_record, write_record

UNITS = 64_000
EXPERIMENTS = 4_873
FACTS, EXPOSED = 10_000_000, 1_000_000

FILES = {
    "units": """
        select i as user_id, ['A', 'B', 'C'][1 + i % 3] as arm, random() < 0.1 as visit,
            round(random() * 50, 2) as spend, round(random() * 100, 2) as history
        from range({units}) as t (i)
    """,
    "moments": """
        select e as experiment_id, ['control', 'new'][1 + v] as variant, m as metric,
            1000 as n, 1 + random() / 10 as mean, 1 + random() as variance
        from range({experiments}) as t (e), range(2) as u (v), range(4) as w (m)
    """,
    "exposures": """
        select i as user_id, if(random() < 0.5, 'A', 'B') as arm,
            timestamp '2025-03-01' + to_minutes(cast(floor(random() * 20160) as bigint)) as seen_at
        from range({exposed}) as t (i)
    """,
    "facts": """
        select cast(floor(random() * {exposed}) as bigint) as user_id,
            timestamp '2025-02-15' + to_minutes(cast(floor(random() * 60480) as bigint)) as ts,
            round(random() * 100, 2) as amount
        from range({facts})
    """,
}
PLANS: dict[str, dict[str, Any]] = {
    "units": {
        "experiments": {
            "email": {
                "units": {"from": "units.parquet", "unit": "user_id", "variant": "arm"},
                "metrics": {"visit": "proportion", "spend": "mean"},
                "covariates": {"spend": "history"},
            }
        }
    },
    "moments": {
        "experiments": {
            "many": {
                "moments": {
                    **{"from": "moments.parquet", "experiment": "experiment_id"},
                    **{"variant": "variant", "metric": "metric", "n": "n"},
                    **{"mean": "mean", "variance": "variance"},
                }
            }
        }
    },
    "facts": {
        "facts": {
            "orders": {
                **{"from": "facts.parquet", "unit": "user_id", "time": "ts"},
                "value": "amount",
            }
        },
        "metrics": {"revenue": {"fact": "orders", "days": [0, 6]}},
        "experiments": {
            "shop": {
                "exposures": {
                    **{"from": "exposures.parquet", "unit": "user_id"},
                    **{"variant": "arm", "time": "seen_at"},
                }
            }
        },
    },
}
PLAIN = """
import duckdb
duckdb.execute('''
    select arm, count(*), sum(y), sum(y * y)
    from (
        select e.user_id, any_value(arm) as arm, coalesce(sum(amount) filter (
            date_diff('day', seen_at::date, ts::date) between 0 and 6), 0) as y
        from 'exposures.parquet' as e left join 'facts.parquet' as f on e.user_id = f.user_id
        group by e.user_id
    )
    group by arm
''').fetchall()
"""


def main(
    scale: Annotated[float, typer.Option(help="Factor on all sizes.")] = 1,
    results: Annotated[Path, typer.Option(help="Directory of the results.")] = RESULTS,
) -> None:
    """Measures, prints a table and writes it as JSON."""
    import duckdb

    sizes = {
        name: max(1, int(size * scale))
        for name, size in {
            **{"units": UNITS, "experiments": EXPERIMENTS},
            **{"facts": FACTS, "exposed": EXPOSED},
        }.items()
    }
    runs = []
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        duckdb.execute("select setseed(0.5)").fetchall()
        for name, query in FILES.items():
            query = query.format(**sizes)
            duckdb.execute(f"copy ({query}) to '{name}.parquet'")
        diorama = [str(Path(sys.executable).with_name("diorama")), "analyse"]
        for name, plan in PLANS.items():
            Path(f"{name}.yml").write_text(yaml.safe_dump(plan), encoding="utf-8")
            options = ["--database", f"{name}.duckdb", "--quiet"]
            command = [*diorama, f"{name}.yml", *options]
            if not runs:
                measured(
                    command
                )  # parses the project, as the first command after an update does
            runs.append({"what": name, **measured(command)})
        runs.append(
            {"what": "plain join of facts", **measured([sys.executable, "-c", PLAIN])}
        )
    record = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": os.getloadavg(),
        "sizes": sizes,
        "runs": runs,
    }
    path = new_record(results, "analyse")
    write_record(path, record)
    for run in runs:
        print(
            f"{run['what']:<20} {run['cpu_seconds']:6.1f} CPU s {run['wall_seconds']:6.1f} s "
            f"{run['peak_gibibytes']:5.2f} GiB"
        )
    print(f"Written to {path}.")


def measured(command: list[str]) -> dict[str, float]:
    """Runs a command; its seconds and largest memory.

    Args:
        command: What to run; it may end with 0 or 3.

    Returns:
        CPU seconds, seconds and gibibytes.
    """
    began = datetime.now(UTC)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return {
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "wall_seconds": round((datetime.now(UTC) - began).total_seconds(), 2),
        "peak_gibibytes": round(usage.ru_maxrss / 2**20, 3),
    }


if __name__ == "__main__":
    typer.run(main)

"""Measures how fast a burst of events goes into Redis, beside redis-benchmark on the same machine.

Both send XADD with the same pipeline, MAXLEN and length of payload to one redis-server on loopback.
Two more figures are for comparison: the same burst into files, and redis-py's own pipeline with the
payload in memory, which the stream goes round: DuckDB writes its commands.
"""

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import duckdb
import redis
import typer

from records import RESULTS, new_record, write_record

ROOT = Path(__file__).parents[1]
PIPELINE = 1000
MAXLEN = 100_000
REQUESTS = 1_000_000


def main(
    database: Annotated[
        Path | None,
        typer.Option(help="Database with a built search world. Default: build one."),
    ] = None,
    sessions: Annotated[
        int, typer.Option(help="Sessions per day of the world that is built.")
    ] = 10_000,
    target: Annotated[
        float, typer.Option(help="Share of redis-benchmark that is asked for.")
    ] = 0.5,
    results: Annotated[
        Path, typer.Option(help="Directory to keep the figures in.")
    ] = RESULTS,
) -> None:
    """Example: python bench/stream.py --sessions 10000."""
    with tempfile.TemporaryDirectory() as directory, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        if database is None:
            database = _build(Path(directory) / "search.duckdb", sessions)
        load_average = round(os.getloadavg()[0], 2)
        server = subprocess.Popen(
            [
                *("redis-server", "--port", str(port), "--bind", "127.0.0.1"),
                *("--dir", directory, "--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
        )
        try:
            client = redis.Redis(port=port)
            _wait(client)
            payload = _payload(database)
            to_redis = ["--sink", "redis", "--redis-url", f"redis://127.0.0.1:{port}/0"]
            bursts, bounds = [], []
            for _ in range(3):
                client.flushall()
                bursts.append(_burst(database, *to_redis, "--maxlen", str(MAXLEN)))
                client.flushall()
                bounds.append(_redis_benchmark(port, payload))
            files = _burst(database, "--output-dir", f"{directory}/files")
            library = _library(client, payload)
        finally:
            server.terminate()
            server.wait()
    burst, bound = statistics.median(bursts), statistics.median(bounds)
    now = datetime.now(UTC)
    result = {
        "measured_at": now.isoformat(timespec="seconds"),
        "load_average_before": load_average,
        "cores": os.cpu_count(),
        "payload_bytes": len(payload),
        "pipeline": PIPELINE,
        "maxlen": MAXLEN,
        "redis_benchmark_per_second": [round(each) for each in bounds],
        "redis_py_alone_per_second": round(library),
        "bursts_per_second": [round(each) for each in bursts],
        "burst_to_files_per_second": round(files),
        "burst_share_of_redis_benchmark": round(burst / bound, 3),
        "target_share": target,
        "is_met": burst >= target * bound,
    }
    print(json.dumps(result, indent=2))
    write_record(new_record(results, "stream"), result)


def _build(path: Path, sessions: int) -> Path:
    """Builds a search world as far as its events are staged."""
    subprocess.run(
        [
            *(sys.executable, "-m", "diorama", "build", "--world", "search"),
            *("--select", "+path:models/staging/search", "--no-tests", "--quiet"),
            *("--set", f"search_sessions_per_day={sessions}", "--database", str(path)),
        ],
        cwd=ROOT,
        check=True,
    )
    return path


def _wait(client: redis.Redis) -> None:
    for _ in range(100):
        try:
            client.ping()
            return
        except redis.ConnectionError:
            time.sleep(0.05)


def _payload(database: Path) -> str:
    """An event of average length."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select cast(to_json(s) as varchar) from staging.stg_search__searches as s limit 1000"
        ).fetchall()
    texts = sorted((text for (text,) in rows), key=len)
    return texts[len(texts) // 2]


def _burst(database: Path, *sink: str) -> float:
    """Events per second of `diorama stream --mode burst`, by its own clock from the first event."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "diorama", "stream", "--mode", "burst", *sink),
            *("--database", str(database)),
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = re.search(r"\(([\d,]+) per second\)", done.stderr)
    assert found is not None, done.stderr
    return float(found[1].replace(",", ""))


def _library(client: redis.Redis, payload: str) -> float:
    """Entries per second of redis-py's pipeline with nothing else to do."""
    client.flushall()
    began = time.perf_counter()
    for first in range(0, REQUESTS, PIPELINE):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, first + PIPELINE):
            pipeline.xadd(
                "stream",
                {"data": payload},
                id=f"{number + 1}-0",
                maxlen=MAXLEN,
                approximate=True,
            )
        pipeline.execute()
    return REQUESTS / (time.perf_counter() - began)


def _redis_benchmark(port: int, payload: str) -> float:
    """Entries per second of Redis's own client in C."""
    done = subprocess.run(
        [
            *("redis-benchmark", "-p", str(port), "-n", str(REQUESTS), "-c", "1"),
            *("-P", str(PIPELINE), "-q", "XADD", "stream2", "MAXLEN", "~"),
            *(str(MAXLEN), "*", "data", payload),
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return float(re.findall(r"([\d.]+) requests per second", done.stdout)[-1])


if __name__ == "__main__":
    typer.run(main)

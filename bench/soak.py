"""Runs diorama for long while processes are killed, and counts what is lost, doubled or left.

First a stream goes into Redis at a fixed rate while its consumer, of a consumer group, is killed
and started again at random moments. Then a database is built, exported and streamed once more for
each day (`as_of`), and any of these commands may be killed and is then run again; at the end all
must be as after one undisturbed run. The moments derive from a seed.
"""

import json
import os
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated, Any

import redis
import typer

from records import RESULTS, new_record, write_record

ROOT = Path(__file__).parents[1]
TYPES = ("search", "click", "conversion")
PREFIX, GROUP = "diorama:search", "soak"
READ_AT_ONCE = 1000
EVENTS_PER_DAILY_SESSION = 150  # of a world of 30 days
# what a finished command may leave: a database, its exports, its lines
EXPECTED = re.compile(
    r"feed\.duckdb|exports(/manifest\.json|/feed|/feed/\w+\.parquet)?"
    r"|lines(/\w+_events\.jsonl)?"
)


def main(
    seconds: Annotated[int, typer.Option(help="Length of the stream; 0: none.")] = 600,
    rate: Annotated[int, typer.Option(help="Events per second.")] = 20_000,
    maxlen: Annotated[int, typer.Option(help="Entries kept per stream.")] = 1_000_000,
    nights: Annotated[int, typer.Option(help="Days of the loop; 0: none.")] = 60,
    users: Annotated[int, typer.Option(help="Users of the feed world.")] = 200,
    kill_share: Annotated[float, typer.Option(help="Share of killed commands.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Seed of the moments of kills.")] = 1,
    database: Annotated[
        Path | None, typer.Option(help="Database to stream. Default: build one.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option(help="Where to work. Default: a temporary one.")
    ] = None,
    results: Annotated[
        Path, typer.Option(help="Directory to keep the figures in.")
    ] = RESULTS,
) -> None:
    """Example: python bench/soak.py --seconds 60 --nights 5."""
    now = datetime.now(UTC)
    result: dict[str, Any] = {
        "measured_at": now.isoformat(timespec="seconds"),
        "load_average_before": round(os.getloadavg()[0], 2),
        "cores": os.cpu_count(),
        "seed": seed,
    }
    if directory:
        directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as name:
        work = Path(name)
        if seconds:
            result["stream"] = _stream(work, seconds, rate, maxlen, seed, database)
            _print("stream", result["stream"])
        if nights:
            result["nights"] = _nights(work, nights, users, kill_share, seed)
            _print("nights", result["nights"])
    faults = [
        f"{part}: {fault}"
        for part in ("stream", "nights")
        for fault in result.get(part, {}).get("faults", [])
    ]
    write_record(new_record(results, "soak"), result)
    if faults:
        sys.exit("\n".join(faults))


def _print(title: str, figures: dict[str, Any]) -> None:
    print(f"\n{title}")
    for name, value in figures.items():
        if name != "per_night":
            print(f"  {name.replace('_', ' '):<34} {value}")


# --- a stream whose consumer is killed ------------------------------------------------------------


def _stream(
    work: Path, seconds: int, rate: int, maxlen: int, seed: int, database: Path | None
) -> dict[str, Any]:
    """Sends events at a rate, kills the consumer again and again, and compares what it got."""
    if database is None:
        database = work / "search.duckdb"
        sessions = 100 + int(1.1 * rate * seconds / EVENTS_PER_DAILY_SESSION)
        _diorama(
            *("build", "--world", "search", "--no-tests", "--quiet"),
            *("--select", "+path:models/staging/search"),
            *("--set", f"search_sessions_per_day={sessions}", "--database", database),
        )
    moments, kills, longest_lag, reclaimed = random.Random(seed), 0, 0, 0
    log = work / "received"
    with _redis_server(work) as port:
        client = redis.Redis(port=port)
        for kind in TYPES:
            client.xgroup_create(f"{PREFIX}:{kind}", GROUP, "0", mkstream=True)
        sender = subprocess.Popen(
            [
                *(sys.executable, "-m", "diorama", "stream", "--world", "search"),
                *("--mode", "continuous", "--rate", str(rate)),
                *("--duration", str(seconds), "--maxlen", str(maxlen)),
                *("--sink", "redis", "--redis-url", f"redis://127.0.0.1:{port}/0"),
                *("--database", str(database)),
            ],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        consumer = _consumer(port, log, kills)
        try:
            while sender.poll() is None:
                time.sleep(moments.uniform(0.5, min(8.0, 0.3 * seconds)))
                longest_lag = max(longest_lag, _lag(client))
                consumer.kill()
                consumer.join()
                kills += 1
                reclaimed += _pending(client)
                consumer = _consumer(port, log, kills)
            said = sender.communicate()[1]
            longest_lag = max(longest_lag, _lag(client))
            lag, before = _lag(client) + _pending(client), 1 << 62
            while 0 < lag < before:  # as long as the consumer gets on
                time.sleep(5)
                lag, before = _lag(client) + _pending(client), lag
        finally:
            consumer.kill()
            consumer.join()
            sender.kill()
    found = re.search(r"([\d,]+) events in ([\d.]+) s", said)
    assert found is not None, said
    assert sender.returncode == 0, said
    sent = int(found[1].replace(",", ""))
    per_second = sent / float(found[2])
    received, distinct, foreign, missing = _compared(database, log, sent)
    # what was delivered and not acknowledged when the consumer was killed comes once more
    most_doubled = kills * READ_AT_ONCE * len(TYPES)
    faults = [
        *([f"{missing} of {sent} events are lost"] if missing else []),
        *([f"{foreign} events were never sent"] if foreign else []),
        *(
            [f"{received - distinct} events came twice in {kills} kills"]
            if received - distinct > most_doubled
            else []
        ),
        *([f"{lag} events were not read or acknowledged"] if lag else []),
        *(
            [f"Redis dropped events, {longest_lag} behind: give a larger --maxlen"]
            if longest_lag > maxlen
            else []
        ),
        *(
            [f"{per_second:.0f} events per second instead of {rate}"]
            if per_second < 0.99 * rate
            else []
        ),
    ]
    return {
        "seconds": seconds,
        "rate": rate,
        "sent": sent,
        "sent_per_second": round(per_second),
        "kills_of_the_consumer": kills,
        "unacknowledged_at_kills": reclaimed,
        "received": received,
        "received_distinct": distinct,
        "redelivered_after_kills": received - distinct,
        "lost": missing,
        "largest_backlog": longest_lag,
        "faults": faults,
    }


# imports only what the consumer needs, whose start is a part of its downtime
def _consumer(port: int, log: Path, number: int) -> BaseProcess:
    process = get_context("spawn").Process(
        target=_consume, args=(port, log, f"reader-{number}")
    )
    process.start()
    return process


def _consume(port: int, log: Path, name: str) -> None:
    """Reads as a member of the group: writes what it gets to the log, then acknowledges it."""
    client = redis.Redis(port=port)
    keys = [f"{PREFIX}:{kind}" for kind in TYPES]
    with log.open("a+b", buffering=0) as file:
        # of a line that was cut by the kill, nothing was acknowledged
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4096))
        file.truncate(size - len(file.read().rpartition(b"\n")[2]))

        def take(key: str, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
            entries = [(entry_id, fields) for entry_id, fields in entries if fields]
            if not entries:
                return
            data = (fields[b"data"] for _, fields in entries)
            ids = (text.partition(b'"event_id":"')[2][:36] for text in data)
            content = b"\n".join(ids) + b"\n"
            assert file.write(content) == len(content)
            client.xack(key, GROUP, *(entry_id for entry_id, _ in entries))

        for key in keys:
            begin: Any = "0-0"
            while True:  # what its killed predecessors had not acknowledged
                begin, entries, _ = client.xautoclaim(
                    key, GROUP, name, 0, begin, count=READ_AT_ONCE
                )
                take(key, entries)
                if begin == b"0-0":
                    break
        while True:
            wanted = dict.fromkeys(keys, ">")
            read = client.xreadgroup(GROUP, name, wanted, READ_AT_ONCE, block=500)
            found = read.items() if isinstance(read, dict) else read or []
            for key, entries in found:
                take(key.decode(), entries)


def _groups(client: redis.Redis) -> list[dict[str, Any]]:
    return [client.xinfo_groups(f"{PREFIX}:{kind}")[0] for kind in TYPES]


def _lag(client: redis.Redis) -> int:
    return sum(group["lag"] or 0 for group in _groups(client))


def _pending(client: redis.Redis) -> int:
    return sum(group["pending"] for group in _groups(client))


def _compared(database: Path, log: Path, sent: int) -> tuple[int, int, int, int]:
    """Rows of the log, distinct ones, those that were not sent, and the sent ones it lacks."""
    import duckdb

    plurals = ("searches", "clicks", "conversions")
    events = " union all ".join(
        f"select event_id, timestamp, {number} as type_number from search.staging.stg_search__{of}"
        for number, of in enumerate(plurals)
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as search (read_only)")
        connection.execute(
            f"""
            create table received as
            select column0 as event_id, count(*) as times
            from read_csv('{log}', header = false, columns = {{'column0': 'uuid'}})
            group by all
            """
        )
        # of simultaneous events at the end, any may be the last one that was sent
        connection.execute(
            f"""
            create table sent as
            select event_id, timestamp
            from ({events})
            order by timestamp, type_number
            limit {sent}
            """
        )
        ((received, distinct),) = connection.execute(
            "select coalesce(sum(times), 0), count(*) from received"
        ).fetchall()
        ((foreign,),) = connection.execute(
            f"""
            select count(*) from received anti join (
                select event_id from ({events})
                where timestamp <= (select max(timestamp) from sent)
            ) using (event_id)
            """
        ).fetchall()
        ((missing,),) = connection.execute(
            """
            select count(*) from sent anti join received using (event_id)
            where timestamp < (select max(timestamp) from sent)
            """
        ).fetchall()
    return int(received), distinct, foreign, max(missing, sent - distinct)


@contextmanager
def _redis_server(work: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *("redis-server", "--port", str(port), "--bind", "127.0.0.1"),
            *("--dir", str(work), "--save", "", "--appendonly", "no"),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with suppress(redis.ConnectionError):
                redis.Redis(port=port).ping()
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


# --- nights whose commands are killed -------------------------------------------------------------


def _nights(
    work: Path, nights: int, users: int, kill_share: float, seed: int
) -> dict[str, Any]:
    """Builds, exports and streams day after day, kills at random, and compares the end."""
    moments = random.Random(seed)
    soaked, straight = work / "soaked", work / "straight"
    durations: dict[str, float] = {}
    per_night: list[dict[str, Any]] = []
    faults: list[str] = []
    kills = dict.fromkeys(("build", "export", "stream"), 0)
    first = date(2024, 1, 1)
    with _redis_server(work) as port:
        for place, days in ((soaked, range(nights)), (straight, [nights - 1])):
            place.mkdir()
            for day in days:
                night: dict[str, Any] = {"night": day + 1}
                as_of = first + timedelta(days=day)
                for name, command in _commands(
                    place, as_of, first, nights, users, port
                ):
                    is_killed = place is soaked and moments.random() < kill_share
                    moment = moments.uniform(0, durations.get(name, 2.0))
                    if is_killed and _killed(command, moment):
                        kills[name] += 1
                    began, cpu = time.perf_counter(), _cpu_of_children()
                    _diorama(*command)
                    durations[name] = time.perf_counter() - began
                    night[f"{name}_seconds"] = round(durations[name], 2)
                    night[f"{name}_cpu_seconds"] = round(_cpu_of_children() - cpu, 2)
                left = _left_behind(place)
                faults += [f"night {day + 1} leaves {path}" for path in left]
                night["database_bytes"] = (place / "feed.duckdb").stat().st_size
                night["files"] = sum(1 for path in place.rglob("*") if path.is_file())
                if place is soaked:
                    per_night.append(night)
            if place is soaked:
                redis_soaked = _entries(port)
                redis.Redis(port=port).flushall()
        if redis_soaked != _entries(port):
            faults.append("Redis does not hold what an undisturbed stream sends")
    faults += _differences(soaked, straight)
    sizes = [night["database_bytes"] for night in per_night]
    once = (straight / "feed.duckdb").stat().st_size
    # old and new rows of a table that is replaced are there at once; the rest would be waste
    if max(sizes) > 3 * once:
        faults.append(f"the database has {max(sizes)} bytes, and {once} if built once")
    return {
        "nights": nights,
        "users": users,
        "kills": kills,
        "database_bytes": sizes[-1],
        "database_bytes_at_most": max(sizes),
        "database_bytes_if_built_once": once,
        "database_bytes_per_night": round(_slope(sizes)),
        **{
            f"{name}_cpu_seconds_{what}": round(value, 4)
            for name in kills
            for taken in [[night[f"{name}_cpu_seconds"] for night in per_night]]
            for what, value in (
                ("median", statistics.median(taken)),
                ("slope_per_night", _slope(taken)),
            )
        },
        "per_night": per_night,
        "faults": faults,
    }


def _commands(
    place: Path, as_of: date, first: date, nights: int, users: int, port: int
) -> list[tuple[str, list[str]]]:
    """The commands of a night."""
    database = ["--database", str(place / "feed.duckdb"), "--quiet"]
    settings = {
        "as_of": as_of,
        "feed_start_date": first,
        "feed_signup_days": nights,
        "feed_users": users,
        "defect_rate": 0.05,
        "late_rate": 0.05,
    }
    build = ["build", "--world", "feed", "--no-tests", *database]
    build += ["--select", "+feed__user_daily", "--select", "+stg_feed__events"]
    for name, value in settings.items():
        build += ["--set", f"{name}={value}"]
    export = ["export", "--world", "feed", "--to", str(place / "exports"), *database]
    # the raw log only grows by what is delivered later, so that a stream of it can go on
    stream = ["stream", "--world", "feed", "--raw", "--mode", "burst", *database]
    stream += ["--sink", "both", "--resume", "--output-dir", str(place / "lines")]
    stream += ["--redis-url", f"redis://127.0.0.1:{port}/0", "--maxlen", str(10**9)]
    return [("build", build), ("export", export), ("stream", stream)]


def _killed(command: list[str], seconds: float) -> bool:
    """Starts a command and kills it after a while, as one would with kill -9.

    Returns:
        Whether it had not ended by itself.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "diorama", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    import psutil

    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        _, alive = psutil.wait_procs(started, timeout=30)
        assert not alive, f"{alive} go on after their parent was killed"
        return process.returncode == -signal.SIGKILL
    return False


def _diorama(*command: object) -> None:
    """Runs a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "diorama", *map(str, command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        sys.exit(f"diorama {' '.join(map(str, command))} failed:\n{done.stderr}")


def _cpu_of_children() -> float:
    """CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _left_behind(place: Path) -> list[str]:
    """What is neither a database, an export nor a stream, and empty directories."""
    found = {path.relative_to(place).as_posix(): path for path in place.rglob("*")}
    return [
        name
        for name, path in found.items()
        if not EXPECTED.fullmatch(name) or (path.is_dir() and not any(path.iterdir()))
    ]


def _entries(port: int) -> dict[bytes, list[Any]]:
    client = redis.Redis(port=port)
    return {key: client.xrange(key) for key in sorted(client.keys("*"))}


def _differences(soaked: Path, straight: Path) -> list[str]:
    """How tables, exports and streamed lines differ from those of an undisturbed run."""
    faults = []
    tables = [_fingerprints(place / "feed.duckdb") for place in (soaked, straight)]
    manifests = [
        _export_fingerprints(place / "exports") for place in (soaked, straight)
    ]
    for what, (found, wanted) in (("table", tables), ("export", manifests)):
        faults += [
            f"{what} {name} differs from that of one undisturbed run"
            for name in sorted(found.keys() | wanted.keys())
            if found.get(name) != wanted.get(name)
        ]
        if not wanted:
            faults.append(f"there is no {what}")
    for path in (straight / "lines").iterdir():
        if (soaked / "lines" / path.name).read_bytes() != path.read_bytes():
            faults.append(f"{path.name} differs from that of one undisturbed run")
    return faults


def _fingerprints(database: Path) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "diorama", "fingerprint", "--json"),
            *("--database", str(database)),
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return {
        f"{table['schema']}.{table['name']}": (table["rows"], table["fingerprint"])
        for table in json.loads(done.stdout)
    }


def _export_fingerprints(directory: Path) -> dict[str, Any]:
    files = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))[
        "files"
    ]
    return {
        file["path"]: (file["rows"], file["fingerprint"])
        for file in files
        if (directory / file["path"]).is_file()
    }


def _slope(values: list[float]) -> float:
    """The slope of a least-squares line, per step."""
    if len(values) < 2:
        return 0.0
    return statistics.linear_regression(range(len(values)), values).slope


if __name__ == "__main__":
    typer.run(main)

"""What `diorama stream` sends is what the tables hold, whatever happens on the way."""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate, groupby, pairwise, starmap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import psutil
import pytest
import redis
from typer.testing import CliRunner

from diorama.cli import app
from diorama.engines.columns import Texts, columns
from diorama.errors import DioramaError
from diorama.stream.clock import Stop
from diorama.stream.query import EventTable, Form, stream_query
from diorama.stream.run import _Rate, _Speed
from diorama.stream.sinks import ConsoleSink, RedisSink
from diorama.stream.source import Events, date_ms
from test_search_invariance import SMALL
from worlds import ROOT, World, Worlds

TYPES = ("search", "click", "conversion")
PLURAL = {"search": "searches", "click": "clicks", "conversion": "conversions"}
LONGER = SMALL | {"search_days": 8}
needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="redis-server is not installed"
)


@pytest.fixture(scope="module")
def built(worlds: Worlds) -> dict[str, World]:
    """The small search world, a longer one and the other worlds, as far as events are staged."""

    def build(name: str, of: str, table: str, settings: dict[str, object]) -> World:
        return worlds.new(f"streamed_{name}", of).build(
            "--select", f"+stg_{of}__{table}", settings=settings
        )

    wanted = {
        "small": ("search", "conversions", SMALL),
        "longer": ("search", "conversions", LONGER),
        "feed": ("feed", "events", {"feed_users": 20}),
        "learning": (
            "learning",
            "events",
            {"learning_users": 40, "defect_rate": 0.1, "learning_days": 93},
        ),
        "shop": ("shop", "events", {"shop_users": 20, "shop_futures": 1}),
    }
    with ThreadPoolExecutor(2, thread_name_prefix="dbt") as pool:
        building = {
            name: pool.submit(build, name, *how) for name, how in wanted.items()
        }
        return {name: each.result() for name, each in building.items()}


@pytest.fixture(scope="module")
def world(built: dict[str, World]) -> World:
    return built["small"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """dbt's files away from the work tree, and none of the variables that the command reads."""
    directory = tmp_path_factory.mktemp("stream")
    read = re.compile(
        r"REDIS_|OUTPUT_DIR|EVENTS_PER|CLICK_TH|CONVERSION_R|USER_POOL|ANONYMOUS_R"
    )
    kept = {name: value for name, value in os.environ.items() if not read.match(name)}
    return kept | {
        "DBT_TARGET_PATH": str(directory / "target"),
        "DBT_LOG_PATH": str(directory / "logs"),
        "PYTHONUNBUFFERED": "1",
    }


@dataclass
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def stream(world: World, environment: dict[str, str]) -> Run:
    """Runs `diorama stream` on the small search world, in this process."""
    unset = dict.fromkeys(os.environ.keys() - environment.keys())

    def run(*arguments: object, variables: dict[str, str] | None = None) -> Done:
        result = CliRunner().invoke(
            app,
            command(world, *arguments)[3:],
            env=unset | environment | (variables or {}),
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)

    return run


def command(world: World, *arguments: object) -> list[str]:
    given = [str(argument) for argument in arguments]
    database = [] if "--database" in given else ["--database", str(world.path)]
    return [sys.executable, "-m", "diorama", "stream", *given, *database]


def expected(world: World, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """The events of one type in order, made of the staged columns without the stream's macros."""
    with duckdb.connect(world.path, read_only=True) as connection:
        relation = connection.sql(
            f"""
            select * exclude (event_date, received_at, accepted_at), epoch_ms(timestamp) as ms
            from staging.stg_search__{PLURAL[kind]} order by timestamp, event_id
            """
        )
        rows = [
            dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()
        ]
    events = []
    for row in rows:
        ms = row.pop("ms")
        event: dict[str, Any] = {}
        for name, value in row.items():
            if name == "timestamp":
                value = value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
            elif name == "filters":
                value = json.loads(value)
            elif name in ("result_price", "booking_value", "commission"):
                value = float(value)
            elif name == "geo_country":
                name, value = "geo", {"country": value, "city": row["geo_city"]}
            elif name == "geo_city":
                continue
            elif value is not None and not isinstance(value, str | int):
                value = str(value)
            event[name] = value
        events.append((ms, event))
    return events


def made_events(*events: tuple[int, int, str]) -> Events:
    """Events of the first type: their milliseconds, rank and data; for the stream `key`."""

    def texts(values: list[bytes]) -> Texts:
        bounds = array("i", accumulate(map(len, values), initial=0))
        return Texts(memoryview(bounds), memoryview(b"".join(values)))

    def command(ms: int, place: int, data: str) -> bytes:
        return redis.connection.Connection().pack_command(
            *("XADD", "key", "MAXLEN", "~", 100, f"{ms}-{place}", "data", data)
        )[0]

    return Events(
        memoryview(array("q", [ms for ms, _, _ in events])),
        memoryview(array("q", [0] * len(events))),
        memoryview(array("q", [place for _, place, _ in events])),
        texts([f"{data}\n".encode() for *_, data in events]),
        texts([command(*event) for event in events]),
    )


def lines(path: Path) -> list[dict[str, Any]]:
    content = path.read_text()
    assert content == "" or content.endswith("\n")
    return [json.loads(line) for line in content.splitlines()]


# --- files and console ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def burst(stream: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a burst."""
    directory = tmp_path_factory.mktemp("burst") / "new" / "files"
    done = stream("--mode", "burst", "--output-dir", directory)
    assert done.returncode == 0, done.stderr
    return directory


@pytest.mark.parametrize("kind", TYPES)
def test_files_hold_the_events_of_the_tables_in_order(
    world: World, burst: Path, kind: str
) -> None:
    sent = lines(burst / f"{kind}_events.jsonl")
    assert sent == [event for _, event in expected(world, kind)]
    assert len(sent) > 20
    times = [event["timestamp"] for event in sent]
    assert times == sorted(times)
    # and in the documented order of keys
    assert list(sent[0]) == list(expected(world, kind)[0][1])


def test_simultaneous_events_are_ranked_by_id_within_their_type() -> None:
    """Where there are many of them, of more rows than one thread would sort alone."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as older")
        connection.execute(
            """
            create table older.events as
            select
                hash(i) as id,
                if(hash(i + 1) % 2 = 0, 'a', 'b') as kind,
                make_timestamp_ms(cast(hash(i + 2) % 20_000 as bigint)) as moment
            from range(300_000) as r(i)
            """
        )
        table = EventTable(
            SimpleNamespace(sql="main.events"),
            {"id": "ubigint"},
            {"times": "plain"},
            time="moment",
            id="id",
            type_column="kind",
        )
        query = stream_query([table], ["a", "b"], ["older"], 5000, 15_000, Form())
        sent = [
            (ms, number, place, json.loads(bytes(line))["id"])
            for events in starmap(Events, columns(connection, query))
            for ms, number, place, line in zip(
                *(events.ms, events.type_numbers, events.places, events.lines),
                strict=True,
            )
        ]
        rows = connection.execute(
            "select epoch_ms(moment), kind, id from older.events "
            "where epoch_ms(moment) between 5000 and 14_999 order by all"
        ).fetchall()
    assert sent == [
        (ms, "ab".index(kind), place, event_id)
        for (ms, kind), same in groupby(rows, key=lambda row: row[:2])
        for place, (*_, event_id) in enumerate(same)
    ]
    assert max(place for _, _, place, _ in sent) > 10


def test_a_query_that_fails_after_some_rows_is_one_line(
    stream: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failing = (
        "select if(i < 200_000, i, error('no more')) as ms from range(300_000) as r(i)"
    )
    monkeypatch.setattr("diorama.stream.source.stream_query", lambda *_: failing)
    done = stream("--mode", "burst", "--output-dir", tmp_path)
    assert done.returncode == 1
    assert "no more" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_duckdb_reads_the_lines_as_well(world: World, burst: Path) -> None:
    for kind in TYPES:
        read = duckdb.sql(
            f"select count(*), count(distinct event_id), min(timestamp) "
            f"from read_json('{burst}/{kind}_events.jsonl')"
        ).fetchall()[0]
        events = expected(world, kind)
        assert read[:2] == (len(events), len(events))
        assert int(read[2].timestamp() * 1000 + 0.5) == events[0][0]


def test_the_export_writes_the_same_lines(
    world: World, environment: dict[str, str], burst: Path, tmp_path: Path
) -> None:
    tables = ("search_events", *(f"{kind}_events_clean" for kind in TYPES))
    done = CliRunner().invoke(
        app,
        [
            *("export", "--format", "jsonl", "--to", str(tmp_path)),
            *("--database", str(world.path)),
            *(f"--table=search/{table}" for table in tables),
        ],
        env=environment,
    )
    assert done.exit_code == 0, done.stderr
    for kind in TYPES:
        exported = (tmp_path / "search" / f"{kind}_events_clean.jsonl").read_text()
        streamed = (burst / f"{kind}_events.jsonl").read_text()
        assert sorted(exported.splitlines()) == sorted(streamed.splitlines())
    raw = lines(tmp_path / "search" / "search_events.jsonl")
    assert raw[0].keys() == lines(burst / "search_events.jsonl")[0].keys()
    assert len(raw) > len(lines(burst / "search_events.jsonl"))


def test_all_types_come_in_the_order_of_time(stream: Run, world: World) -> None:
    done = stream("--mode", "burst", "--sink", "console", "--count", 300, "-q")
    assert done.returncode == 0, done.stderr
    sent = [json.loads(line) for line in done.stdout.splitlines()]
    everything = sorted(
        (ms, TYPES.index(kind), number, event["event_id"])
        for kind in TYPES
        for number, (ms, event) in enumerate(expected(world, kind))
    )
    assert [event["event_id"] for event in sent] == [key[3] for key in everything[:300]]
    assert done.stderr == ""


def test_a_second_run_replaces_the_files(stream: Run, tmp_path: Path) -> None:
    for _ in range(2):
        done = stream("--mode", "burst", "--count", 50, "--output-dir", tmp_path)
        assert done.returncode == 0, done.stderr
    assert sum(len(lines(path)) for path in tmp_path.glob("*.jsonl")) == 50


@pytest.mark.parametrize("mode", ["once", "burst"])
def test_a_stream_of_nothing_leaves_earlier_files_and_says_why(
    stream: Run, burst: Path, mode: str
) -> None:
    before = {path: path.read_bytes() for path in burst.iterdir()}
    done = stream("--mode", mode, "--from", "2050-01-01", "--output-dir", burst)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "nothing to send from 2050-01-01 on" in done.stderr
    assert "are from 2026-01-01T" in done.stderr
    assert {path: path.read_bytes() for path in burst.iterdir()} == before


def test_a_file_that_cannot_be_opened_leaves_the_others(
    stream: Run, burst: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(burst, tmp_path / "copy"))
    (copy / "search_events.jsonl").unlink()
    (copy / "search_events.jsonl").mkdir()
    done = stream("--output-dir", copy)
    assert done.returncode == 1
    for kind in ("click", "conversion"):
        name = f"{kind}_events.jsonl"
        assert (copy / name).read_bytes() == (burst / name).read_bytes()


@pytest.mark.parametrize(
    ("moment", "ms"),
    [
        ("2026-01-02T01:00:00+01:00", 1767312000000),
        ("2026-01-01T19:00:00-05:00", 1767312000000),
        ("2026-01-02T00:00:00Z", 1767312000000),
        ("2026-01-02", 1767312000000),
        ("1969-12-31T23:59:59.999", -1),
    ],
)
def test_a_moment_is_in_utc_or_has_an_offset(moment: str, ms: int) -> None:
    assert date_ms(moment) == ms


def test_a_moment_with_an_offset_starts_the_stream_there(
    stream: Run, world: World
) -> None:
    """At an event whose hour, without its offset, is a later one."""
    ms, event = expected(world, "search")[100]
    done = stream(
        *("--from", event["timestamp"].replace("Z", "+00:00").replace("T", " ")),
        *("--sink", "console", "--count", 1, "-q", "--rate", 1000),
    )
    ahead = datetime.fromtimestamp(ms / 1000, timezone(timedelta(hours=5)))
    shifted = stream(
        *("--from", ahead.isoformat(timespec="milliseconds")),
        *("--sink", "console", "--count", 1, "-q", "--rate", 1000),
    )
    assert json.loads(done.stdout)["event_id"] == event["event_id"]
    assert shifted.stdout == done.stdout


def test_json_on_a_console_of_few_characters_is_utf_8(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", written)
    ConsoleSink().send(made_events((1, 0, '{"city": "Łódź"}')))
    assert written.buffer.getvalue().decode("utf-8") == '{"city": "Łódź"}\n'


@pytest.mark.parametrize("raw", [[], ["--raw"]])
def test_a_stream_to_files_that_was_killed_goes_on(
    stream: Run, burst: Path, tmp_path: Path, raw: list[str]
) -> None:
    """Cut wherever a kill may cut: behind other lines in each file, and in mid-line."""
    whole = tmp_path / "whole"
    options = ("--mode", "burst", *raw, "--output-dir")
    assert stream(*options, whole).returncode == 0
    killed = Path(shutil.copytree(whole, tmp_path / "killed"))
    for part, path in enumerate(sorted(killed.iterdir())):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * part // 3 + 5 * part])
    kept = sum(path.read_bytes().count(b"\n") for path in killed.iterdir())
    done = stream(*options, killed, "--resume")
    assert done.returncode == 0, done.stderr
    assert f" {kept:,} were in files already" in done.stderr
    for path in whole.iterdir():
        assert (killed / path.name).read_bytes() == path.read_bytes()
    again = stream(*options, killed, "--resume")
    assert again.returncode == 0, again.stderr
    assert again.stderr.startswith("0 events ")
    # files of another stream are not taken for a beginning of this one
    other = stream(*options, killed, "--resume", "--from", "2026-01-03")
    assert other.returncode == 1
    assert "holds another stream" in other.stderr
    for path in whole.iterdir():
        assert (killed / path.name).read_bytes() == path.read_bytes()


def test_the_raw_log_comes_in_the_order_of_delivery(stream: Run, world: World) -> None:
    done = stream("--mode", "burst", "--sink", "console", "--raw", "-q")
    assert done.returncode == 0, done.stderr
    sent = [json.loads(line)["event_id"] for line in done.stdout.splitlines()]
    delivered = " union all ".join(
        f"select received_at, event_id from raw.raw_search__{table}"
        for table in PLURAL.values()
    )
    rows = world.rows(
        f"select cast(event_id as varchar), received_at from ({delivered})"
    )
    received = {}
    for event_id, moment in rows:
        received.setdefault(event_id, []).append(moment)
    assert sorted(sent) == sorted(event_id for event_id, _ in rows)
    firsts = [min(received[event_id]) for event_id in dict.fromkeys(sent)]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize(
    ("name", "type_column", "time_column"),
    [
        ("feed", "event_name", "event_time"),
        ("learning", "event_type", "event_time"),
        ("shop", "event_type", "timestamp"),
    ],
)
def test_other_worlds_stream_their_own_types_and_end(
    stream: Run,
    built: dict[str, World],
    tmp_path: Path,
    name: str,
    type_column: str,
    time_column: str,
) -> None:
    other = built[name]
    done = stream(
        *("--world", name, "--mode", "continuous", "--rate", 1_000_000),
        *("--output-dir", tmp_path, "--database", other.path),
    )
    assert done.returncode == 0, done.stderr
    assert f"The {name} world ends here" in done.stderr
    rows = other.rows(
        f"select {type_column}, count(*) from staging.stg_{name}__events group by all"
    )
    for kind, count in rows:
        sent = lines(tmp_path / f"{kind}_events.jsonl")
        assert len(sent) == count > 0
        assert {event[type_column] for event in sent} == {kind}
        times = [event[time_column] for event in sent]
        assert times == sorted(times)


def test_a_raw_event_without_a_type_is_of_the_type_unknown(
    stream: Run, built: dict[str, World], tmp_path: Path
) -> None:
    learning = built["learning"]
    done = stream(
        *("--world", "learning", "--raw", "--mode", "burst"),
        *("--output-dir", tmp_path, "--database", learning.path),
    )
    assert done.returncode == 0, done.stderr
    sent = lines(tmp_path / "unknown_events.jsonl")
    assert {event["event_type"] for event in sent} == {None}
    total = sum(len(lines(path)) for path in tmp_path.iterdir())
    assert (len(sent), total) == learning.rows(
        "select count_if(event_type is null), count(*) from raw.raw_learning__events"
    )[0]


def test_a_full_disk_is_one_line_and_leaves_whole_lines(
    world: World, environment: dict[str, str], tmp_path: Path
) -> None:
    """As if the disk were full: the limit of a file's size."""

    # in a process of its own, whose dbt has parsed before and writes little
    program = (
        "import resource, sys; from diorama.stream import run as stream; "
        "run = stream._run; limit = (300_000, 300_000); "
        "stream._run = lambda *given: "
        "(resource.setrlimit(resource.RLIMIT_FSIZE, limit), run(*given)); "
        "from diorama.cli import app; app(sys.argv[1:])"
    )
    arguments = ("--mode", "burst", "--output-dir", tmp_path, "-q")
    done = subprocess.run(
        [sys.executable, "-c", program, *command(world, *arguments)[3:]],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "disk is full" in done.stderr
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("*.jsonl")}
    assert 200_000 < sizes["search_events.jsonl"] <= 300_000
    assert all(lines(path) for path in tmp_path.glob("*.jsonl"))


def test_a_device_without_room_is_one_line(stream: Run, tmp_path: Path) -> None:
    (tmp_path / "click_events.jsonl").symlink_to("/dev/full")
    done = stream("--mode", "burst", "--output-dir", tmp_path, "-q")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "disk is full" in done.stderr


def test_a_directory_that_cannot_be_made_is_one_line(
    stream: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = stream("--output-dir", tmp_path / "file" / "below", "-q")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--output-dir" in done.stderr


def test_a_directory_that_is_taken_away_is_one_line(
    world: World, environment: dict[str, str], tmp_path: Path
) -> None:
    directory = tmp_path / "files"
    with subprocess.Popen(
        command(world, "--rate", 200, "--output-dir", directory, "-q"),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: directory.exists() and any(map(size, directory.iterdir())))
        shutil.rmtree(directory)
        _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert len(said.strip().splitlines()) == 1
    assert "was removed" in said


def size(path: Path) -> int:
    return path.stat().st_size


def wait_for(condition: Callable[[], object], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_reader_that_goes_away_ends_the_stream(
    world: World, environment: dict[str, str]
) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" | head -n 1', "sh", *command(world, *BURST_CONSOLE)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert len(done.stdout.splitlines()) == 1
    assert "The reader closed the pipe" in done.stderr
    assert "Traceback" not in done.stderr


BURST_CONSOLE = ("--mode", "burst", "--sink", "console")


# --- pace and the end -----------------------------------------------------------------------------


def test_a_signal_ends_the_stream_cleanly(
    world: World, environment: dict[str, str], tmp_path: Path
) -> None:
    with subprocess.Popen(
        command(world, "--mode", "continuous", "--rate", 300, "--output-dir", tmp_path),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: sum(map(size, tmp_path.glob("*.jsonl"))) > 20_000)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    total = int(re.search(r"Stopped\. ([\d,]+) events", said)[1].replace(",", ""))
    assert total == sum(len(lines(path)) for path in tmp_path.glob("*.jsonl"))
    # nothing of the work on further days is left
    leftovers = [path for path in world.path.parent.iterdir() if "stream" in path.name]
    assert leftovers == []


class Clock(Stop):
    """A clock that goes on when somebody waits, and by what a batch of events is told to cost."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def _pause(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.slow
def test_the_builder_of_further_days_ends_with_a_stream_that_is_killed(
    world: World, environment: dict[str, str], tmp_path: Path
) -> None:
    # the builder's log, which it removes when it has built its days
    log = tmp_path / "logs" / "from_day_6"
    with subprocess.Popen(
        command(world, "--mode", "continuous", "--rate", 1, "--output-dir", tmp_path),
        env=environment | {"DBT_LOG_PATH": str(tmp_path / "logs")},
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for(log.exists)
        (builder,) = (
            child
            for child in psutil.Process(process.pid).children()
            if "--multiprocessing-fork" in child.cmdline()
        )
        builder.suspend()
        process.kill()
    builder.resume()
    wait_for(lambda: not builder.is_running())
    assert log.exists()


def sent_at(pace: Any, events: Events, cost: float = 0.0) -> list[float]:
    """The moment at which each event is sent, where each batch takes a while."""
    clock, moments = Clock(), []
    cuts = [0, len(events) // 3, len(events)]
    parts = (events.part(begin, end) for begin, end in pairwise(cuts))
    for batch in pace.batches(parts, 0.0, clock):
        moments += [clock.now()] * len(batch)
        clock.seconds += cost
    return moments


@pytest.mark.parametrize("cost", [0, 0.3])
def test_a_rate_is_held_in_every_second(cost: float) -> None:
    """Also where sending takes time; of a second, whole batches fall to it."""
    moments = sent_at(_Rate(500), made_events(*[(0, 0, "")] * 5001), cost)
    assert len(moments) == 5001
    for second in range(1, 11):
        sent = sum(moment < second for moment in moments)
        # the first at once, and none later than the batch that was being sent when it was due
        assert 500 * (second - cost - 0.06) <= sent <= 500 * second + 1
    assert moments[-1] == pytest.approx(10, abs=cost + 0.06)


def test_a_rate_catches_up_after_a_pause() -> None:
    events = made_events(*[(0, 0, "")] * 9000)
    pace, clock, moments = _Rate(1000), Clock(), []
    for batch in pace.batches(iter([events]), 0.0, clock):
        moments += [clock.now()] * len(batch)
        clock.seconds += 3 if len(moments) == 1 else 0
    assert sum(moment < 3 for moment in moments) == 1
    assert sum(moment <= 3 for moment in moments) == 3001
    assert moments[-1] == pytest.approx(9, abs=0.06)


def test_the_simulated_clock_goes_as_fast_as_asked() -> None:
    """An hour in a second, from the first event on."""
    events = made_events(
        *((7_000_000 + 60_000 * minute, 0, "") for minute in range(600))
    )
    moments = sent_at(_Speed(3600), events)
    assert moments == pytest.approx([minute / 60 for minute in range(600)], abs=1e-6)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every stream of this test."""
    made = Clock()
    monkeypatch.setattr("diorama.stream.run.Stop", lambda: made)
    return made


def test_speed_and_duration_send_a_span_of_the_world(
    stream: Run, world: World, clock: Clock
) -> None:
    evening = "2026-01-01T18:00:00"
    done = stream(
        *("--from", evening, "--speed", 3600, "--duration", 4),
        *("--sink", "console", "--mode", "continuous"),
    )
    assert done.returncode == 0, done.stderr
    assert "events in 4.0 s" in done.stderr
    sent = [json.loads(line)["event_id"] for line in done.stdout.splitlines()]
    events = sorted(
        (ms, TYPES.index(kind), number, event["event_id"])
        for kind in TYPES
        for number, (ms, event) in enumerate(expected(world, kind))
        if ms >= date_ms(evening)
    )
    # four hours in four seconds, from the first event on
    assert sent == [
        event_id for ms, _, _, event_id in events if ms < events[0][0] + 4 * 3_600_000
    ]
    assert len(sent) > 20


def test_duration_ends_a_stream(stream: Run, clock: Clock) -> None:
    done = stream(
        "--mode", "continuous", "--duration", 2, "--rate", 50, "--sink", "console"
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == pytest.approx(100, abs=3)
    assert "Stopped" not in done.stderr


@pytest.mark.slow
def test_continuous_goes_on_past_the_last_day_as_a_longer_build_does(
    stream: Run, built: dict[str, World], tmp_path: Path
) -> None:
    """Eight days, of which six are built; the window holds thirty more."""
    longer = built["longer"]
    last_midnight = "2026-01-09T00:00:00.000Z"
    whole = [
        {**event}
        for kind in TYPES
        for _, event in expected(longer, kind)
        if event["timestamp"] < last_midnight
    ]
    done = stream(
        *("--mode", "continuous", "--rate", 1_000_000, "--count", len(whole)),
        *("--output-dir", tmp_path),
    )
    assert done.returncode == 0, done.stderr
    sent = [
        event for kind in TYPES for event in lines(tmp_path / f"{kind}_events.jsonl")
    ]
    assert sent == whole
    assert max(event["timestamp"] for event in sent) > "2026-01-08T20"


# --- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--rate", "5", "--speed", "5"], {}, "Give one of them"),
        (["--mode", "burst", "--rate", "5"], {}, "as fast as possible"),
        (["--mode", "continuous", "--raw"], {}, "Give one of them"),
        (["--from", "yesterday"], {}, "--from is 'yesterday'"),
        (["--world", "serch"], {}, "There is no world 'serch'"),
        ([], {"CLICK_THROUGH_RATE": "0.5"}, "search_click_through_rate=0.3, but 0.5"),
        ([], {"USER_POOL_SIZE": "7"}, "search_user_pool_size=100, but 7"),
        ([], {"CONVERSION_RATE": "0.5"}, "--generate"),
        (["--anonymous-rate", "0.5"], {"ANONYMOUS_RATE": "0.4"}, "but 0.5 is asked"),
        ([], {"REDIS_PORT": "x"}, "REDIS_PORT is 'x'"),
        (["--redis-url", "redis://h/0?foo=1"], {}, "--redis-url has 'foo'"),
        (["--redis-url", "redis://h/0?decode_responses=1"], {}, "'decode_responses'"),
        (["--resume"], {}, "--resume works with --sink file"),
        (["--world", "feed", "--click-through-rate", "0.3"], {}, "feed world has no"),
    ],
    ids=str,
)
def test_wrong_options_are_one_line_and_exit_2(
    stream: Run, arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = stream("--sink", "console", *arguments, variables=variables)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_the_environment_says_what_options_do_not(
    stream: Run, clock: Clock, tmp_path: Path
) -> None:
    done = stream(
        "--count",
        100,
        variables={
            "EVENTS_PER_SECOND": "200",
            "OUTPUT_DIR": str(tmp_path / "from_environment"),
            "CLICK_THROUGH_RATE": "0.3",
            "ANONYMOUS_RATE": "0.4",
        },
    )
    assert done.returncode == 0, done.stderr
    assert "100 events in 0.5 s" in done.stderr
    assert len(list((tmp_path / "from_environment").iterdir())) == 3


def test_generate_makes_a_fresh_world_and_leaves_the_built_one(
    stream: Run, world: World
) -> None:
    before = world.path.read_bytes()
    done = stream(
        *("--generate", "--mode", "burst", "--sink", "console"),
        variables={"CLICK_THROUGH_RATE": "1", "CONVERSION_RATE": "0"},
    )
    assert done.returncode == 0, done.stderr
    kinds = [json.loads(line)["event_type"] for line in done.stdout.splitlines()]
    # a click rate of 1 with a lift of 10 % is still 1, and 1 to 3 clicks are 2 on average
    assert kinds.count("click") / kinds.count("search") == pytest.approx(2, abs=0.2)
    assert kinds.count("conversion") == 0
    # nor is any log lost, since every session has a click
    assert kinds.count("search") == world.value(
        "select count(*) from generate.gen_search__searches"
    )
    assert world.path.read_bytes() == before


def test_without_a_database_the_line_says_how_to_make_one(
    stream: Run, tmp_path: Path
) -> None:
    done = stream("--database", tmp_path / "none.duckdb")
    assert done.returncode == 1
    assert "Build one with `diorama build`" in done.stderr


# --- Redis ----------------------------------------------------------------------------------------


@dataclass
class Server:
    """A real Redis on a free port of this machine, whose data outlives it."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *("redis-server", "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", str(self.directory), "--appendonly", "yes"),
                *("--appendfsync", "always", "--save", ""),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def entries(self, key: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            (entry_id.decode(), json.loads(fields[b"data"]))
            for entry_id, fields in self.client().xrange(key)
        ]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Server(tmp_path, port)
    made.start()
    yield made
    made.stop(signal.SIGKILL)


def ids(events: list[tuple[int, dict[str, Any]]]) -> list[str]:
    """Entry ids as documented: milliseconds, and rank within them by event id."""
    found: list[str] = []
    for number, (ms, _) in enumerate(events):
        place = 0
        while number - place - 1 >= 0 and events[number - place - 1][0] == ms:
            place += 1
        found.append(f"{ms}-{place}")
    return found


def assert_redis_holds_the_tables(server: Server, world: World) -> None:
    for kind in TYPES:
        events = expected(world, kind)
        entries = server.entries(f"diorama:search:{kind}")
        assert [event for _, event in entries] == [event for _, event in events]
        assert [entry_id for entry_id, _ in entries] == ids(events)


@needs_redis
def test_redis_receives_exactly_the_events_of_the_tables(
    stream: Run, world: World, server: Server
) -> None:
    to_redis = ("--mode", "burst", "--sink", "redis", "--redis-url", server.url)
    done = stream(*to_redis)
    assert done.returncode == 0, done.stderr
    assert_redis_holds_the_tables(server, world)
    again = stream(*to_redis)
    assert again.returncode == 0, again.stderr
    total = re.search(r"([\d,]+) events", again.stderr)[1]
    assert f"{total} were in Redis already" in again.stderr
    assert_redis_holds_the_tables(server, world)


@needs_redis
def test_an_address_from_the_environment_a_prefix_and_a_length(
    stream: Run, server: Server, tmp_path: Path
) -> None:
    done = stream(
        *("--mode", "burst", "--sink", "both", "--stream-prefix", "o'née"),
        *("--maxlen", 100, "--output-dir", tmp_path / "files"),
        variables={"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(server.port)},
    )
    assert done.returncode == 0, done.stderr
    keys = {key.decode() for key in server.client().keys("*")}
    assert keys == {f"o'née:{kind}" for kind in TYPES}
    # Redis drops whole nodes of a hundred entries
    assert 100 <= server.client().xlen("o'née:search") <= 300
    assert len(lines(tmp_path / "files" / "search_events.jsonl")) > 1000


@needs_redis
@pytest.mark.slow
def test_a_server_that_stops_and_comes_back_lacks_and_doubles_nothing(
    world: World, environment: dict[str, str], server: Server
) -> None:
    arguments = ("--sink", "redis", "--redis-url", server.url)
    with subprocess.Popen(
        command(world, "--rate", 1000, *arguments),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for number in (signal.SIGTERM, signal.SIGKILL):
            before = server.client().xlen("diorama:search:search")
            wait_for(
                lambda before=before: (
                    server.client().xlen("diorama:search:search") > before + 200
                )
            )
            server.stop(number)
            time.sleep(0.7)
            assert process.poll() is None
            server.start()
        _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert_redis_holds_the_tables(server, world)


@needs_redis
@pytest.mark.parametrize("raw", [[], ["--raw"]])
def test_connections_killed_in_mid_stream_double_nothing(
    world: World,
    stream: Run,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    raw: list[str],
) -> None:
    """After a part of a batch has come through, and before all of its answers."""
    whole = redis.connection.AbstractConnection.send_packed_command
    cuts: list[int] = []

    def send_a_part(connection: Any, command: Any, check_health: bool = True) -> None:
        commands = b"".join(command).split(b"*8\r\n")[1:]
        if len(commands) < 2 or len(cuts) == 30 or len(cuts) % 2 == 1:
            cuts.extend([0] * (len(commands) >= 2 and len(cuts) < 30))
            whole(connection, command, check_health)
            return
        cuts.append(len(commands) // 2)
        packed = [b"*8\r\n" + each for each in commands]
        connection._sock.sendall(b"".join(packed[: cuts[-1]]) + packed[cuts[-1]][:20])
        # until the server has taken some of them
        assert connection._sock.recv(65536)
        connection.disconnect()
        raise redis.ConnectionError("cut")

    monkeypatch.setattr(
        redis.connection.AbstractConnection, "send_packed_command", send_a_part
    )
    monkeypatch.setattr("diorama.stream.run.BATCH_EVENTS", 60)
    monkeypatch.setattr("diorama.stream.sinks.FIRST_PAUSE_SECONDS", 0.001)
    layer = "raw.raw" if raw else "staging.stg"
    done = stream(
        *("--mode", "burst", "--sink", "redis", "--redis-url", server.url, *raw)
    )
    assert done.returncode == 0, done.stderr
    assert sum(cut > 0 for cut in cuts) == 15
    assert "were in Redis already" in done.stderr
    client = server.client()
    for kind in TYPES:
        count = world.value(f"select count(*) from {layer}_search__{PLURAL[kind]}")
        assert client.xlen(f"diorama:search:{kind}") == count
    again = stream(
        *("--mode", "burst", "--sink", "redis", "--redis-url", server.url, *raw)
    )
    assert again.returncode == 0, again.stderr
    for kind in TYPES:
        count = world.value(f"select count(*) from {layer}_search__{PLURAL[kind]}")
        assert client.xlen(f"diorama:search:{kind}") == count


@needs_redis
def test_a_stream_that_holds_other_events_is_not_taken_for_this_one(
    stream: Run, server: Server
) -> None:
    """The raw log has other moments than the clean events, so that Redis would refuse some."""
    options = ("--mode", "burst", "--sink", "redis", "--redis-url", server.url)
    assert stream(*options).returncode == 0
    before = server.client().xlen("diorama:search:search")
    done = stream(*options, "--raw")
    assert done.returncode == 1
    assert "of another stream. Give another --stream-prefix" in done.stderr
    assert server.client().xlen("diorama:search:search") == before


@needs_redis
def test_a_server_that_wants_a_password_says_so(stream: Run, server: Server) -> None:
    server.client().config_set("requirepass", "secret")
    url = f"redis://127.0.0.1:{server.port}/0"
    for wrong in (url, url.replace("//", "//:wrong@")):
        done = stream("--sink", "redis", "--redis-url", wrong)
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert "wants a password" in done.stderr
        assert "wrong@" not in done.stderr
    options = ("--sink", "redis", "--rate", 10000, "--count", 5)
    done = stream(*options, "--redis-url", url.replace("//", "//:secret@"))
    assert done.returncode == 0, done.stderr


@needs_redis
@pytest.mark.slow
def test_a_server_that_stays_away_is_one_line_and_the_rest_can_be_sent(
    world: World, stream: Run, environment: dict[str, str], server: Server
) -> None:
    arguments = ("--sink", "redis", "--redis-url", server.url)
    with subprocess.Popen(
        command(world, "--rate", 1000, "--patience", 1, "-q", *arguments),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: server.client().xlen("diorama:search:search") > 200)
        server.stop()
        _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert len(said.strip().splitlines()) == 1
    assert "is gone" in said
    assert "not sent" in said
    server.start()
    rest = stream("--mode", "burst", *arguments)
    assert rest.returncode == 0, rest.stderr
    assert "were in Redis already" in rest.stderr
    assert_redis_holds_the_tables(server, world)


@needs_redis
@pytest.mark.slow
def test_a_server_that_forgot_what_it_had_is_noticed(
    world: World, stream: Run, environment: dict[str, str], server: Server
) -> None:
    arguments = ("--sink", "redis", "--redis-url", server.url)
    with subprocess.Popen(
        command(world, "--rate", 1000, "-q", *arguments),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: server.client().xlen("diorama:search:search") > 200)
        server.stop()
        shutil.rmtree(server.directory / "appendonlydir")
        server.start()
        _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "came back without entries" in said
    rest = stream("--mode", "burst", *arguments)
    assert rest.returncode == 0, rest.stderr
    assert_redis_holds_the_tables(server, world)


@needs_redis
def test_a_server_that_forgot_between_two_batches_is_noticed(server: Server) -> None:
    """Where no batch ever failed: the connection is made anew in silence."""
    sink = RedisSink(server.url, ["key"], 5, Stop())
    assert sink.send(made_events((1000, 0, "{}"), (1000, 1, "{}"))) == 0
    assert sink.send(made_events((1000, 1, "{}"), (1001, 0, "{}"))) == 1
    server.stop()
    server.start()
    assert sink.send(made_events((1002, 0, "{}"))) == 0
    server.stop()
    shutil.rmtree(server.directory / "appendonlydir")
    server.start()
    with pytest.raises(DioramaError, match="came back without entries of key"):
        sink.send(made_events((1003, 0, "{}")))
    assert server.client().exists("key") == 0
    sink.close()


@needs_redis
def test_without_a_server_there_is_one_line(stream: Run, server: Server) -> None:
    server.stop()
    done = stream("--sink", "redis", "--redis-url", server.url)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "There is no Redis at" in done.stderr


@needs_redis
def test_the_documented_consumer_reads_every_event(
    stream: Run, world: World, server: Server
) -> None:
    """The example of docs/worlds/search.md, stopped when it has all."""
    page = (ROOT / "docs" / "worlds" / "search.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    assert len([line for line in code.splitlines() if line]) == 10
    done = stream("--mode", "burst", "--sink", "redis", "--redis-url", server.url)
    assert done.returncode == 0, done.stderr
    count = len(expected(world, "search"))
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        env=os.environ | {"REDIS_PORT": str(server.port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        timer = threading.Timer(600, process.kill)
        timer.start()
        read = [process.stdout.readline().strip() for _ in range(count)]
        timer.cancel()
        wait_for(
            lambda: (
                server.client().xpending("diorama:search:search", "readers")["pending"]
                == 0
            )
        )
        process.kill()
    assert [json.loads(line) for line in read] == [
        event for _, event in expected(world, "search")
    ]

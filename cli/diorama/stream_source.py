"""The events of a stream: read from built tables in order of time, and built as time goes on."""

import json
import shutil
import subprocess
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from diorama.database import quote
from diorama.dbt import Dbt, world_of
from diorama.errors import DioramaError, UsageError
from diorama.project import Project
from diorama.stream_clock import Stop
from diorama.workers import end_worker, start_worker

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
# about what is read at once, and what is built at once beyond the last built day
SLICE_EVENTS = 50_000
WINDOW_EVENTS = 500_000
LONGEST_WINDOW_DAYS = 30


class Event(NamedTuple):
    """One event.

    Attributes:
        ms: Its time, milliseconds after 1970.
        type_number: Number of its type.
        place: Its rank among those of its type in this millisecond.
        data: Its JSON.
    """

    ms: int
    type_number: int
    place: int
    data: str


@dataclass
class Source:
    """The event tables of one world in one database.

    Attributes:
        project: The project.
        world: The world.
        path: The database file.
        is_raw: Whether the raw log is read, defects included.
        types: The event types, in the order in which simultaneous events are sent.
        goes_on: Whether the world goes on past its last day.
    """

    project: Project
    world: str
    path: Path
    is_raw: bool
    types: list[str] = field(default_factory=list)
    goes_on: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    _tables: list[dict[str, Any]] = field(default_factory=list)
    _models: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Looks at the tables.

        Raises:
            DioramaError: The database lacks them.
        """
        dbt = Dbt(self.project, self.path, read_only=True)
        layer = "raw" if self.is_raw else "staging"
        models = [
            model
            for model in dbt.models()
            if world_of(model) == self.world
            and model.schema == layer
            and model.config.meta.get("stream")
        ]
        has_unknown = False
        for model in models:
            stream = dict(model.config.meta["stream"])
            self.types += stream.pop("types", None) or [stream["event_type"]]
            self.goes_on |= "session" in stream
            if self.is_raw:
                stream.pop("session", None)
            declared = model.config.meta.get("export") or {}
            has_unknown |= self.is_raw and "type_column" in stream
            self._models.append(model.name)
            self._tables.append(
                {
                    "schema": model.schema,
                    "name": model.alias,
                    "columns": stream.pop("columns", None) or declared.get("columns"),
                    "shape": declared.get("jsonl"),
                    "stream": stream,
                }
            )
        self.types += ["unknown"] if has_unknown else []
        arguments = {
            "tables": self._tables,
            "types": self.types,
            "catalogs": [["@older"], ["@older", "@newer"]],
            "is_raw": self.is_raw,
        }
        self.facts = dbt.operation("stream_source", arguments)[0]
        lacking = self.facts["lacking"]
        if lacking or not models:
            raise DioramaError(
                f"{self.path} does not hold {', '.join(lacking) or self.world}. Make it with "
                f"`diorama build --world {self.world}`."
            )

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that the tables were built from."""
        return (self.facts["memory"] or {}).get("values") or {}

    def built_events(self, from_ms: int) -> Generator[Event, None, None]:
        """The events of the database, from a moment on."""
        last_ms = self.facts["last_ms"]
        if last_ms is None:
            return
        span = (max(from_ms, self.facts["first_ms"]), last_ms + 1)
        with _Reader(
            self.facts["queries"][0], {"@older": self.path}, self._slice_ms()
        ) as read:
            yield from read.events(*span)

    def endless_events(
        self, from_ms: int, scratch: Path, stop: Stop
    ) -> Generator[Event, None, None]:
        """The events of the database and, past its last day, of further days of the same world.

        A span of days is read from two databases: its own, and that of the days before, whose last
        sessions run past midnight.

        Args:
            from_ms: The moment to start from.
            scratch: A directory for the databases of further days.
            stop: Is set when the stream is to end.

        Yields:
            The events in order.

        Raises:
            DioramaError: The days to come cannot be built.
        """
        start_ms = date_ms(self.settings[f"{self.world}_start_date"])
        day = self.settings[f"{self.world}_days"]
        self._check_is_whole(day)
        windows = _Windows(self, scratch, day)
        try:
            windows.prepare()
            begin, end = max(from_ms, start_ms), start_ms + day * DAY_MS
            older = self.path
            with _Reader(
                self.facts["queries"][0], {"@older": older}, self._slice_ms()
            ) as read:
                yield from read.events(begin, end)
            while not stop.is_set():
                newer, days = windows.take(stop)
                if newer is None:
                    return
                begin, end = end, end + days * DAY_MS
                if from_ms < end:
                    catalogs = {"@older": older, "@newer": newer}
                    with _Reader(
                        self.facts["queries"][1], catalogs, self._slice_ms()
                    ) as read:
                        yield from read.events(max(begin, from_ms), end)
                if older != self.path:
                    shutil.rmtree(older.parent)
                older = newer
        finally:
            windows.close()

    def _check_is_whole(self, days: int) -> None:
        """Raises an error where the tables end before the world's last day, or lack visitors."""
        cut = self.settings.get(f"{self.world}_as_of") or self.settings.get("as_of")
        if cut is not None:
            raise UsageError(
                f"{self.path} holds the world as of {cut}, and later days would lack what was "
                "delivered since. Build it without as_of to go on past its last day."
            )

    def _slice_ms(self) -> int:
        """The span of time that is read at once."""
        span = max(1, (self.facts["last_ms"] or 0) - (self.facts["first_ms"] or 0))
        per_ms = max(1, self.facts["events"]) / span
        return max(60_000, min(DAY_MS, int(SLICE_EVENTS / per_ms)))

    def window_days(self) -> int:
        """The days that are built at once."""
        per_day = max(1, self.facts["events"]) / self.settings[f"{self.world}_days"]
        return max(1, min(LONGEST_WINDOW_DAYS, int(WINDOW_EVENTS / per_day)))

    def window_order(self, path: Path, first_day: int, days: int) -> dict[str, Any]:
        """What the process is told that builds further days."""
        variables = {
            name: value for name, value in self.settings.items() if value is not None
        }
        variables |= {
            f"{self.world}_first_day": first_day,
            f"{self.world}_days": first_day + days,
            "root_key": int(self.facts["run"]["root_key"]),
        }
        return {
            "path": str(path),
            "variables": variables,
            "select": [f"+{name}" for name in self._models],
        }


class _Windows:
    """Builds further days ahead of the reader, one window at a time, in a process of its own."""

    def __init__(self, source: Source, scratch: Path, day: int) -> None:
        self.source, self.scratch, self.day = source, scratch, day
        self.days = source.window_days()
        self.process: subprocess.Popen[str] | None = None
        self.path: Path | None = None

    def prepare(self) -> None:
        """Starts to build the next window."""
        self.path = self.scratch / f"from_day_{self.day}" / self.source.path.name
        self.path.parent.mkdir()
        order = self.source.window_order(self.path, self.day, self.days)
        self.process = start_worker("window_worker", json.dumps(order))

    def take(self, stop: Stop) -> tuple[Path | None, int]:
        """The next window, when it is built; the one after it is begun.

        Args:
            stop: Is set when the stream is to end; then there is no window.

        Returns:
            The database and its days.

        Raises:
            DioramaError: It could not be built.
        """
        assert self.process is not None
        while self.process.poll() is None:
            if stop.wait(0.05):
                return None, 0
        said = self.process.stderr.read().strip() if self.process.stderr else ""
        if self.process.returncode != 0:
            raise DioramaError(
                f"The days from day {self.day} on could not be built: "
                f"{said.rpartition(chr(10))[2] or f'exit code {self.process.returncode}'}"
            )
        path = self.path
        self.day += self.days
        self.prepare()
        return path, self.days

    def close(self) -> None:
        """Ends the process that builds the next window."""
        if self.process is not None:
            end_worker(self.process)


class _Reader:
    """Reads events slice by slice; the next slice is read while this one is sent."""

    def __init__(self, query: str, catalogs: dict[str, Path], slice_ms: int) -> None:
        self.query, self.catalogs, self.slice_ms = query, catalogs, slice_ms

    def __enter__(self) -> "_Reader":
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute("set enable_progress_bar = false")
        for mark, path in self.catalogs.items():
            name = mark.removeprefix("@")
            self.connection.execute(f"attach {quote(path)} as {name} (read_only)")
            self.query = self.query.replace(mark, name)
        self.pool = ThreadPoolExecutor(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.connection.close()

    def events(self, from_ms: int, until_ms: int) -> Iterator[Event]:
        """The events of a span of time, in order."""
        begins = deque(range(from_ms, until_ms, self.slice_ms))

        def begin_next() -> Any:
            begin = begins.popleft()
            end = min(begin + self.slice_ms, until_ms)
            return self.pool.submit(self._slice, begin, end)

        waiting = begin_next() if begins else None
        while waiting is not None:
            rows = waiting.result()
            waiting = begin_next() if begins else None
            yield from map(Event._make, rows)

    def _slice(self, begin: int, end: int) -> list[tuple[int, int, int, str]]:
        in_first_hour = begin % DAY_MS < HOUR_MS
        query = (
            self.query.replace("@seen_from", str(begin - HOUR_MS * in_first_hour))
            .replace("@from", str(begin))
            .replace("@until", str(end))
        )
        return self.connection.execute(query).fetchall()


def date_ms(date: str) -> int:
    """The milliseconds after 1970 of a day or moment, which is in UTC where it has no offset."""
    moment = datetime.fromisoformat(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)

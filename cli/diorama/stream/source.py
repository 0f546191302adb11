"""The source of a stream: events of built tables in order of time, and of further days."""

import shutil
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from diorama.engines.columns import Texts, columns
from diorama.engines.database import hide_progress, quote
from diorama.engines.sql import columns_of
from diorama.engines.workers import Worker
from diorama.errors import DioramaError, UsageError, explain
from diorama.files.export_query import chosen_columns, columns_beyond_double
from diorama.project import Project
from diorama.project.catalogue import Catalogue, Relation, open_database
from diorama.stream.clock import Stop
from diorama.stream.query import DAY_MS, EventTable, Form, stream_query
from diorama.stream.window import build_window

# about what is read at once (a query looks at whole row groups, of 122,880 rows, however few of
# them it takes), and what is built at once beyond the last built day
FIRST_SLICE_EVENTS = 10_000
SLICE_EVENTS = 160_000
WINDOW_EVENTS = 500_000
LONGEST_WINDOW_DAYS = 30


@dataclass(frozen=True)
class Events:
    """Events in order, by column.

    Attributes:
        ms: Their times, milliseconds after 1970.
        type_numbers: The numbers of their types.
        places: The rank of each among those of its type in this millisecond.
        lines: Their JSON, each with a line break.
        commands: The commands that add them to Redis Streams.
    """

    ms: memoryview
    type_numbers: memoryview
    places: memoryview
    lines: Texts
    commands: Texts

    def __len__(self) -> int:
        """How many they are."""
        return len(self.ms)

    def part(self, begin: int, end: int) -> "Events":
        """Some of them in a row."""
        return Events(
            self.ms[begin:end],
            self.type_numbers[begin:end],
            self.places[begin:end],
            self.lines.part(begin, end),
            self.commands.part(begin, end),
        )


def first_events(parts: Iterator[Events], count: int | None) -> Iterator[Events]:
    """No more than some number of events."""
    left = count
    while left != 0 and (events := next(parts, None)) is not None:
        if left is not None:
            events = events.part(0, left)
            left -= len(events)
        yield events


@dataclass
class Source:
    """The event tables of one world in one database.

    Attributes:
        project: The project, which builds further days.
        world: The world.
        path: The database file.
        is_raw: Whether the raw log is read, defects included.
        form: How the events are sent.
        types: The event types, in the order in which simultaneous events are sent.
        goes_on: Whether the world can continue past its last day.
        events: Number of events.
        first_ms: Time of the first event, milliseconds after 1970; None without events.
        last_ms: Time of the last event, likewise.
        settings: The settings that the tables were built from.
        run: Seed and root key of the last run.
    """

    project: Project
    world: str
    path: Path
    is_raw: bool
    form: Form = field(default_factory=Form)
    types: list[str] = field(default_factory=list)
    goes_on: bool = False
    events: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] | None = None
    _tables: list[EventTable] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Reads which tables there are.

        Raises:
            DioramaError: The database lacks them.
        """
        layer = "raw" if self.is_raw else "staging"
        with open_database(self.path) as catalogue:
            catalogue.check_holds([self.world])
            models = [
                model
                for model in catalogue.models([self.world])
                if model.layer == layer and model.meta.get("stream")
            ]
            lacking = [model.name for model in models if model.form is None]
            if lacking:
                raise DioramaError(
                    f"{self.path} does not hold {', '.join(lacking)}. Build it with "
                    f"`diorama build --world {self.world}`."
                )
            for model in models:
                self._add(catalogue, model)
            self.settings, self.run = models[-1].settings, catalogue.run()
        if self.is_raw and any(table.type_column for table in self._tables):
            self.types.append("unknown")

    def _add(self, catalogue: Catalogue, model: Relation) -> None:
        """Adds a table of events."""
        stream, declared = model.meta["stream"], model.meta.get("export") or {}
        self.types += stream.get("types") or [stream["event_type"]]
        self.goes_on |= "session" in stream
        columns = chosen_columns(
            columns_of(catalogue.connection, model.sql),
            stream.get("columns") or declared.get("columns"),
            [],
        )
        texts = columns_beyond_double(catalogue.connection, model.sql, columns)
        table = EventTable(
            model,
            columns,
            {"times": "plain", **(declared.get("jsonl") or {}), "texts": texts},
            time="received_at" if self.is_raw else stream["time"],
            id=stream["id"],
            event_type=stream.get("event_type"),
            type_column=stream.get("type_column"),
            session=None if self.is_raw else stream.get("session"),
            has_copies=self.is_raw,
        )
        self._tables.append(table)
        ((events, first_ms, last_ms),) = catalogue.rows(
            f"select count(*), epoch_ms(min({table.time})), epoch_ms(max({table.time})) "
            f"from {model.sql}"
        )
        if events:
            self.events += events
            self.first_ms = min(first_ms, self.first_ms or first_ms)
            self.last_ms = max(last_ms, self.last_ms or last_ms)

    def built_events(self, from_ms: int) -> Generator[Events, None, None]:
        """The events of the database, from a moment on."""
        if self.first_ms is None or self.last_ms is None:
            return
        with _Reader(self, self.path) as read:
            yield from read.events(max(from_ms, self.first_ms), self.last_ms + 1)

    def endless_events(
        self, from_ms: int, scratch: Path, stop: Stop
    ) -> Generator[Events, None, None]:
        """The events of the database and, past its last day, of further days of the same world.

        A span of days is read from two databases: its own, and that of the days before, whose last
        sessions run past midnight.

        Args:
            from_ms: The moment to start from.
            scratch: A directory for the databases of further days.
            stop: Is set when the stream must stop.

        Yields:
            The events in order.

        Raises:
            DioramaError: Further days cannot be built.
        """
        start_ms = date_ms(self.settings[f"{self.world}_start_date"])
        day = self.settings[f"{self.world}_days"]
        self._check_is_whole(day)
        windows = _Windows(self, scratch, day)
        try:
            windows.prepare()
            begin, end = max(from_ms, start_ms), start_ms + day * DAY_MS
            older = self.path
            with _Reader(self, older) as read:
                yield from read.events(begin, end)
            while not stop.is_set():
                newer, days = windows.take(stop)
                if newer is None:
                    return
                begin, end = end, end + days * DAY_MS
                if from_ms < end:
                    with _Reader(self, older, newer) as read:
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

    def query(self, databases: Sequence[str], begin_ms: int, end_ms: int) -> str:
        """The query of the events of a span of time, in databases that hold the tables."""
        return stream_query(
            self._tables, self.types, databases, begin_ms, end_ms, self.form
        )

    def span_ms(self, events: int) -> int:
        """The span of time of about so many events."""
        span = max(1, (self.last_ms or 0) - (self.first_ms or 0))
        per_ms = max(1, self.events) / span
        return max(60_000, int(events / per_ms))

    def window_days(self) -> int:
        """The days that are built at once."""
        per_day = max(1, self.events) / self.settings[f"{self.world}_days"]
        return max(1, min(LONGEST_WINDOW_DAYS, int(WINDOW_EVENTS / per_day)))

    def begin_window(self, path: Path, first_day: int, days: int) -> Worker:
        """Begins to build further days, in a process of its own."""
        variables = {
            name: value for name, value in self.settings.items() if value is not None
        }
        variables |= {
            f"{self.world}_first_day": first_day,
            f"{self.world}_days": first_day + days,
            "root_key": self.run["root_key"] if self.run else None,
        }
        models = [table.relation.name for table in self._tables]
        return Worker(build_window, self.project, path, variables, models)


class _Windows:
    """Builds further days ahead of the reader, one window at a time, in a process of its own."""

    def __init__(self, source: Source, scratch: Path, day: int) -> None:
        self.source, self.scratch, self.day = source, scratch, day
        self.days = source.window_days()
        self.worker: Worker | None = None
        self.path: Path | None = None

    def prepare(self) -> None:
        """Starts to build the next window."""
        self.path = self.scratch / f"from_day_{self.day}" / self.source.path.name
        self.path.parent.mkdir()
        self.worker = self.source.begin_window(self.path, self.day, self.days)

    def take(self, stop: Stop) -> tuple[Path | None, int]:
        """The next window, when it is built; the one after it is begun.

        Args:
            stop: Is set when the stream is to end; then there is no window.

        Returns:
            The database and its days.

        Raises:
            DioramaError: It could not be built.
        """
        assert self.worker is not None
        while self.worker.is_running():
            if stop.wait(0.05):
                return None, 0
        failure = self.worker.failure()
        if failure:
            raise DioramaError(
                f"The days from day {self.day} on could not be built: {failure}"
            )
        self.close()
        path = self.path
        self.day += self.days
        self.prepare()
        return path, self.days

    def close(self) -> None:
        """Ends the process that builds the next window."""
        if self.worker is not None:
            self.worker.end()
            self.worker = None


class _Reader:
    """Reads events slice by slice; the next slice is read while this one is sent."""

    def __init__(self, source: Source, *paths: Path) -> None:
        self.source, self.paths = source, paths
        self.databases = ["older", "newer"][: len(paths)]

    def __enter__(self) -> "_Reader":
        import duckdb

        self.connection = duckdb.connect()
        hide_progress(self.connection)
        # events come out in one order; a second thread would take the place of sender and server
        self.connection.execute("set threads = 1")
        for name, path in zip(self.databases, self.paths, strict=True):
            self.connection.execute(f"attach {quote(path)} as {name} (read_only)")
        self.pool = ThreadPoolExecutor(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.connection.close()

    def events(self, from_ms: int, until_ms: int) -> Iterator[Events]:
        """The events of a span of time, in order."""
        slices = self._slices(from_ms, until_ms)

        def begin_next() -> Any:
            span = next(slices, None)
            return self.pool.submit(self._slice, *span) if span else None

        waiting = begin_next()
        while waiting is not None:
            parts = waiting.result()
            waiting = begin_next()
            yield from parts

    def _slices(self, from_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
        """Spans of time: a short one, so that the first events come at once, then longer ones."""
        events = FIRST_SLICE_EVENTS
        while from_ms < until_ms:
            end = min(from_ms + self.source.span_ms(events), until_ms)
            yield from_ms, end
            from_ms, events = end, min(2 * events, SLICE_EVENTS)

    def _slice(self, begin: int, end: int) -> list[Events]:
        import duckdb

        query = self.source.query(self.databases, begin, end)
        try:
            return [Events(*found) for found in columns(self.connection, query)]
        except duckdb.Error as error:
            raise explain(str(error)) from error


def date_ms(date: str) -> int:
    """The milliseconds after 1970 of a day or moment, which is in UTC where it has no offset."""
    moment = datetime.fromisoformat(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)

"""Runs a stream: sends a world's events in order of time."""

import contextlib
import os
import signal
from bisect import bisect_right
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import FrameType

from diorama.engines.build import raise_failures
from diorama.engines.dbt import Dbt, Watcher
from diorama.errors import DioramaError, UsageError
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.stream.clock import Stop
from diorama.stream.options import Mode, SinkName, StreamRequest
from diorama.stream.query import Form
from diorama.stream.sinks import (
    ConsoleSink,
    FileSink,
    RedisSink,
    Sink,
)
from diorama.stream.source import Events, Source, date_ms, first_events
from diorama.ui.terminal import (
    ReaderGoneError,
    StreamProgress,
    format_count,
    narrate,
)

BATCH_EVENTS = 1000
TICK_SECONDS = 0.05


def stream(project: Project, path: Path, request: StreamRequest) -> None:
    """Sends events until none are left, a limit is reached, or a stop is requested.

    Args:
        project: The project.
        path: The database file.
        request: The request.

    Raises:
        DioramaError: The events cannot be read or sent.
    """
    begin_ms = _begin_ms(request.begin)
    with ExitStack() as stack:
        scratch: Path | None = None
        if request.generate or request.mode is Mode.continuous:
            parent = path.parent if path.parent.is_dir() else project.workplace
            scratch = stack.enter_context(
                scratch_directory(parent, f"{path.name}.stream", "Interrupted.")
            )
        if request.generate:
            path = _generate(project, path, scratch, request)
        source = Source(project, request.world, path, request.is_raw, _form(request))
        _check_settings(source, request)
        if request.mode is Mode.continuous and request.is_raw:
            raise UsageError(
                "--raw sends the log that was built, and --mode continuous goes on past it. "
                "Give one of them."
            )
        stop = stack.enter_context(_stopped_by_signals())
        events: Generator[Events, None, None]
        if request.mode is Mode.continuous and source.goes_on and scratch is not None:
            events = source.endless_events(begin_ms, scratch, stop)
        else:
            events = source.built_events(begin_ms)
        # before the scratch directory goes away, in which it may still have days built
        stack.callback(events.close)
        first = next(events, None)
        if first is None and not stop.is_set():
            raise _nothing_to_send(source, request)
        counted = first_events(chain([first] if first else [], events), request.count)
        # not before there is something to send, since files are replaced
        sinks = stack.enter_context(_sinks(source, request, stop))
        _run(counted, sinks, source, request, stop)


def _form(request: StreamRequest) -> Form:
    """What the sinks take."""
    prefix = None
    if request.sink in (SinkName.redis, SinkName.both):
        prefix = request.stream_prefix or f"diorama:{request.world}"
    return Form(request.sink is not SinkName.redis, prefix, request.maxlen)


def _nothing_to_send(source: Source, request: StreamRequest) -> DioramaError:
    first_ms, last_ms = source.first_ms, source.last_ms
    if first_ms is None or last_ms is None:
        return DioramaError(
            f"There is nothing to send: {source.path} holds no events of the {request.world} "
            "world. Build it with more users or days."
        )
    first, last = (
        datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for ms in (first_ms, last_ms)
    )
    return DioramaError(
        f"There is nothing to send from {request.begin} on: the events of the {request.world} "
        f"world in {source.path} are from {first} to {last}. Give an earlier --from."
    )


def _run(
    parts: Iterator[Events],
    sinks: list[Sink],
    source: Source,
    request: StreamRequest,
    stop: Stop,
) -> None:
    """Sends batch after batch at the requested pace, then reports what was sent."""
    files = [sink for sink in sinks if isinstance(sink, FileSink)]
    for sink in files if request.must_resume else []:
        parts = sink.rest(parts, stop)
    pace = _pace(request)
    counts = [0] * len(source.types)
    in_redis = 0
    progress = StreamProgress(request.quiet)
    ended_by = ""
    first = next(parts, None)
    began = stop.now()
    if request.duration is not None:
        stop.end_after(request.duration)
    batches = pace.batches(chain([first] if first else [], parts), began, stop)

    def report() -> None:
        there = {"files": sum(sink.already_there for sink in files), "Redis": in_redis}
        seconds = stop.now() - began
        _report(counts, there, source, seconds, request, ended_by)

    with progress.showing():
        try:
            for batch in batches:
                for sink in sinks:
                    in_redis += sink.send(batch)
                numbers = batch.type_numbers.tolist()
                counts = [n + numbers.count(k) for k, n in enumerate(counts)]
                elapsed = stop.now() - began
                lag = pace.lag(sum(counts), batch, elapsed)
                progress.show(sum(counts), elapsed, lag)
        except ReaderGoneError:
            ended_by = "The reader closed the pipe. "
        except DioramaError:
            report()
            raise
    if stop.is_asked:
        ended_by = "Stopped. "
    elif (
        request.mode is Mode.continuous
        and not source.goes_on
        and request.duration is None
    ):
        ended_by = f"The {request.world} world ends here. "
    report()


def _report(
    counts: list[int],
    already_there: dict[str, int],
    source: Source,
    seconds: float,
    request: StreamRequest,
    ended_by: str,
) -> None:
    if request.quiet:
        return
    total = sum(counts)
    each = ", ".join(
        f"{format_count(count)} {name}"
        for name, count in zip(source.types, counts, strict=True)
    )
    refused = "".join(
        f" {format_count(count)} were in {place} already."
        for place, count in already_there.items()
        if count
    )
    rate = total / seconds if seconds > 0 else 0
    narrate(
        f"{ended_by}{format_count(total)} events in {seconds:.1f} s "
        f"({rate:,.0f} per second): {each}.{refused}"
    )


class _Burst:
    """No pace: as fast as the sinks accept events."""

    def batches(
        self, parts: Iterator[Events], began: float, stop: Stop
    ) -> Iterator[Events]:
        """The events in batches; none after the stop."""
        for events in parts:
            for begin in range(0, len(events), BATCH_EVENTS):
                if stop.is_set():
                    return
                yield events.part(begin, begin + BATCH_EVENTS)

    def lag(self, sent: int, batch: Events, elapsed: float) -> float:
        """Seconds behind the pace: none, where there is no pace."""
        return 0.0


class _Rate(_Burst):
    """Fixed number of events per second, on average since the start."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second

    def batches(
        self, parts: Iterator[Events], began: float, stop: Stop
    ) -> Iterator[Events]:
        """The events in batches, each when it is due; none after the stop."""
        sent = 0
        for events in parts:
            begin = 0
            while begin < len(events):
                if stop.is_set():
                    return
                due = 1 + int((stop.now() - began) * self.per_second) - sent
                if due < 1:
                    next_due = (sent / self.per_second) - (stop.now() - began)
                    stop.wait(max(TICK_SECONDS, min(next_due, 1)))
                    continue
                batch = events.part(begin, begin + min(due, BATCH_EVENTS))
                yield batch
                begin += len(batch)
                sent += len(batch)

    def lag(self, sent: int, batch: Events, elapsed: float) -> float:
        """Seconds behind the pace."""
        return max(0.0, elapsed - sent / self.per_second)


class _Speed(_Burst):
    """Pace of the simulated clock, at a multiple of real time."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.first_ms: int | None = None

    def batches(
        self, parts: Iterator[Events], began: float, stop: Stop
    ) -> Iterator[Events]:
        """The events in batches, each when it is due; none after the stop."""
        for events in parts:
            if self.first_ms is None:
                self.first_ms = events.ms[0]
            begin = 0
            while begin < len(events):
                wait = self._due(events.ms[begin]) - (stop.now() - began)
                while wait > 0 and not stop.wait(min(wait, 1)):
                    wait = self._due(events.ms[begin]) - (stop.now() - began)
                if stop.is_set():
                    return
                end = min(begin + BATCH_EVENTS, len(events))
                elapsed = stop.now() - began
                due = bisect_right(events.ms, elapsed, begin + 1, end, key=self._due)
                yield events.part(begin, due)
                begin = due

    def _due(self, ms: int) -> float:
        return (ms - (self.first_ms or 0)) / 1000 / self.factor

    def lag(self, sent: int, batch: Events, elapsed: float) -> float:
        """Seconds behind the pace."""
        return max(0.0, elapsed - self._due(batch.ms[-1]))


def _pace(request: StreamRequest) -> _Burst:
    if request.speed is not None:
        return _Speed(request.speed)
    if request.rate is not None:
        return _Rate(request.rate)
    return _Burst()


def _begin_ms(text: str | None) -> int:
    if text is None:
        return 0
    try:
        return date_ms(text)
    except ValueError as error:
        raise UsageError(
            f"--from is '{text}', but must be a day or moment such as 2026-01-30 or "
            "2026-01-30T12:00:00."
        ) from error


def _generate(
    project: Project, path: Path, scratch: Path | None, request: StreamRequest
) -> Path:
    """Builds a new world with the given settings; the database is not changed."""
    assert scratch is not None
    fresh = scratch / "fresh" / path.name
    fresh.parent.mkdir()
    variables = request.settings
    if path.exists():
        # what is not asked for stays as in the built world, if there is one
        with contextlib.suppress(DioramaError):
            built = Source(project, request.world, path, is_raw=False)
            kept = {n: v for n, v in built.settings.items() if v is not None}
            variables = kept | request.settings
    if not request.quiet:
        narrate(f"Making a fresh {request.world} world.")
    layer = "raw" if request.is_raw else "staging"
    select = [f"+path:models/{layer}/{request.world}"]
    tests = ["resource_type:test", "resource_type:unit_test"]
    steps = Dbt(project, fresh, variables).build(select, tests, False, Watcher())
    raise_failures(steps, fresh, project.log)
    return fresh


def _check_settings(source: Source, request: StreamRequest) -> None:
    """Raises an error if the built world's settings differ from those asked for."""
    for name, wanted in request.settings.items():
        built = source.settings.get(name)
        if built != wanted:
            raise UsageError(
                f"The {request.world} world in {source.path} was built with {name}={built}, but "
                f"{wanted} is asked for. Add --generate to make a fresh one, or build it: "
                f"diorama build --world {request.world} --set {name}={wanted}."
            )


@contextmanager
def _stopped_by_signals() -> Iterator[Stop]:
    """An event that Ctrl-C and SIGTERM set, to end the stream cleanly; twice ends at once."""
    stop = Stop()
    asked: list[int] = []

    def ask_to_stop(signum: int, frame: FrameType | None) -> None:
        if asked:
            os._exit(128 + signum)
        asked.append(signum)
        stop.ask()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, ask_to_stop) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _sinks(source: Source, request: StreamRequest, stop: Stop) -> Iterator[list[Sink]]:
    """Opens the sinks, and closes them."""
    sinks: list[Sink] = []
    try:
        if request.sink in (SinkName.redis, SinkName.both):
            sinks.append(
                RedisSink(
                    request.redis_url,
                    source.form.keys(source.types),
                    request.patience,
                    stop,
                )
            )
        if request.sink in (SinkName.file, SinkName.both):
            sinks.append(
                FileSink(request.output_dir, source.types, request.must_resume)
            )
        if request.sink is SinkName.console:
            sinks.append(ConsoleSink())
        yield sinks
    finally:
        for sink in sinks:
            sink.close()

"""Destinations of a stream: JSON lines files, Redis Streams, the console."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from diorama.errors import DioramaError, explain
from diorama.stream.clock import Stop
from diorama.stream.source import Events
from diorama.ui.terminal import format_count, writing_output

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


class Sink(Protocol):
    """Accepts batches of events, each completely or with an error."""

    def send(self, events: Events) -> int:
        """Sends events.

        Args:
            events: The events, in order.

        Returns:
            How many of them the destination had already.
        """
        ...

    def close(self) -> None:
        """Ends cleanly."""
        ...


class FileSink:
    """One file of JSON lines per event type, new or after what an earlier stream wrote."""

    def __init__(
        self, directory: Path, types: Sequence[str], must_resume: bool
    ) -> None:
        """Opens the files. None is emptied before all can be written.

        Args:
            directory: Where they go; made if missing.
            types: The event types.
            must_resume: Whether they go on behind their last whole line, after `rest()`.

        Raises:
            DioramaError: A file cannot be made.
        """
        self.already_there = 0
        self.paths = [directory / f"{name}_events.jsonl" for name in types]
        self.files: list[BinaryIO] = []
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for path in self.paths:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
                handle = os.open(path, flags, 0o666)
                self.files.append(os.fdopen(handle, "r+b", buffering=0))
            for file in self.files if not must_resume else []:
                with contextlib.suppress(OSError):  # a device cannot be emptied
                    file.truncate(0)
        except OSError as error:
            self.close()
            raise DioramaError(
                f"{error.filename or directory} cannot be written ({error.strerror}). "
                "Give another place with --output-dir."
            ) from error

    def rest(self, parts: Iterator[Events], stop: Stop) -> Iterator[Events]:
        """Leaves out the events that the files have already, and cuts off a last half line.

        Args:
            parts: The events of the whole stream.
            stop: Is set when the stream is to end.

        Yields:
            The events that the files do not have.

        Raises:
            DioramaError: The files hold lines that are not of this stream.
        """
        with contextlib.ExitStack() as stack:
            readers: dict[int, BinaryIO] = {
                number: stack.enter_context(path.open("rb"))
                for number, path in enumerate(self.paths)
                if path.is_file()
            }
            ends = dict.fromkeys(readers, 0)
            for events in parts:
                begin = 0
                for at, number in enumerate(events.type_numbers):
                    if number not in readers:
                        continue
                    if stop.is_set():
                        return
                    line = readers[number].readline()
                    if not line.endswith(b"\n"):
                        self._cut(number, ends[number])
                        del readers[number]
                        continue
                    if line != events.lines[at]:
                        raise DioramaError(
                            f"{self.paths[number]} holds another stream, from byte "
                            f"{ends[number]} on. Leave --resume out to replace it, or give the "
                            "options of that stream."
                        )
                    ends[number] += len(line)
                    self.already_there += 1
                    if begin < at:
                        yield events.part(begin, at)
                    begin = at + 1
                if begin < len(events):
                    yield events.part(begin, len(events))

    def _cut(self, number: int, end: int) -> None:
        """Ends a file behind its last whole line."""
        self.files[number].truncate(end)
        self.files[number].seek(end)

    def send(self, events: Events) -> int:
        """Writes whole lines; after an error every file still ends with a whole line."""
        lines: list[list[memoryview]] = [[] for _ in self.files]
        for number, line in zip(events.type_numbers, events.lines, strict=True):
            lines[number].append(line)
        for path, file, written in zip(self.paths, self.files, lines, strict=True):
            if not written:
                continue
            end = file.tell()
            try:
                self._check_in_place(path, file.fileno())
                _write_all(file.fileno(), b"".join(written))
            except OSError as error:
                with contextlib.suppress(OSError):  # a device has no end to go back to
                    os.ftruncate(file.fileno(), end)
                raise explain(f"{path}: {error}", str(path)) from error
        return 0

    def _check_in_place(self, path: Path, handle: int) -> None:
        """Raises an error where the file was taken away: what is written would be lost."""
        if not path.exists() or not os.path.samestat(path.stat(), os.fstat(handle)):
            raise DioramaError(
                f"{path} was removed while it was written. Run the command again for the "
                "whole stream."
            )

    def close(self) -> None:
        """Closes the files."""
        for file in self.files:
            file.close()


def _write_all(handle: int, content: bytes) -> None:
    """Writes all bytes: a disk that fills up takes a part first."""
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


class ConsoleSink:
    """JSON lines of all types on stdout."""

    def send(self, events: Events) -> int:
        """Prints the events, in UTF-8 as JSON is, whatever a console's encoding."""
        with writing_output():
            sys.stdout.buffer.write(events.lines.joined())
            sys.stdout.buffer.flush()
        return 0

    def close(self) -> None:
        """Does nothing."""


class RedisSink:
    """Redis Streams, one per event type, with entry ids that derive from the events.

    Redis refuses an id that is not above the stream's last one, so that what is sent once more
    after a lost connection, or in another run, is not there twice.
    """

    def __init__(
        self,
        url: str,
        keys: Sequence[str],
        patience_seconds: float,
        stop: Stop,
    ) -> None:
        """Connects.

        Args:
            url: The server.
            keys: The stream of each event type.
            patience_seconds: How long to retry an unreachable server.
            stop: Is set when the stream must stop.

        Raises:
            DioramaError: The server cannot be reached, or requires a password.
        """
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self.url, self.keys = url, keys
        self.patience_seconds, self.stop = patience_seconds, stop
        self.last_ids: dict[str, tuple[int, int]] = {}
        self.compared: set[str] = set()
        self.is_new_connection = False

        def connected(connection: Any) -> None:
            connection.on_connect()
            self.is_new_connection = True

        class Parser(redis.connection.DefaultParser):
            """Is asked for replies itself: half of their time would be the connection's."""

            def on_connect(parser, connection: Any, **options: Any) -> None:  # noqa: N805
                super().on_connect(connection, **options)
                self.read_reply = parser.read_response

        try:
            self.client = redis.Redis.from_url(
                url,
                socket_connect_timeout=5,
                socket_timeout=30,
                retry=Retry(NoBackoff(), 0),
                redis_connect_func=connected,
                parser_class=Parser,
            )
            self.client.ping()
        except redis.AuthenticationError as error:
            raise self._wrong_password(error) from error
        except (redis.RedisError, ValueError, OSError) as error:
            raise DioramaError(
                f"There is no Redis at {_without_password(url)} ({error}). Start it, or give "
                "another with --redis-url."
            ) from error

    def send(self, events: Events) -> int:
        """Adds the events, retrying an unreachable server."""
        import redis

        began, pause = self.stop.now(), FIRST_PAUSE_SECONDS
        while True:
            try:
                # made again where the server has gone and come back in the meantime
                connection = self.client.connection_pool.get_connection()
                try:
                    if not self.is_new_connection:
                        refused = self._add(connection, events)
                        break
                finally:
                    self.client.connection_pool.release(connection)
                self.is_new_connection = False
                self._check_nothing_was_lost()
            except redis.AuthenticationError as error:
                raise self._wrong_password(error) from error
            except (redis.ConnectionError, redis.TimeoutError) as error:
                gone = self.stop.now() - began > self.patience_seconds
                if gone or self.stop.wait(pause):
                    raise DioramaError(
                        f"Redis at {_without_password(self.url)} is gone ({error}); "
                        f"{format_count(len(events))} events are not sent. When it is back, the "
                        "same command sends the rest: Redis refuses what it has."
                    ) from error
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            except redis.RedisError as error:
                raise DioramaError(
                    f"Redis at {_without_password(self.url)} refuses events: {error}"
                ) from error
        self._check_are_the_same(events, refused)
        return len(refused)

    def _add(self, connection: Any, events: Events) -> list[int]:
        """Adds the events by one pipeline; redis-py would take several times as long to pack it.

        Args:
            connection: A connection.
            events: The events.

        Returns:
            Which of them the server refused.
        """
        import redis

        refused: list[int] = []
        failed = None
        try:
            connection.send_packed_command([events.commands.joined()])
            for at in range(len(events)):
                reply = self.read_reply()
                if isinstance(reply, redis.ResponseError):
                    if "equal or smaller" in str(reply):
                        refused.append(at)
                    else:
                        failed = reply
        except OSError as error:
            connection.disconnect()
            raise redis.ConnectionError(str(error)) from error
        except BaseException:
            # with answers outstanding it is of no more use
            connection.disconnect()
            raise
        if failed is not None:
            raise failed
        last = dict(zip(events.type_numbers, range(len(events)), strict=True))
        for number, at in last.items():
            self.last_ids[self.keys[number]] = (events.ms[at], events.places[at])
        return refused

    def _check_are_the_same(self, events: Events, refused: list[int]) -> None:
        """Raises an error if a stream refuses events that it does not hold, of another world."""
        for at in refused:
            key = self.keys[events.type_numbers[at]]
            if key in self.compared:
                continue
            ms, place = events.ms[at], events.places[at]
            first = self.client.xrange(key, count=1)
            if not first or _parsed(first[0][0]) > (ms, place):
                continue  # it keeps its last entries only, and this was before them
            held = self.client.xrange(key, f"{ms}-{place}", f"{ms}-{place}")
            sent = _data(bytes(events.commands[at]))
            if [fields.get(b"data") for _, fields in held] != [sent]:
                raise DioramaError(
                    f"Redis at {_without_password(self.url)} refuses events, since {key} holds "
                    "later ones of another stream. Give another --stream-prefix, or remove it."
                )
            self.compared.add(key)

    def _wrong_password(self, error: Exception) -> DioramaError:
        return DioramaError(
            f"Redis at {_without_password(self.url)} wants a password, or another one ({error}). "
            "Give it with --redis-url redis://:PASSWORD@HOST:PORT/0."
        )

    def _check_nothing_was_lost(self) -> None:
        """Raises an error if the server came back without entries that it had acknowledged."""
        for key, sent in self.last_ids.items():
            found = (0, 0)
            if self.client.exists(key):
                found = _parsed(self.client.xinfo_stream(key)["last-generated-id"])
            if found < sent:
                raise DioramaError(
                    f"Redis at {_without_password(self.url)} came back without entries of {key} "
                    "that it had. Run the same command again: Redis refuses what it still has."
                )

    def close(self) -> None:
        """Closes the connection."""
        self.client.close()


def _parsed(entry_id: bytes) -> tuple[int, int]:
    ms, _, place = entry_id.partition(b"-")
    return int(ms), int(place)


def _data(command: bytes) -> bytes:
    """The JSON of a command: its last argument, which has no line break."""
    return command.rsplit(b"\r\n", 2)[1]


def _without_password(url: str) -> str:
    before, at, after = url.rpartition("@")
    scheme = before.partition("://")[0]
    return f"{scheme}://…@{after}" if at else url

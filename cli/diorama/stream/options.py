"""Turns the options of `diorama stream` and environment variables into a request."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from diorama.errors import UsageError

URL_QUERY = (
    *("db", "username", "password", "client_name"),
    *("socket_timeout", "socket_connect_timeout", "socket_keepalive"),
)
DEFAULT_COUNT = 10_000
DEFAULT_RATE = 10.0


class Mode(StrEnum):
    """When a stream ends."""

    once = "once"
    burst = "burst"
    continuous = "continuous"


class SinkName(StrEnum):
    """Destination of a stream."""

    file = "file"
    redis = "redis"
    console = "console"
    both = "both"


@dataclass(frozen=True)
class StreamRequest:
    """A request to stream events.

    Attributes:
        world: The world.
        mode: When the stream ends.
        count: Maximum number of events; None for no limit.
        rate: Events per second; None if `speed` or no limit applies.
        speed: Simulated seconds per real second; None if `rate` or no limit applies.
        duration: Maximum duration in seconds; None for no limit.
        begin: Date or time to start from; None for the world's first event.
        sink: Destination.
        output_dir: Directory of the files.
        redis_url: Redis server.
        stream_prefix: Prefix of the streams' names; None for diorama:<world>.
        maxlen: Approximate number of entries kept per stream.
        patience: Seconds to retry an unreachable server.
        is_raw: Whether to send the raw log, defects included.
        must_resume: Whether to continue the files of an earlier stream.
        generate: Whether to build a new world with the given settings first.
        settings: Settings that the world must have, by name.
        quiet: Whether only errors are shown.
    """

    world: str
    mode: Mode
    count: int | None
    rate: float | None
    speed: float | None
    duration: float | None
    begin: str | None
    sink: SinkName
    output_dir: Path
    redis_url: str
    stream_prefix: str | None
    maxlen: int
    patience: float
    is_raw: bool
    must_resume: bool
    generate: bool
    settings: dict[str, Any]
    quiet: bool


def asked_rate(
    mode: Mode, rate: float | None, speed: float | None, given: set[str]
) -> float | None:
    """Resolves the events per second; None if something else sets the pace.

    Args:
        mode: How long the stream goes on.
        rate: Of the command line or the environment.
        speed: Simulated seconds per second.
        given: The options of the command line.

    Raises:
        UsageError: They contradict each other.
    """
    if speed is not None and "rate" in given:
        raise UsageError("--rate and --speed both say how fast. Give one of them.")
    if mode is Mode.burst and ("rate" in given or speed is not None):
        raise UsageError(
            "--mode burst is as fast as possible. Leave --rate and --speed out."
        )
    if mode is Mode.burst or speed is not None:
        return None
    return DEFAULT_RATE if rate is None else rate


def redis_address(url: str | None) -> str:
    """Resolves the address of the Redis server: the option, else the environment.

    Raises:
        UsageError: Its query has something that redis-py would not understand, or that would change
            what Redis's answers look like.
    """
    url = url or _redis_url()
    for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        if name not in URL_QUERY and not name.startswith("ssl_"):
            raise UsageError(
                f"--redis-url has '{name}' in its query, but may have only "
                f"{', '.join(URL_QUERY)} and ssl_… there, such as ?db=1."
            )
    return url


def _redis_url() -> str:
    host = os.environ.get("REDIS_HOST") or "localhost"
    port = os.environ.get("REDIS_PORT") or "6379"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(
            f"REDIS_PORT is '{port}', but must be an integer from 1 to 65535."
        )
    return f"redis://{host}:{port}/0"


def search_settings(
    world: str, rates: dict[str, Any], given: set[str]
) -> dict[str, Any]:
    """The settings of the search world that the rate options set; other worlds have none.

    Args:
        world: The world.
        rates: Options by name; None where one is not given.
        given: The options of the command line.

    Raises:
        UsageError: Another world is given one.
    """
    wanted = {name: value for name, value in rates.items() if value is not None}
    if world == "search":
        return {f"search_{name}": value for name, value in wanted.items()}
    for name in wanted:
        if name in given:
            raise UsageError(
                f"The {world} world has no {name}. Leave --{name.replace('_', '-')} out."
            )
    return {}

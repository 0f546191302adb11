"""From the options of `diorama stream` and the environment to a request."""

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
    """How long a stream goes on."""

    once = "once"
    burst = "burst"
    continuous = "continuous"


class SinkName(StrEnum):
    """Where a stream goes."""

    file = "file"
    redis = "redis"
    console = "console"
    both = "both"


@dataclass(frozen=True)
class StreamRequest:
    """What to stream, where to, and how fast.

    Attributes:
        world: The world.
        mode: How long.
        count: At most so many events; None for no bound.
        rate: Events per second; None for another pace.
        speed: Simulated seconds per second; None for another pace.
        duration: At most so many seconds; None for no bound.
        begin: The day or moment to start from; None for the world's first.
        sink: Where to.
        output_dir: The directory of the files.
        redis_url: The server.
        stream_prefix: What the streams' names start with; None for diorama:<world>.
        maxlen: Entries that are kept of a stream, about.
        patience: Seconds to look for a server that is gone.
        is_raw: Whether to send the raw log, defects included.
        must_resume: Whether files go on where an earlier stream stopped.
        generate: Whether to make a fresh world with the given settings.
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
    """The events per second; None where something else sets the pace.

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
    """The address of a server: a given one, else that of the environment.

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
    """The settings of the search world that its rates stand for; other worlds have none of them.

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

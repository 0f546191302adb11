"""`diorama stream`: sends a world's events."""

from pathlib import Path
from typing import Annotated

import typer

from diorama.commands import Database, Quiet, app
from diorama.errors import UsageError
from diorama.stream.options import Mode, SinkName


@app.command(
    "stream",
    short_help="Send a world's events to files, Redis or the console.",
    help=(
        "Example: [bold]diorama stream --world search --sink redis --rate 100[/bold]\n\n"
        "Sends a world's events in order of time to JSON lines files, to Redis Streams or to "
        "the console. Ctrl-C ends it cleanly. Redis entry ids derive from the events, so "
        "sending the same events again adds nothing."
    ),
)
def stream_command(
    context: typer.Context,
    world: Annotated[
        str,
        typer.Option(
            metavar="WORLD",
            help="World to stream: feed, learning, shop, search or custom.",
        ),
    ] = "search",
    mode: Annotated[
        Mode,
        typer.Option(
            metavar="MODE",
            help="once: --count events, then stop; burst: all built events, as fast as "
            "possible; continuous: until stopped (search: also beyond the last built day).",
        ),
    ] = Mode.once,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**12,
            metavar="N",
            help="Stop after this many events. Default with --mode once: 10000.",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=10**9,
            metavar="NUMBER",
            envvar="EVENTS_PER_SECOND",
            help="Events per second. Default: 10 (burst: no limit).",
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=10**9,
            metavar="NUMBER",
            help="Simulated seconds per real second, instead of --rate.",
        ),
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=10**9,
            metavar="SECONDS",
            help="Stop after this many seconds.",
        ),
    ] = None,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE|TIME",
            help="Start at this date or time of the world, UTC.",
        ),
    ] = None,
    sink: Annotated[
        SinkName,
        typer.Option(
            metavar="SINK",
            help="Where to send events: file, redis, console, or both file and redis.",
        ),
    ] = SinkName.file,
    output_dir: Annotated[
        Path,
        typer.Option(
            envvar="OUTPUT_DIR",
            metavar="DIR",
            help="Directory of the files <type>_events.jsonl, which are overwritten "
            "unless --resume is given.",
        ),
    ] = Path("stream"),
    redis_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Redis server, redis://HOST:PORT/0. Default: $REDIS_HOST and $REDIS_PORT, "
            "else localhost and 6379.",
        ),
    ] = None,
    stream_prefix: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX",
            help="Redis Streams are named PREFIX:<type>. Default: diorama:<world>.",
        ),
    ] = None,
    maxlen: Annotated[
        int,
        typer.Option(
            min=1,
            max=10**12,
            metavar="N",
            help="Approximate number of entries that Redis keeps per stream.",
        ),
    ] = 100_000,
    patience: Annotated[
        float,
        typer.Option(
            min=0,
            max=10**9,
            metavar="SECONDS",
            help="How long to retry when Redis is unreachable.",
        ),
    ] = 30,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Send the raw log, defects included, instead of the cleaned one.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue where an earlier stream to the same files, with the same options, "
            "stopped.",
        ),
    ] = False,
    generate: Annotated[
        bool,
        typer.Option(
            "--generate",
            help="Build a new world for this stream first; the database is not changed.",
        ),
    ] = False,
    click_through_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            envvar="CLICK_THROUGH_RATE",
            help="Click-through rate of the search world: built with --generate, else checked.",
        ),
    ] = None,
    conversion_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            envvar="CONVERSION_RATE",
            help="Conversion rate of the search world: built with --generate, else checked.",
        ),
    ] = None,
    user_pool_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**9,
            metavar="N",
            envvar="USER_POOL_SIZE",
            help="Number of known users of the search world: built with --generate, else checked.",
        ),
    ] = None,
    anonymous_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            envvar="ANONYMOUS_RATE",
            help="Share of anonymous sessions of the search world: built with --generate, else "
            "checked.",
        ),
    ] = None,
    database: Database = None,
    quiet: Quiet = False,
) -> None:
    """Sends a world's events."""
    from diorama.project import find_project
    from diorama.stream.options import (
        DEFAULT_COUNT,
        StreamRequest,
        asked_rate,
        redis_address,
        search_settings,
    )
    from diorama.stream.run import stream

    project = find_project()
    project.check_worlds([world])
    # by name, because Typer may bring a click of its own
    given = {
        name
        for name in context.params
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    }
    rates = {
        "click_through_rate": click_through_rate,
        "conversion_rate": conversion_rate,
        "user_pool_size": user_pool_size,
        "anonymous_rate": anonymous_rate,
    }
    if resume and sink not in (SinkName.file, SinkName.both):
        raise UsageError(
            "--resume works with --sink file or both: Redis ignores events that it already "
            "has, and the console keeps none. Leave --resume out."
        )
    if mode is Mode.once and count is None:
        count = DEFAULT_COUNT
    request = StreamRequest(
        world=world,
        mode=mode,
        count=count,
        rate=asked_rate(mode, rate, speed, given),
        speed=speed,
        duration=duration,
        begin=begin,
        sink=sink,
        output_dir=output_dir.expanduser().resolve(),
        redis_url=redis_address(redis_url),
        stream_prefix=stream_prefix,
        maxlen=maxlen,
        patience=patience,
        is_raw=raw,
        must_resume=resume,
        generate=generate,
        settings=search_settings(world, rates, given),
        quiet=quiet,
    )
    stream(project, project.database(database), request)

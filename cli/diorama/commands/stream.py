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
        "Sends a world's events in the order of their time, to files of JSON lines, to "
        "Redis Streams, or to the console. Ctrl-C ends it cleanly. Sending the same "
        "events again to Redis changes nothing there: their entry ids derive from them."
    ),
)
def stream_command(
    context: typer.Context,
    world: Annotated[str, typer.Option(metavar="WORLD", help="The world.")] = "search",
    mode: Annotated[
        Mode,
        typer.Option(
            help="once: --count events; burst: all that are built, as fast as possible; "
            "continuous: until stopped, also past the last built day."
        ),
    ] = Mode.once,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**15,
            help="At most so many events. Default: 10000 with once.",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=1e9,
            envvar="EVENTS_PER_SECOND",
            help="Events per second. Default: 10, except in burst.",
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=1e9,
            help="Simulated seconds per second, instead of --rate.",
        ),
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=1e9, metavar="SECONDS", help="At most so many seconds."
        ),
    ] = None,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="MOMENT", help="Start at this day or moment of the world."
        ),
    ] = None,
    sink: Annotated[
        SinkName, typer.Option(help="Where to; both is file and redis.")
    ] = SinkName.file,
    output_dir: Annotated[
        Path,
        typer.Option(
            envvar="OUTPUT_DIR",
            metavar="DIR",
            help="Directory of the files <type>_events.jsonl, which are replaced "
            "without --resume.",
        ),
    ] = Path("stream"),
    redis_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Default: redis://REDIS_HOST:REDIS_PORT/0, else redis://localhost:6379/0.",
        ),
    ] = None,
    stream_prefix: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX",
            help="Streams are PREFIX:<type>. Default: diorama:<world>.",
        ),
    ] = None,
    maxlen: Annotated[
        int,
        typer.Option(
            min=1, max=10**15, help="Entries that Redis keeps of a stream, about."
        ),
    ] = 100_000,
    patience: Annotated[
        float,
        typer.Option(
            min=0,
            max=1e9,
            metavar="SECONDS",
            help="How long to look for a Redis that is gone before giving up.",
        ),
    ] = 30,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Send the raw log as it is delivered, defects included.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a stream to the same files, with the same options, was stopped.",
        ),
    ] = False,
    generate: Annotated[
        bool,
        typer.Option(
            "--generate", help="Make a fresh world first; the database stays as it is."
        ),
    ] = False,
    click_through_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            envvar="CLICK_THROUGH_RATE",
            help="search_click_through_rate, which the world must have.",
        ),
    ] = None,
    conversion_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            envvar="CONVERSION_RATE",
            help="search_conversion_rate, which the world must have.",
        ),
    ] = None,
    user_pool_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10**9,
            envvar="USER_POOL_SIZE",
            help="search_user_pool_size, which the world must have.",
        ),
    ] = None,
    anonymous_rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            envvar="ANONYMOUS_RATE",
            help="search_anonymous_rate, which the world must have.",
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
            "--resume is for files: Redis knows what it has, and the console does not. "
            "Leave it out."
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

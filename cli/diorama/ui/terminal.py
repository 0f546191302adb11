"""Terminal output: progress and messages on stderr, data on stdout.

Rich is slow to import, so each function imports it only when it is needed.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from diorama.errors import DioramaError

if TYPE_CHECKING:
    from rich.progress import Progress

# What our lines have that the code page of a console may lack; other characters become "?".
PLAIN = str.maketrans("→…×–−’│", ">.x--'|")  # noqa: RUF001
_live: Progress | None = None


class OutputError(DioramaError):
    """Stdout cannot be written."""


class ReaderGoneError(OutputError):
    """The reader of a pipe has gone: the command ends silently."""


def prepare_output() -> None:
    """Prepares stdout and stderr so that printing fails only with the errors above.

    A closed stream is reopened on the null device, so that no file of the program gets its
    descriptor; and unencodable characters are replaced instead of raising UnicodeEncodeError.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # without permission to write: what is printed to stdout must not be lost in silence
            opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
        with contextlib.suppress(AttributeError):  # what a test puts in its place
            getattr(sys, name).reconfigure(errors="diorama")


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    plain = lacking.translate(PLAIN)
    return "".join(each if each.isascii() else "?" for each in plain), error.end


codecs.register_error("diorama", _plain)


@contextmanager
def writing_output() -> Iterator[None]:
    """Turns errors of writing to stdout into OutputError.

    Raises:
        ReaderGoneError: The reader of a pipe has gone.
        OutputError: The disk is full, or stdout is closed.
    """
    try:
        yield
    except BrokenPipeError as error:
        _discard(sys.stdout)
        raise ReaderGoneError("The reader closed the pipe.") from error
    except OSError as error:
        _discard(sys.stdout)
        raise OutputError(
            f"The output cannot be written ({error.strerror}). Send it to another place."
        ) from error


def _discard(stream: Any) -> None:
    """Keeps Python from retrying the failed write at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def narrate(line: str, style: str = "") -> None:
    """Prints one message to stderr; markup is not interpreted, so any value is safe in it.

    If stderr cannot be written, the work continues.
    """
    try:
        if not sys.stderr.isatty():
            sys.stderr.write(f"{line}\n")
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, soft_wrap=True, highlight=False)
        console.print(Text(line, style=style))
    except OSError:
        _discard(sys.stderr)


def print_line(line: str) -> None:
    """Prints one line of data to stdout."""
    with writing_output():
        sys.stdout.write(line + "\n")


def portable(document: Any) -> Any:
    """Converts a document into JSON that every reader parses exactly.

    Args:
        document: Dictionaries, lists and values.

    Returns:
        The same with integers beyond 2^53 as text, since jq, Node and others read numbers as
        doubles (RFC 8259, section 6) and would silently round them; NaN and infinity as null, and
        dates as text.
    """
    if isinstance(document, dict):
        return {key: portable(value) for key, value in document.items()}
    if isinstance(document, (list, tuple)):
        return [portable(value) for value in document]
    if isinstance(document, int) and abs(document) > 2**53:
        return str(document)
    if isinstance(document, float) and not math.isfinite(document):
        return None
    if isinstance(document, datetime.date):
        return document.isoformat()
    return document


def json_text(document: Any) -> str:
    """A document as JSON text, as `portable` has its numbers."""
    return json.dumps(portable(document), indent=2)


def print_json(document: Any) -> None:
    """Prints one JSON document to stdout."""
    print_line(json_text(document))


def print_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    must_cut: bool = False,
) -> None:
    """Prints a table to stdout, fitted to a terminal and never cut in a file or pipe.

    Args:
        title: The line above the table.
        header: The column names.
        rows: The cells; a row with only a first cell is a section heading.
        right: The right-aligned columns.
        must_cut: Whether a terminal cuts the last column to one line per row instead of wrapping.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    console = Console(highlight=False)
    others = [
        2 + max(len(name), *(len(row[number]) for row in rows if number < len(row)))
        for number, name in enumerate(header[:-1])
        if rows
    ]
    for number, name in enumerate(header):
        is_last = number == len(header) - 1
        justify = "right" if name in right else "left"
        table.add_column(
            Text(name),
            justify=justify,
            header_style="dim",
            no_wrap=must_cut or not is_last,
            # else Rich would cut the others as well
            max_width=max(10, console.width - sum(others))
            if must_cut and is_last and console.is_terminal
            else None,
        )
    for row in rows:
        is_heading = len(row) == 1
        table.add_row(*(Text(cell) for cell in row), style="bold" if is_heading else "")
    if not console.is_terminal:
        wide = Console(width=10_000)
        console = Console(highlight=False, width=wide.measure(table).maximum)
    with writing_output():
        # not the table's own title, which would be wrapped to the width of the table
        console.print(Text(title, style="bold"), soft_wrap=True)
        console.print(table)


class BuildProgress:
    """Progress of a run of many steps: a live bar on a terminal, else one line per step."""

    def __init__(self, verb: str, quiet: bool) -> None:
        """Prepares a display.

        Args:
            verb: Label of the bar, such as "Building".
            quiet: Whether nothing is shown.
        """
        self.verb = verb
        self.quiet = quiet
        self.done = 0
        self.total: int | None = None
        self.bar: Progress | None = None
        self.task = None

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Shows the bar while the block runs."""
        global _live
        if self.quiet or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.table import Column

        columns = (
            SpinnerColumn(),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        )
        with Progress(
            *columns, console=Console(stderr=True), transient=True
        ) as self.bar:
            _live = self.bar
            self.task = self.bar.add_task(self.verb, total=None)
            try:
                yield
            finally:
                _live, self.bar = None, None

    def start(self, name: str) -> None:
        """A step began."""
        if self.bar is not None and self.task is not None:
            self.bar.update(
                self.task,
                description=f"{self.verb} {name}",
                total=self.total,
                completed=self.done,
            )

    def finish(self, name: str, outcome: str) -> None:
        """A step ended; a line is printed if it has an outcome."""
        self.done += 1
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done)
        elif outcome and not self.quiet:
            narrate(
                f"{self.done:>4} of {self.total}  {name}  {outcome}"
                if self.total
                else f"{name}  {outcome}"
            )


class StreamProgress:
    """Events, rate and lag of a stream: one live line, or a line every 10 seconds."""

    def __init__(self, quiet: bool) -> None:
        """Prepares a display.

        Args:
            quiet: Whether nothing is shown.
        """
        self.quiet = quiet
        self.bar: Progress | None = None
        self.task = None
        self.shown_at = time.monotonic()

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Shows the line while the block runs."""
        global _live
        if self.quiet or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"))
        with Progress(
            *columns, console=Console(stderr=True), transient=True
        ) as self.bar:
            _live = self.bar
            self.task = self.bar.add_task("Streaming", total=None)
            try:
                yield
            finally:
                _live, self.bar = None, None

    def show(self, events: int, seconds: float, lag_seconds: float) -> None:
        """Updates the line.

        Args:
            events: Events sent.
            seconds: Seconds since the start.
            lag_seconds: Seconds behind the asked pace.
        """
        rate = events / seconds if seconds > 0 else 0
        line = f"{events:,} events, {rate:,.0f} per second, {lag_seconds:.1f} s behind"
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description=line)
        elif not self.quiet and time.monotonic() - self.shown_at >= 10:
            self.shown_at = time.monotonic()
            narrate(line)


def stop_live_display() -> None:
    """Removes a live bar from the terminal and restores the cursor after a signal."""
    if _live is not None:
        _live.stop()


def format_bytes(count: int | None) -> str:
    """Formats a number of bytes: 1.5 MB."""
    from rich.filesize import decimal

    return "" if count is None else decimal(count)


def format_count(count: int | None) -> str:
    """Formats a count: 1,234,567."""
    return "" if count is None else f"{count:,}"

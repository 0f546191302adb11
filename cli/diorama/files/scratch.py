"""A hidden scratch directory for unfinished work, removed on failure and on signals."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from diorama.errors import DioramaError
from diorama.ui.terminal import narrate, stop_live_display

SUFFIX = ".building"
_in_use: set[str] = set()


@contextmanager
def scratch_directory(parent: Path, name: str, interrupted: str) -> Iterator[Path]:
    """Creates a directory beside the destination, so that renaming from it is atomic.

    On Ctrl-C and SIGTERM the directory is removed and the process exits at once, without waiting
    for a running query, whose data are all in this directory.

    Args:
        parent: The directory of the destination.
        name: Name of the work; part of the directory's name.
        interrupted: The line to print if a signal ends the work.

    Yields:
        The directory.

    Raises:
        DioramaError: The parent is missing or cannot be written.
    """
    prefix = f".{name}.{socket.gethostname()}."
    if not parent.is_dir():
        problem = "is not a directory" if parent.exists() else "does not exist"
        raise DioramaError(
            f"{parent} {problem}. Make it with mkdir -p, or give another place."
        )
    _remove_leftovers(parent, prefix)
    try:
        directory = Path(
            tempfile.mkdtemp(
                prefix=f"{prefix}{os.getpid()}.", suffix=SUFFIX, dir=parent
            )
        )
    except OSError as error:
        raise DioramaError(
            f"{parent} cannot be written ({error.strerror}). Give another place."
        ) from error

    def stop(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop_live_display()
        _remove(directory)
        narrate(interrupted)
        os._exit(128 + signum)

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    _in_use.add(directory.name)
    try:
        yield directory
    finally:
        _in_use.discard(directory.name)
        for number, handler in before.items():
            signal.signal(number, handler)
        _remove(directory)


def check_writable(path: Path, option: str) -> None:
    """Checks, before any work, that a file can be replaced or a directory written to.

    Args:
        path: The existing file or directory.
        option: The option that names it.

    Raises:
        DioramaError: It is read-only.
    """
    if not os.access(path, os.W_OK):
        raise DioramaError(
            f"{path} cannot be written. Give another place with {option}."
        )


def _remove(directory: Path) -> None:
    """Removes a directory, even if a query that is being stopped still creates files in it."""
    for _ in range(20):
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return


def _remove_leftovers(parent: Path, prefix: str) -> None:
    """Removes scratch directories of killed processes (SIGKILL, out of memory)."""
    for leftover in parent.iterdir():
        if not (leftover.name.startswith(prefix) and leftover.name.endswith(SUFFIX)):
            continue
        process = leftover.name.removeprefix(prefix).split(".")[0]
        if not process.isdecimal() or not _is_used(leftover, int(process)):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_used(directory: Path, process: int) -> bool:
    """Whether the process that made a scratch directory may still write to it."""
    if process == os.getpid():
        # else that of an earlier process: in a container, numbers come again and again
        return directory.name in _in_use
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        state = (
            Path(f"/proc/{process}/stat")
            .read_text(encoding="utf-8")
            .rpartition(")")[2]
            .split()[0]
        )
    except OSError:  # there is no /proc, or the process has just ended
        return True
    # killed, and its parent has not asked for its end
    return state not in ("Z", "X")

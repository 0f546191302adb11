"""Processes that build for a command, and that end when it does, also by SIGKILL.

Not by `concurrent.futures`: its pool does not say which of its processes was killed, cannot end a
busy one before Python 3.14, and its workers outlive a parent that is killed.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from diorama.errors import DioramaError, headline

SECONDS_TO_END = 10
# not by a copy of this process, which may have threads and connections
SPAWN = multiprocessing.get_context("spawn")


class Worker:
    """A function in its own process. Ctrl-C reaches only the command, which ends the worker."""

    def __init__(self, function: Callable[..., object], *arguments: Any) -> None:
        """Starts it.

        Args:
            function: A function of a module.
            arguments: Its arguments.
        """
        self._said, sender = SPAWN.Pipe(duplex=False)
        self._process = SPAWN.Process(target=_run, args=(sender, function, *arguments))
        self._process.start()
        sender.close()
        self.sentinel = self._process.sentinel

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def failure(self) -> str | None:
        """Waits until it has ended and returns its error, or None."""
        said = None
        if self._process.is_alive():
            wait([self._said, self.sentinel])
        if self._said.poll():
            try:
                said = self._said.recv()
            except EOFError:
                said = None
        self._process.join()
        if said or self._process.exitcode == 0:
            return said
        return f"exit code {self._process.exitcode}"

    def end(self) -> None:
        """Ends it, if it has not ended."""
        self._process.terminate()
        self._process.join()
        self._process.close()
        self._said.close()


def _run(
    sender: Connection, function: Callable[..., object], *arguments: object
) -> None:
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        function(*arguments)
    except DioramaError as error:
        sender.send(str(error))
    except Exception as error:
        sender.send(f"{type(error).__name__}: {headline(str(error))}")


def _end_with_parent() -> None:
    """Ends this process when the one that started it has ended, however it did.

    By SIGTERM, so that unfinished work is removed; and without, where that takes too long.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_END)
    os._exit(1)

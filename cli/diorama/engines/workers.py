"""Processes that build for a command, and that end when it does, also by SIGKILL."""

import os
import signal
import subprocess
import sys
import threading
import time

SECONDS_TO_END = 10


def start_worker(module: str, *arguments: str) -> subprocess.Popen[str]:
    """Starts `python -m diorama.MODULE`, whose main() calls end_with_parent().

    Args:
        module: The module.
        arguments: Its arguments.

    Returns:
        The process, whose errors come through a pipe. Ctrl-C is for the command, which ends it.
    """
    return subprocess.Popen(
        [sys.executable, "-m", f"diorama.{module}", *arguments],
        # never written to: the worker reads its end when this process ends
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def end_worker(process: subprocess.Popen[str]) -> None:
    """Ends a worker, if it has not ended."""
    if process.poll() is None:
        process.terminate()
    process.wait()
    for pipe in (process.stdin, process.stderr):
        if pipe is not None:
            pipe.close()


def end_with_parent() -> None:
    """Ends this process when the one that started it has ended, however it did.

    By SIGTERM, so that unfinished work is removed; and without, where that takes too long.
    """

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(SECONDS_TO_END)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

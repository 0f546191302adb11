"""The clock of a stream, and its end."""

import math
import threading
import time


class Stop:
    """Tells the time, waits, and says when the stream is to end: when asked, or after a while."""

    def __init__(self) -> None:
        """Begins a stream that does not end."""
        self._asked = threading.Event()
        self._ends_at = math.inf

    def now(self) -> float:
        """The seconds since some moment."""
        return time.monotonic()

    def _pause(self, seconds: float) -> None:
        """Lets time pass, less of it where the end is asked for."""
        self._asked.wait(seconds)

    def ask(self) -> None:
        """Asks for the end."""
        self._asked.set()

    def end_after(self, seconds: float) -> None:
        """Sets the end to so many seconds from now."""
        self._ends_at = self.now() + seconds

    @property
    def is_asked(self) -> bool:
        """Whether the end was asked for."""
        return self._asked.is_set()

    def is_set(self) -> bool:
        """Whether the stream is to end now."""
        return self._asked.is_set() or self.now() >= self._ends_at

    def wait(self, seconds: float) -> bool:
        """Waits, at most until the end.

        Args:
            seconds: How long.

        Returns:
            Whether the stream is to end now.
        """
        if not self.is_set():
            self._pause(max(0.0, min(seconds, self._ends_at - self.now())))
        return self.is_set()

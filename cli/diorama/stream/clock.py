"""The clock of a stream, and its end."""

import math
import threading
import time


class Stop:
    """Clock of a stream, with a stop flag and an optional deadline."""

    def __init__(self) -> None:
        """Starts the clock, without a deadline."""
        self._asked = threading.Event()
        self._ends_at = math.inf

    def now(self) -> float:
        """Monotonic time in seconds."""
        return time.monotonic()

    def _pause(self, seconds: float) -> None:
        """Sleeps until the time is up or a stop is requested."""
        self._asked.wait(seconds)

    def ask(self) -> None:
        """Requests a stop."""
        self._asked.set()

    def end_after(self, seconds: float) -> None:
        """Sets the deadline, in seconds from now."""
        self._ends_at = self.now() + seconds

    @property
    def is_asked(self) -> bool:
        """Whether a stop was requested."""
        return self._asked.is_set()

    def is_set(self) -> bool:
        """Whether the stream must stop now: requested, or past the deadline."""
        return self._asked.is_set() or self.now() >= self._ends_at

    def wait(self, seconds: float) -> bool:
        """Waits, at most until the stop.

        Args:
            seconds: Longest time to wait.

        Returns:
            Whether the stream must stop now.
        """
        if not self.is_set():
            self._pause(max(0.0, min(seconds, self._ends_at - self.now())))
        return self.is_set()

"""When to try again, and how long to wait before."""

import random
import threading
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from stockroom_client.transport import Response

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that may be different a moment later."""


class StoppedError(Exception):
    """The user has asked to stop."""


@dataclass(frozen=True)
class Retry:
    """Exponential backoff with jitter. Times in seconds; `attempts` includes the first."""

    attempts: int = 7
    first: float = 0.5
    longest: float = 60.0

    def delay(self, attempt: int, asked: float | None = None) -> float:
        """The pause after failed attempt number `attempt` (from 1); a server's own wish wins."""
        if asked is not None:
            return min(asked, self.longest)
        ceiling = min(self.first * 2.0 ** (attempt - 1), self.longest)
        return ceiling * random.uniform(0.5, 1)


class Stop:
    """A switch that ends every pause at once."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask all work to end."""
        self._event.set()

    def check(self) -> None:
        """Raise StoppedError once the switch is set."""
        if self._event.is_set():
            raise StoppedError

    def pause(self, seconds: float) -> None:
        """Sleep, unless and until stopped (then StoppedError)."""
        self._event.wait(seconds)
        self.check()


def retry_after(response: Response) -> float | None:
    """Seconds that the server asks to wait, or None."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None

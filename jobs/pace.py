"""A bounded rate."""

import time
from collections.abc import Callable


class Pace:
    """Says how long to wait, so that there are at most `rate` a second. Time that was not used is lost."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = 1 / rate
        self._clock = clock
        self._free_at = clock()

    def take(self, count: int) -> float:
        """The seconds to wait before so many more."""
        now = self._clock()
        begin = max(now, self._free_at)
        self._free_at = begin + count * self._seconds_each
        return begin - now

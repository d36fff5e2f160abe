"""A clock for what a process remembers for a while, though the process may be frozen meanwhile."""

import time


class ElapsedClock:
    """Seconds that never run backwards, and go on while the process is frozen.

    The monotonic clock of a frozen machine may stand still, and the wall clock may be set back. Of each step
    the longer one counts, so that what is remembered grows too old rather than too young.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._monotonic = time.monotonic()
        self._wall = time.time()

    def __call__(self) -> float:
        monotonic, wall = time.monotonic(), time.time()
        self._seconds += max(monotonic - self._monotonic, wall - self._wall)
        self._monotonic, self._wall = monotonic, wall
        return self._seconds

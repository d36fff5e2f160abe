"""How far a run is: what its driver counts, and the `progress.json` that an operator's terminal follows."""

import time
from collections import deque
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

NAME = "progress.json"
"""The object of a run that has its latest Progress."""
MEDIA_TYPE = "application/json"
WINDOW = 60.0
"""Seconds that the rate is taken over."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_WITHOUT_SECONDS = 600
"""From here on seconds say nothing."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `progress.json`."""

    job: str
    run_id: str
    total: int | None
    """None while the job still counts what there is to do."""
    done: int = 0
    failed: int = 0
    skipped: int = 0
    """Left alone, because something else changed them meanwhile or because they are what they shall be."""
    bytes: int = 0
    """Bytes of the originals that were read."""
    unit: str = "pictures"
    """What is counted."""
    committed: int | None = None
    """Rows that were changed; None for a job that counts no picture before its row is written."""
    rate: float = 0.0
    """Pictures a second over the last minute."""
    seconds: float = 0.0
    """That processes have worked on the run, this one and those of before."""
    seconds_left: float | None = None
    """None while nothing can be said about it."""
    updated: int = 0
    """When this was written, in Unix milliseconds."""
    is_finished: bool = False

    @property
    def ended(self) -> int:
        """Pictures that nothing is left to do for."""
        return self.done + self.failed + self.skipped


class Meter:
    """Counts what has ended, and says how fast that goes. To be used by one thread.

    `clock` gives Unix seconds. `committed` is counted from the first call of `commit` on.
    """

    def __init__(
        self,
        job: str,
        run_id: str,
        total: int | None = None,
        clock: Callable[[], float] = time.time,
        unit: str = "pictures",
    ) -> None:
        self.total = total
        self._clock = clock
        self._started = clock()
        self._counts = Progress(job=job, run_id=run_id, total=None, unit=unit)
        self._seconds_before = 0.0
        self._ended = _Rate(self._started)
        self._commits = _Rate(self._started)

    def go_on(self, content: bytes | None) -> None:
        """Count the time of the processes before this one, by the last `progress.json` that they wrote."""
        if content is not None:
            self._seconds_before = decode(content).seconds

    def add(self, *, done: int = 0, failed: int = 0, skipped: int = 0, size: int = 0) -> None:
        """Count pictures that have ended now; `size` is that of their originals together."""
        self._count(done, failed, skipped, size)
        self._ended.add(self._clock(), done + failed + skipped)

    def add_earlier(self, *, done: int = 0, failed: int = 0, skipped: int = 0, size: int = 0) -> None:
        """Count what a killed process had done of this run: it says nothing about how fast this one is."""
        self._count(done, failed, skipped, size)

    def commit(self, rows: int, *, is_earlier: bool = False) -> None:
        """Count rows that were changed, or (`is_earlier`) that a killed process had changed."""
        self._counts = replace(self._counts, committed=(self._counts.committed or 0) + rows)
        if not is_earlier:
            self._commits.add(self._clock(), rows)

    def read(self, *, is_finished: bool = False) -> Progress:
        """How far the run is now."""
        at = self._clock()
        progress = replace(
            self._counts,
            total=self.total,
            rate=self._ended.over_window(at),
            seconds=self._seconds_before + max(0.0, at - self._started),
            updated=int(at * 1000),
            is_finished=is_finished,
        )
        return replace(progress, seconds_left=self._estimate(progress, at))

    def _count(self, done: int, failed: int, skipped: int, size: int) -> None:
        counts = self._counts
        self._counts = replace(
            counts,
            done=counts.done + done,
            failed=counts.failed + failed,
            skipped=counts.skipped + skipped,
            bytes=counts.bytes + size,
        )

    def _estimate(self, progress: Progress, at: float) -> float | None:
        """Seconds until everything has ended and, of a job that commits, has been committed."""
        if progress.is_finished:
            return 0.0
        if progress.total is None:
            return None
        estimates = [self._ended.time_for(progress.total - progress.ended, at)]
        if progress.committed is not None:
            rows = progress.total - progress.failed - progress.skipped
            estimates.append(self._commits.time_for(rows - progress.committed, at))
        known = [estimate for estimate in estimates if estimate is not None]
        return max(known) if len(known) == len(estimates) else None


class _Rate:
    """How many a second there were over the last minute, and since the start."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._total = 0
        self._added: deque[tuple[float, int]] = deque()

    def add(self, at: float, number: int) -> None:
        if number:
            self._total += number
            self._added.append((at, number))
        self._forget(at)

    def over_window(self, at: float) -> float:
        self._forget(at)
        # Results come in parts, so a rate over less than a second would say little but be large.
        return sum(number for _, number in self._added) / max(1.0, min(WINDOW, at - self._started))

    def time_for(self, number: int, at: float) -> float | None:
        """Seconds for so many more; None as long as there were none at all."""
        if number <= 0:
            return 0.0
        # Without any in the last minute (large pictures), the whole time so far says more.
        rate = self.over_window(at) or self._total / max(1.0, at - self._started)
        return number / rate if rate else None

    def _forget(self, at: float) -> None:
        while self._added and self._added[0][0] <= at - WINDOW:
            self._added.popleft()


def encode(progress: Progress) -> bytes:
    """The content of `progress.json`."""
    return msgspec.json.encode(progress)


def decode(content: bytes) -> Progress:
    """What `progress.json` says. Raises msgspec.DecodeError."""
    return msgspec.json.decode(content, type=Progress)


def describe(progress: Progress) -> str:
    """One line for people: `1,204 of 10,000 pictures: 1,190 done, 10 failed, 4 skipped; 41.3 pictures/s`."""
    of = f" of {progress.total:,}" if progress.total is not None else ""
    parts = [
        f"{progress.ended:,}{of} {progress.unit}: {describe_outcomes(progress)}",
        f"{progress.rate:,.1f} {progress.unit}/s, {describe_bytes(progress.bytes)}",
    ]
    if progress.is_finished:
        parts[1] = f"{describe_bytes(progress.bytes)} in {describe_time(progress.seconds)}"
    elif progress.seconds_left is not None:
        parts.append(f"{describe_time(progress.seconds_left)} left")
    return "; ".join(parts)


def describe_outcomes(progress: Progress) -> str:
    """The counts by outcome: `1,190 done (900 committed), 10 failed, 4 skipped`; less, where all are."""
    is_behind = progress.committed is not None and progress.committed != progress.done
    committed = f" ({progress.committed:,} committed)" if is_behind else ""
    return f"{progress.done:,} done{committed}, {progress.failed:,} failed, {progress.skipped:,} skipped"


def describe_time(seconds: float) -> str:
    """A time for people, of two units at most: `3 d 4 h`, `12 min`, `2 min 30 s`, `12 s`."""
    rest = round(seconds)
    if rest < 120:
        return f"{rest} s"
    if rest >= _WITHOUT_SECONDS:
        rest -= rest % 60
    parts = []
    for length, name in _UNITS:
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number} {name}")
        elif parts:
            break
    return " ".join(parts[:2])


def describe_bytes(count: int) -> str:
    """A number of bytes for people: `1.5 GB`."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"

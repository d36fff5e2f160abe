"""How far a batch job is, for whoever has started it: a bar on a terminal, a plain line a minute elsewhere.

The driver writes `progress.json` (jobs/progress.py), here as on EMR; this follows it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import IO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from jobs.progress import Progress as JobProgress
from jobs.progress import describe, describe_bytes, describe_outcomes, describe_time

POLL_SECONDS = 2.0
PLAIN_SECONDS = 60.0
"""Between two plain lines; whoever reads a log wants to know that the job lives, not each picture."""


def follow(
    read_progress: Callable[[], JobProgress | None],
    has_ended: Callable[[float], bool],
    file: IO[str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> JobProgress | None:
    """Show how far a job is until it has ended; the last that was read of it.

    `read_progress` gives None as long as the run has none. `has_ended` waits for so many seconds at most.
    """
    with JobDisplay(file, clock) as display:
        while not has_ended(POLL_SECONDS):
            display.show(read_progress())
        last = read_progress()
        display.show(last, is_last=True)
    return last


class JobDisplay(Progress):
    """Shows progress on a terminal as a bar that goes away at the end, and as lines in a file."""

    def __init__(self, file: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        console = Console(file=file or sys.stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)
        self._outcomes = Text()
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[text]}", markup=False),
            console=console,
            transient=True,
            expand=True,
            redirect_stdout=False,
            disable=not console.is_terminal,
        )
        self._clock = clock
        self._begun_at = clock()
        self._told_at: float | None = None
        self._told = ""
        self._row = self.add_task("", text="starting", total=None)

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bar, and below it what became of the pictures."""
        yield from super().get_renderables()
        yield self._outcomes

    def show(self, progress: JobProgress | None, *, is_last: bool = False) -> None:
        """Show how far the job is. Where it has not come to its end, the last line stays, on a terminal, too.

        A job that has come to its end says so itself, with the same figures.
        """
        if progress is None:
            return
        line = describe(progress)
        if not self.disable:
            self._outcomes = Text(f"{describe_outcomes(progress)}, {describe_bytes(progress.bytes)}")
            self.update(
                self._row,
                description=progress.job,
                completed=progress.ended,
                total=progress.total,
                text=_describe_rate(progress),
            )
        if (is_last and not progress.is_finished) or (self.disable and self._is_due(progress, line)):
            self.say(f"{progress.job}: {line}")
            self._told, self._told_at = line, self._clock()

    def say(self, line: str) -> None:
        """Print a line, above the bar where there is one."""
        self.console.print(line)

    def _is_due(self, progress: JobProgress, line: str) -> bool:
        if line == self._told or progress.is_finished:
            return False
        if self._told_at is None:
            # The first line is to say something.
            return progress.ended > 0 or self._clock() >= self._begun_at + PLAIN_SECONDS
        return self._clock() >= self._told_at + PLAIN_SECONDS


def _describe_rate(progress: JobProgress) -> str:
    of = f" of {progress.total:,}" if progress.total is not None else ""
    left = f", {describe_time(progress.seconds_left)} left" if progress.seconds_left is not None else ""
    return f"{progress.ended:,}{of}, {progress.rate:,.1f} a second{left}"

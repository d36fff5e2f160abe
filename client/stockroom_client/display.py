"""What the user sees: colours, tables and bars on a terminal, plain lines anywhere else."""

import threading
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from stockroom_client.local_file import LocalFile, Outcome, State, Step

STYLES = {
    "ready": "green",
    "uploaded": "green",
    "duplicate": "cyan",
    "skipped": "yellow",
    "pending": "yellow",
    "expired": "red",
    "failed": "red",
}


def open_console(*, stderr: bool = False) -> Console:
    """A console that prints text as it is and long lines whole, with colours only on a terminal."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def print_rows(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on a terminal, otherwise a line for each row."""
    if not console.is_terminal:
        for row in rows:
            console.print(printable("  ".join(cell for cell in row if cell)))
        return
    table = Table(*(Column(heading, overflow="fold") for heading in headings), box=None, header_style="bold")
    for row in rows:
        table.add_row(*(Text(printable(cell), STYLES.get(cell.strip(), "")) for cell in row))
    console.print(table, soft_wrap=False)


class UploadDisplay:
    """Prints a line to `results` for each file that has ended, and shows bars if `notes` is a terminal."""

    def __init__(self, files: Sequence[LocalFile], notes: Console, results: Console | None) -> None:
        is_shared = results is not None and results.is_terminal and notes.is_terminal
        # A console moves its bars out of the way of its own lines only, so a terminal must have one console.
        self._results = notes if is_shared else results
        self._lock = threading.Lock()
        self._count = len(files)
        self._steps: dict[LocalFile, Step] = {}
        self._counts: Counter[Step] = Counter()
        self._bars: dict[LocalFile, TaskID] = {}
        self._sent: dict[LocalFile, int] = {}
        self.bars = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            BarColumn(bar_width=20),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(compact=True),
            console=notes,
            transient=True,
            expand=True,
            redirect_stdout=False,
            disable=not notes.is_terminal,
        )
        self._total = self.bars.add_task("", total=sum(file.size for file in files))

    def on_step(self, file: LocalFile, step: Step, sent: int) -> None:
        """Show what a file is doing, and its outcome when it has ended. Any thread may call this."""
        with self._lock:
            self._show(file, step, sent)

    def _show(self, file: LocalFile, step: Step, sent: int) -> None:
        if file in self._steps:
            self._counts[self._steps[file]] -= 1
        self._counts[step] += 1
        self._steps[file] = step
        if step is Step.SENDING:
            if file not in self._bars:
                self._bars[file] = self.bars.add_task(printable(str(file.path)), total=file.size)
            self.bars.update(self._bars[file], completed=sent)
        elif file in self._bars:
            self.bars.remove_task(self._bars.pop(file))
        if step is Step.ENDED and file.outcome and self._results:
            self._results.print(outcome_line(file, file.outcome))
        done = file.size if step in {Step.PROCESSING, Step.ENDED} else sent
        self.bars.update(self._total, advance=done - self._sent.get(file, 0), description=self._describe())
        self._sent[file] = done

    def _describe(self) -> str:
        parts = [f"{self._counts[Step.ENDED]} of {self._count} files"]
        for step, words in ((Step.HASHING, "to hash"), (Step.PROCESSING, "being processed")):
            if self._counts[step]:
                parts.append(f"{self._counts[step]} {words}")
        return ", ".join(parts)


def outcome_line(file: LocalFile, outcome: Outcome) -> Text:
    """The state of a file that has ended, its path, and why it failed or where the picture is."""
    if outcome.state is State.FAILED:
        words = [f"{file.path}: {outcome.detail}"]
    else:
        words = [str(file.path), outcome.detail, outcome.id, outcome.url]
    line = printable(" ".join(word for word in words if word))
    return Text.assemble((f"{outcome.state:9}", STYLES[outcome.state]), " ", line)


def summarize(files: Sequence[LocalFile], others: int) -> str:
    """How many files ended in which state, for example `5 ready, 1 failed; 2 other files passed over`."""
    counts = Counter(file.outcome.state for file in files if file.outcome)
    summary = ", ".join(f"{counts[state]} {state}" for state in State if counts[state]) or "no files"
    return summary + (f"; {others} other files passed over" if others else "")


def printable(text: str) -> str:
    """Text that cannot move the cursor or stop the encoder; file names and captions may hold anything."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)

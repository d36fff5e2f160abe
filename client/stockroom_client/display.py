"""What the user sees: colours, tables and bars on a terminal, plain lines anywhere else."""

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

from stockroom_client.local_file import LocalFile, State

STYLES = {
    "ready": "green",
    "hidden": "green",
    "uploaded": "green",
    "duplicate": "cyan",
    "skipped": "yellow",
    "pending": "yellow",
    "deleted": "yellow",
    "expired": "red",
    "failed": "red",
    "edited": "green",
    "unchanged": "cyan",
    "gone": "red",
    "rejected": "red",
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
        self._files = files
        self._bars: dict[LocalFile, TaskID] = {}
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

    def update(self) -> None:
        """Show how far the files are."""
        if self.bars.disable:
            return
        counts = [f"{sum(file.has_ended for file in self._files)} of {len(self._files)} files"]
        if to_hash := sum(not file.sha256 and not file.has_ended for file in self._files):
            counts.append(f"{to_hash} to hash")
        if processed := sum(file.state is State.PROCESSING for file in self._files):
            counts.append(f"{processed} being processed")
        is_sent = [file.state is State.PROCESSING or file.has_ended for file in self._files]
        done = sum(file.size if sent else file.sent for file, sent in zip(self._files, is_sent, strict=True))
        self.bars.update(self._total, completed=done, description=", ".join(counts))
        sending = {file for file in self._files if file.state is State.SENDING}
        for file in sending - self._bars.keys():
            self._bars[file] = self.bars.add_task(printable(str(file.path)), total=file.size)
        for file in sending:
            self.bars.update(self._bars[file], completed=file.sent)
        for file in self._bars.keys() - sending:
            self.bars.remove_task(self._bars.pop(file))

    def end(self, file: LocalFile) -> None:
        """Print how a file has ended."""
        if self._results:
            self._results.print(outcome_line(file))


def outcome_line(file: LocalFile) -> Text:
    """The state of a file that has ended, its path, and why it failed or where the picture is."""
    if file.state is State.FAILED:
        words = [f"{file.path}: {file.detail}"]
    else:
        words = [str(file.path), file.detail, file.id, file.url]
    line = printable(" ".join(word for word in words if word))
    return Text.assemble((f"{file.state:9}", STYLES[file.state]), " ", line)


def summarize(files: Sequence[LocalFile], others: int) -> str:
    """How many files ended in which state, for example `5 ready, 1 failed; 2 other files passed over`."""
    counts = Counter(file.state for file in files if file.has_ended)
    summary = ", ".join(f"{counts[state]} {state}" for state in State if counts[state]) or "no files"
    return summary + (f"; {others} other files passed over" if others else "")


def printable(text: str) -> str:
    """Text that cannot move the cursor or stop the encoder; file names and captions may hold anything."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)

"""What the user sees: a line for each file that has ended and, on a terminal, bars for those on their way."""

import shutil
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TextIO

from stockroom_client.items import Item, Phase

REDRAW = 0.1  # seconds
WINDOW = 8.0  # seconds over which the speed is averaged
_DONE = frozenset({Phase.LANDED, Phase.READY, Phase.DUPLICATE, Phase.UPLOADED, Phase.FAILED, Phase.SKIPPED})


class Display:
    """`results` gets a line a file (None: none), `screen` the notes and, with `bars`, the bars."""

    def __init__(self, results: TextIO | None, screen: TextIO, *, bars: bool) -> None:
        self._results = results
        self._screen = screen
        self._bars = bars
        self._lock = threading.RLock()
        self._items: Sequence[Item] = ()
        self._drawn = 0
        self._samples: deque[tuple[float, int]] = deque()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, items: Sequence[Item]) -> None:
        """Begin to show the progress of these."""
        self._items = items
        if self._bars:
            self._thread = threading.Thread(target=self._animate, daemon=True)
            self._thread.start()

    def ended(self, item: Item) -> None:
        """Say what became of a file."""
        if self._results is not None:
            self._print(self._results, line_of(item))

    def note(self, text: str) -> None:
        """Say something that is no result."""
        self._print(self._screen, text)

    def close(self) -> None:
        """Remove the bars."""
        self._closed.set()
        if self._thread:
            self._thread.join()
        with self._lock:
            self._erase()

    def _print(self, stream: TextIO, text: str) -> None:
        with self._lock:
            self._erase()
            stream.write(printable(text) + "\n")
            stream.flush()

    def _animate(self) -> None:
        while not self._closed.wait(REDRAW):
            with self._lock:
                self._erase()
                lines = self.lines(time.monotonic(), shutil.get_terminal_size().columns - 1)
                self._screen.write("".join(f"{line}\n" for line in lines))
                self._screen.flush()
                self._drawn = len(lines)

    def _erase(self) -> None:
        if self._drawn:
            self._screen.write(f"\x1b[{self._drawn}F\x1b[J")
            self._screen.flush()
            self._drawn = 0

    def lines(self, now: float, width: int) -> list[str]:
        """The bars as text: one for everything, one for each file that is being sent."""
        wanted = [item for item in self._items if item.phase is not Phase.SKIPPED]
        total = sum(item.size for item in wanted)
        done = sum(_sent(item) for item in wanted)
        ready = sum(item.ended for item in wanted)
        # Duplicates count as done without having been sent, so the speed is that of what was.
        speed = self._speed(now, sum(_sent(item) for item in wanted if item.phase is not Phase.DUPLICATE))
        parts = [f"{ready} of {len(wanted)} files", f"{size(done)} of {size(total)}"]
        hashing = sum(item.phase in {Phase.FOUND, Phase.HASHING} for item in wanted)
        waiting = sum(item.phase is Phase.LANDED for item in wanted)
        if hashing:
            parts.append(f"{hashing} to hash")
        if waiting:
            parts.append(f"{waiting} being processed")
        if speed > 0 and done < total:
            parts += [f"{size(speed)}/s", f"{clock((total - done) / speed)} left"]
        sending = [item for item in wanted if item.phase is Phase.SENDING]
        files = [f"{bar(item.done, item.size)} {printable(item.label)}" for item in sending]
        return [shorten(line, width) for line in (f"{bar(done, total)} {', '.join(parts)}", *files)]

    def _speed(self, now: float, sent: int) -> float:
        """Bytes a second over the window."""
        self._samples.append((now, sent))
        while now - self._samples[0][0] > WINDOW:
            self._samples.popleft()
        start, before = self._samples[0]
        return max(0.0, (sent - before) / (now - start)) if now > start else 0.0


def line_of(item: Item) -> str:
    """One line about a file that has ended."""
    words = [f"{item.phase:9}", item.label]
    if item.reason:
        words[-1] += f": {item.reason}" if item.phase is Phase.FAILED else f" {item.reason}"
    return " ".join([*words, item.id, item.url] if item.phase is not Phase.FAILED else words).rstrip()


def summary(items: Iterable[Item]) -> str:
    """How many ended how."""
    phases = [item.phase for item in items]
    return ", ".join(f"{phases.count(phase)} {phase}" for phase in Phase if phase in phases) or "no files"


def printable(text: str) -> str:
    """Text that cannot move the cursor or break the encoder: file names may hold anything."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def shorten(text: str, width: int) -> str:
    """At most `width` columns, cut at the end; wide characters take two."""
    used = 0
    for index, char in enumerate(text):
        used += 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > width:
            return text[:index]
    return text


def bar(done: float, total: float, width: int = 20) -> str:
    """`[#####---------------]  25 %`."""
    share = min(1.0, done / total) if total else 1.0
    filled = int(share * width)
    return f"[{'#' * filled}{'-' * (width - filled)}] {int(share * 100):3} %"


def size(count: float) -> str:
    """Bytes for people, in powers of 1000."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit != "MB" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} GB"


def clock(seconds: float) -> str:
    """`m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _sent(item: Item) -> int:
    if item.phase in _DONE:
        return item.size
    return item.done if item.phase is Phase.SENDING else 0

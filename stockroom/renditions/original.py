"""The bytes of an uploaded file: all in memory, still being downloaded, or only some of them there."""

from collections.abc import Callable, Iterable
from mmap import mmap
from typing import TypeAlias

FileBytes: TypeAlias = bytes | mmap
"""All bytes of a file: an object that can be sliced (into bytes) and searched."""


class Original:
    """A file that is in memory completely, as `bytes` or as a memory map. `size` is in bytes."""

    def __init__(self, data: FileBytes) -> None:
        self.size = len(data)
        self._data = data

    def is_complete(self) -> bool:
        """Whether every byte of the file is in memory by now."""
        return True

    def slice(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, or to the end of the file. Waits until they have arrived."""
        return self._data[start:end]

    def read_some(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on: those that have arrived, at least one. Empty at the end."""
        return self.slice(start, start + length)

    def whole(self) -> FileBytes:
        """All bytes of the file. Waits until all have arrived."""
        return self._data


class StreamedOriginal(Original):
    """A file that is still being downloaded into `data`, which is as large as the whole file.

    `available` is the number of bytes that have arrived. `wait(n)` returns the new number as soon as it is
    above `n`; what it raises when no more bytes will come is raised by the methods here.
    """

    def __init__(self, data: FileBytes, available: int, wait: Callable[[int], int]) -> None:
        super().__init__(data)
        self.available = available
        self._wait = wait

    def is_complete(self) -> bool:
        return self.available >= self.size

    def slice(self, start: int, end: int) -> bytes:
        self._wait_for(min(end, self.size))
        return super().slice(start, end)

    def read_some(self, start: int, length: int) -> bytes:
        # libvips reads the whole file by this, 4 KiB at a time: be quick where nothing has to be waited for.
        end = start + length
        if end > self.available:
            if self.available <= start < self.size:
                self._wait_for(start + 1)
            end = min(end, self.available)
        return self._data[start:end]

    def whole(self) -> FileBytes:
        self._wait_for(self.size)
        return super().whole()

    def _wait_for(self, end: int) -> None:
        while self.available < end:
            self.available = self._wait(self.available)


class BytesMissing(Exception):
    """Bytes of a `PartialOriginal` that are needed and not there: those from `start` to `end`."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__(f"the bytes from {start} to {end} are missing")
        self.start = start
        self.end = end


class PartialOriginal(Original):
    """A file of which `data`, as large as the whole file, has only the bytes in `ranges` (start and end).

    Whoever needs others gets `BytesMissing`. libvips gets the end of the file instead, as no exception passes
    through it; the caller asks for `missing` afterwards.
    """

    def __init__(self, data: FileBytes, ranges: Iterable[tuple[int, int]]) -> None:
        super().__init__(data)
        self._ranges = sorted(ranges)
        self.missing: BytesMissing | None = None

    def is_complete(self) -> bool:
        return self._find_end(0) >= self.size

    def slice(self, start: int, end: int) -> bytes:
        end = min(end, self.size)
        there = self._find_end(start)
        if there < end:
            raise self._miss(there, end)
        return super().slice(start, end)

    def read_some(self, start: int, length: int) -> bytes:
        end = min(start + length, self.size)
        there = min(self._find_end(start), end)
        if there <= start < end:
            self._miss(start, end)
        return self._data[start : max(there, start)]

    def whole(self) -> FileBytes:
        self.slice(0, self.size)
        return super().whole()

    def _find_end(self, start: int) -> int:
        """Where the bytes end that follow `start` without a gap; `start` itself where none do."""
        end = start
        for first, last in self._ranges:
            if first <= end < last:
                end = last
        return end

    def _miss(self, start: int, end: int) -> BytesMissing:
        self.missing = self.missing or BytesMissing(start, end)
        return self.missing

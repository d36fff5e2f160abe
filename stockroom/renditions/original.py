"""The bytes of an uploaded file, all there at once or still on their way."""

from collections.abc import Callable
from typing import Any

from stockroom.renditions.libvips import pyvips


class Original:
    """A file in memory: `bytes`, or a map of it. `size` in bytes."""

    def __init__(self, data: Any) -> None:
        self.size = len(data)
        self._data = data
        # libvips calls back into them, and does not keep them alive.
        self._sources: list[pyvips.Source] = []

    def slice(self, start: int, end: int) -> bytes:
        """The bytes there, waited for; fewer at the end of the file."""
        return bytes(self._data[start:end])

    def whole(self) -> Any:
        """All bytes, waited for: an object with the methods of `bytes` that look for something."""
        return self._data

    def source(self) -> "pyvips.Source":
        """A new libvips source at the start of the file, without a copy of it. It lives as long as this."""
        self._sources.append(self._new_source())
        return self._sources[-1]

    def _new_source(self) -> "pyvips.Source":
        return pyvips.Source.new_from_memory(self._data)


class Arriving(Original):
    """A file whose first `available` bytes are in `data`; `wait(n)` returns, once there are more than n,
    how many there are, and raises when no more will come."""

    def __init__(self, data: Any, size: int, available: int, wait: Callable[[int], int]) -> None:
        super().__init__(data)
        self.size = size
        self._available = available
        self._wait = wait

    def slice(self, start: int, end: int) -> bytes:
        self._await(min(end, self.size))
        return super().slice(start, end)

    def whole(self) -> Any:
        self._await(self.size)
        return super().whole()

    def _new_source(self) -> "pyvips.Source":
        if self._available >= self.size:
            return super()._new_source()
        # A call for each 4 KiB costs 5 ms in 4 MB, and lets the decoder work while the rest is on its way.
        position = 0

        def read(length: int) -> bytes:
            nonlocal position
            end = min(position + length, self.size)
            # What is there already is enough; a source may return less than it is asked for.
            if self._available <= position < end:
                self._await(position + 1)
            chunk = bytes(self._data[position : min(end, self._available)])
            position += len(chunk)
            return chunk

        def seek(offset: int, whence: int) -> int:
            nonlocal position
            position = offset + (0, position, self.size)[whence]
            return position

        source = pyvips.SourceCustom()
        source.on_read(read)
        source.on_seek(seek)
        return source

    def _await(self, end: int) -> None:
        while self._available < end:
            self._available = self._wait(self._available)

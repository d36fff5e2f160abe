"""A file that is handed to a worker while it is being downloaded, without a copy."""

import fcntl
import mmap
import os
from collections.abc import Iterable, Iterator

from stockroom.renditions.sandbox.failures import DecoderUnavailable

# The mapping of this process is older than the seals, and stays as it is.
_F_SEAL_FUTURE_WRITE = 0x10  # `fcntl` has this name since Python 3.13 only.
_READ_ONLY = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | _F_SEAL_FUTURE_WRITE


class SharedFile:
    """Shared memory of `size` bytes, which `fill` fills with the chunks of a download. Close it after use.

    `filled` is the number of bytes that have arrived; `descriptor` is what another process maps. The other
    process can only read: it can neither write to the memory nor shorten it, which would kill who writes.
    Raises DecoderUnavailable where the kernel gives no such memory.
    """

    def __init__(self, size: int, chunks: Iterable[bytes]) -> None:
        self.size = size
        self.filled = 0
        self._chunks = iter(chunks)
        try:
            self.descriptor = os.memfd_create("original", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        except OSError as error:
            raise _unavailable(error) from error
        try:
            os.ftruncate(self.descriptor, size)
            # An empty file cannot be mapped.
            self._view = mmap.mmap(self.descriptor, size) if size else None
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, _READ_ONLY)
        except OSError as error:
            os.close(self.descriptor)
            raise _unavailable(error) from error

    def fill(self) -> Iterator[int]:
        """`filled`, after each chunk. What is beyond `size` is cut off. Raises EOFError when the chunks end
        too early."""
        for chunk in self._chunks:
            part = chunk[: self.size - self.filled]
            if self._view is not None:
                self._view[self.filled : self.filled + len(part)] = part
            self.filled += len(part)
            yield self.filled
        if self.filled < self.size:
            raise EOFError(f"{self.filled} of {self.size} bytes arrived")

    def put(self, start: int, content: bytes) -> None:
        """Write bytes to their place, for a file that is not filled in order."""
        if self._view is not None:
            self._view[start : start + len(content)] = content[: self.size - start]

    def close(self) -> None:
        """Give the memory back, as far as this process is concerned."""
        if self._view is not None:
            self._view.close()
        os.close(self.descriptor)


def _unavailable(error: OSError) -> DecoderUnavailable:
    return DecoderUnavailable(f"the kernel gives no memory to share with the decoder: {error}")

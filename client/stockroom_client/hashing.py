"""SHA-256 of files, and a cache of them, so that a second run need not read unchanged files again."""

import contextlib
import hashlib
import os
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from stockroom_client.contract import UNREADABLE
from stockroom_client.failures import Failure
from stockroom_client.local_file import LocalFile

SETTLED_NS = 2_000_000_000  # a file changed less than this ago may change again without a new mtime


class HashCache:
    """Remembers the hashes of files, by path, size and mtime, in a JSON file, which `save` writes.

    A file that cannot be read is an empty cache. Of two runs at a time, the later one's hashes are kept.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._hashes: dict[str, tuple[int, int, str]] = {}
        if file:
            with contextlib.suppress(OSError, *UNREADABLE):
                self._hashes = msgspec.json.decode(file.read_bytes(), type=dict[str, tuple[int, int, str]])

    def hash(self, file: LocalFile) -> None:
        """Set SHA-256, size and mtime of a file, which is not read if it has not changed.

        A Failure when the file cannot be read, or is being written at the same time.
        """
        key = ascii(file.path.resolve())  # names of files need not be text
        try:
            with file.path.open("rb", buffering=0) as content:
                state = _state(content.fileno())
                *known, sha256 = self._hashes.get(key, (0, 0, ""))
                if known != state:
                    sha256 = hashlib.file_digest(content, "sha256").hexdigest()
                    if _state(content.fileno()) != state:
                        raise Failure("unreadable", "is being changed by another program")
        except OSError as error:
            raise Failure("unreadable", f"cannot be read: {error.strerror}") from error
        file.sha256, (file.size, file.mtime_ns) = sha256, state
        if time.time_ns() - file.mtime_ns >= SETTLED_NS:
            self._hashes[key] = (file.size, file.mtime_ns, sha256)

    def forget(self, path: Path) -> None:
        """Drop a hash that has proved wrong."""
        self._hashes.pop(ascii(path.resolve()), None)

    def save(self) -> None:
        """Write the file, if that is possible."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with NamedTemporaryFile(dir=self._file.parent, delete=False) as new:
                    new.write(msgspec.json.encode(dict(self._hashes)))
                Path(new.name).replace(self._file)


def _state(descriptor: int) -> list[int]:
    """Size and mtime of an open file."""
    status = os.fstat(descriptor)
    return [status.st_size, status.st_mtime_ns]

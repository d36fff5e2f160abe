"""A cache of file hashes, so that a second run need not read unchanged files again."""

import contextlib
import os
import sqlite3
import threading
import time
from pathlib import Path

SETTLED_NS = 2_000_000_000  # a file changed less than this ago may change again without a new mtime


class HashCache:
    """SHA-256 (hex) by path, size and mtime, in an SQLite file that several runs and threads may share.

    Nothing is found in a cache without a file, or with one that cannot be used. A damaged file is deleted, so
    that the next run begins a new one. `close` it in the end.
    """

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            # The cache may lose its newest entries to a power failure, and so never waits for the disk.
            self._db.execute("PRAGMA synchronous = OFF")
            columns = "path BLOB PRIMARY KEY, size INT, mtime_ns INT, sha256 TEXT"
            self._db.execute(f"CREATE TABLE IF NOT EXISTS file ({columns})")
        except (OSError, sqlite3.OperationalError):
            self.close()
        except sqlite3.DatabaseError:
            self.close()
            file.unlink()

    def close(self) -> None:
        """Close the file; nothing is found any more."""
        with self._lock:
            if self._db:
                self._db.close()
            self._db = None

    def get(self, path: Path, size: int, mtime_ns: int) -> str | None:
        """The hash of exactly this state of a file, or None."""
        query = "SELECT sha256 FROM file WHERE path = ? AND size = ? AND mtime_ns = ?"
        return next((sha256 for (sha256,) in self._execute(query, path, size, mtime_ns)), None)

    def put(self, path: Path, size: int, mtime_ns: int, sha256: str) -> None:
        """Remember a hash, unless the file has only just been changed."""
        if time.time_ns() - mtime_ns >= SETTLED_NS:
            self._execute("REPLACE INTO file VALUES (?, ?, ?, ?)", path, size, mtime_ns, sha256)

    def forget(self, path: Path) -> None:
        """Drop a hash that has proved wrong."""
        self._execute("DELETE FROM file WHERE path = ?", path)

    def _execute(self, statement: str, path: Path, *values: int | str) -> list[tuple[str]]:
        """The rows of a statement whose first value is the path; none when the statement fails."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._db:
                return self._db.execute(statement, (os.fsencode(path.resolve()), *values)).fetchall()
        return []

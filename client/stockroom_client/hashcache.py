"""A cache of file hashes, so that a second run need not read everything again."""

import json
import os
import sys
import threading
import time
from pathlib import Path

SETTLED_NS = 2_000_000_000  # a file changed less than this ago may change again within the same timestamp


def cache_folder() -> Path:
    """The user's cache folder of this platform."""
    home = Path.home()
    if "XDG_CACHE_HOME" in os.environ:
        base = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        base = home / ".cache"
    return base / "stockroom"


class HashCache:
    """path, size, mtime → SHA-256.

    One JSON line an entry, appended at once, so that nothing is lost to a crash and two runs do not undo each
    other. A cache that cannot be read or written is only a slower one.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, int, str]] = {}
        if file is not None:
            self._load(file)

    def get(self, path: Path, size: int, mtime_ns: int) -> str | None:
        """The hash of exactly this state of the file, if known."""
        entry = self._known.get(str(path.resolve()))
        return entry[2] if entry and entry[:2] == (size, mtime_ns) else None

    def put(self, path: Path, size: int, mtime_ns: int, sha256: str) -> None:
        """Remember a hash."""
        if self._file is None or time.time_ns() - mtime_ns < SETTLED_NS:
            return
        key = str(path.resolve())
        with self._lock:
            self._known[key] = (size, mtime_ns, sha256)
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="ascii") as file:
                    file.write(json.dumps([key, size, mtime_ns, sha256]) + "\n")
            except OSError:
                self._file = None

    def forget(self, path: Path) -> None:
        """What was remembered has proved wrong; for this run, and for good once the file is hashed again."""
        with self._lock:
            self._known.pop(str(path.resolve()), None)

    def _load(self, file: Path) -> None:
        lines = 0
        try:
            with file.open(encoding="ascii") as content:
                for line in content:
                    lines += 1
                    self._learn(line)
        except (OSError, UnicodeDecodeError):
            return
        if lines > 2 * len(self._known) + 1000:
            self._compact(file)

    def _learn(self, line: str) -> None:
        try:
            key, size, mtime_ns, sha256 = json.loads(line)
            self._known[str(key)] = (int(size), int(mtime_ns), str(sha256))
        except (ValueError, TypeError):
            return  # a line cut short by a full disk or a crash

    def _compact(self, file: Path) -> None:
        fresh = file.with_suffix(f".{os.getpid()}")
        try:
            with fresh.open("w", encoding="ascii") as content:
                for key, entry in self._known.items():
                    content.write(json.dumps([key, *entry]) + "\n")
            fresh.replace(file)
        except OSError:
            fresh.unlink(missing_ok=True)

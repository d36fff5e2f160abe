"""SHA-256 of files."""

import hashlib
import os
from pathlib import Path

from stockroom_client.failures import Failure
from stockroom_client.hash_cache import HashCache


def hash_file(path: Path, cache: HashCache) -> tuple[str, int, int]:
    """(SHA-256 in hex, size in bytes, mtime in ns) of a file, from the cache if the file has not changed.

    A Failure when the file cannot be read, or is being written at the same time.
    """
    try:
        with path.open("rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            sha256 = cache.get(path, before.st_size, before.st_mtime_ns)
            if sha256 is None:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                after = os.fstat(file.fileno())
                if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                    raise Failure("unreadable", "is being changed by another program")
                cache.put(path, after.st_size, after.st_mtime_ns, sha256)
    except OSError as error:
        raise Failure("unreadable", f"cannot be read: {error.strerror}") from error
    return sha256, before.st_size, before.st_mtime_ns

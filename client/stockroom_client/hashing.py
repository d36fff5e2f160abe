"""SHA-256 of files."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from stockroom_client.hashcache import HashCache
from stockroom_client.items import Item
from stockroom_client.retry import Stop

CHUNK = 1024 * 1024  # bytes a read


class FileChangedError(Exception):
    """The file is being written while it is read."""


def hash_file(path: Path, stop: Stop, progress: Callable[[int], None]) -> tuple[str, int, int]:
    """(hex SHA-256, size in bytes, mtime in ns); `progress` gets the bytes read so far.

    OSError when it cannot be read, FileChangedError when it changes meanwhile.
    """
    digest = hashlib.sha256()
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    total = 0
    with path.open("rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        while count := file.readinto(buffer):
            digest.update(view[:count])
            total += count
            progress(total)
            stop.check()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or total != after.st_size:
        raise FileChangedError
    return digest.hexdigest(), after.st_size, after.st_mtime_ns


def hash_item(item: Item, cache: HashCache, stop: Stop) -> str:
    """Set the item's hash, size and mtime, from the cache where it can; answers a reason when it cannot."""

    def progress(count: int) -> None:
        item.done = count

    try:
        status = item.path.stat()
        known = cache.get(item.path, status.st_size, status.st_mtime_ns)
        if known:
            item.sha256, item.size, item.mtime_ns = known, status.st_size, status.st_mtime_ns
        else:
            item.sha256, item.size, item.mtime_ns = hash_file(item.path, stop, progress)
            cache.put(item.path, item.size, item.mtime_ns, item.sha256)
    except FileChangedError:
        return "is being changed by another program"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""

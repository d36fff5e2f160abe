"""A bounded memory with a time limit, for what a process may remember of a database for a short while."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """Remembers each entry for `seconds` after it was put, and at most `max_entries` of them.

    A full cache drops the entry that was put first, which is also the one that expires first.
    """

    def __init__(
        self, *, max_entries: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_entries = max_entries
        self._seconds = seconds
        self._clock = clock
        # A dict keeps the order of insertion, and every entry lives equally long.
        self._entries: dict[K, tuple[float, V]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value of a key; None when there is none or it has expired."""
        entry = self._entries.get(key)
        if entry is None or self._clock() >= entry[0]:
            return None
        return entry[1]

    def put(self, key: K, value: V) -> None:
        """Remember a value; an older one of the same key is replaced."""
        self._entries.pop(key, None)
        while len(self._entries) >= self._max_entries:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (self._clock() + self._seconds, value)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

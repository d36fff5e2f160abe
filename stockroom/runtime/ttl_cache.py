"""A bounded memory with a time limit, for what a process may remember of a database for a short while."""

import time
from collections.abc import Callable, Iterable, Mapping
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
        return self.get_many((key,)).get(key)

    def get_many(self, keys: Iterable[K]) -> dict[K, V]:
        """The values of those keys that are remembered."""
        now = self._clock()
        entries = self._entries
        return {key: entry[1] for key in keys if (entry := entries.get(key)) is not None and now < entry[0]}

    def put(self, key: K, value: V) -> None:
        """Remember a value; an older one of the same key is replaced."""
        self.put_many({key: value})

    def put_many(self, values: Mapping[K, V]) -> None:
        """Remember several values."""
        expires_at = self._clock() + self._seconds
        entries = self._entries
        for key, value in values.items():
            entries.pop(key, None)
            entries[key] = (expires_at, value)
        while len(entries) > self._max_entries:
            del entries[next(iter(entries))]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

"""Ranges of picture ids. An id begins with its time of upload, so that a range of days is a range of ids."""

from collections.abc import Iterable

from msgspec import Struct

IdRange = tuple[int, int]
"""From the first id, inclusive, to the second, exclusive."""

MAX_ID = (1 << 64) - 1
ALL_IDS: IdRange = (0, MAX_ID)


def intersect_ranges(some: list[IdRange], others: list[IdRange]) -> list[IdRange]:
    """The ids that lie in a range of both lists, as ranges, newest first; each list is disjoint."""
    shared = [
        (max(low, other_low), min(high, other_high)) for low, high in some for other_low, other_high in others
    ]
    return sorted(_drop_empty(shared), reverse=True)


class ScanRange(Struct, frozen=True):
    """The postings of a term that are read: those in `id_ranges` (newest first), in one direction."""

    id_ranges: tuple[IdRange, ...]
    oldest_first: bool = False

    @property
    def order(self) -> str:
        """The direction of reading, as ORDER BY spells it."""
        return "ASC" if self.oldest_first else "DESC"

    def up_to(self, image_id: int) -> "ScanRange":
        """The beginning of the range, as far as an id in the direction of reading, inclusive."""
        if self.oldest_first:
            return self._limit(0, image_id + 1)
        return self._limit(image_id, MAX_ID)

    def after(self, image_id: int) -> "ScanRange":
        """The rest of the range behind an id in the direction of reading, exclusive."""
        if self.oldest_first:
            return self._limit(image_id + 1, MAX_ID)
        return self._limit(0, image_id)

    def _limit(self, first: int, end: int) -> "ScanRange":
        limited = ((max(low, first), min(high, end)) for low, high in self.id_ranges)
        return ScanRange(tuple(_drop_empty(limited)), self.oldest_first)


def _drop_empty(id_ranges: Iterable[IdRange]) -> list[IdRange]:
    return [(low, high) for low, high in id_ranges if low < high]

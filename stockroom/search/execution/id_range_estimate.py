"""Id-range estimates: about how far back in time some postings of a term reach.

MySQL reads ahead by its estimate of the rows in a range, not by LIMIT: for a common word that takes a
millisecond instead of a tenth. A range that ends about where enough has been read costs the tenth.
"""

import time
from collections.abc import Callable

from stockroom.images.repository.pictures import find_oldest_and_newest
from stockroom.runtime.database import Database
from stockroom.runtime.ttl_cache import TtlCache
from stockroom.search.index.id_ranges import ScanRange
from stockroom.search.index.term_dictionary import REMEMBERED_SECONDS


class IdRangeEstimator:
    """Estimates id ranges from the oldest and the newest id of the library, which are remembered."""

    def __init__(
        self,
        db: Database,
        margin: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._margin = margin
        self._library: TtlCache[str, tuple[int, int]] = TtlCache(
            max_entries=1, seconds=REMEMBERED_SECONDS, clock=clock
        )

    def forget(self) -> None:
        """Forget the library's ids: the database may be another one."""
        self._library.clear()

    def narrow(self, scan_range: ScanRange, postings: int, df: int) -> ScanRange | None:
        """The beginning of a scan range in which `postings` of the `df` postings of a term should lie.

        None when a narrower range gains nothing, because most of the postings are needed.
        """
        if not self._margin or postings * self._margin > df or not scan_range.id_ranges:
            return None
        oldest, newest = self._find_library()
        reach = self._margin * postings * (newest - oldest) // df
        if scan_range.oldest_first:
            return scan_range.up_to(max(scan_range.id_ranges[-1][0], oldest) + reach)
        return scan_range.up_to(max(min(scan_range.id_ranges[0][1], newest + 1) - reach, 0))

    def _find_library(self) -> tuple[int, int]:
        library = self._library.get("")
        if library is None:
            library = find_oldest_and_newest(self._db) or (0, 0)
            self._library.put("", library)
        return library

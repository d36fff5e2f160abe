"""Where in the order of time the library lies, and so about how far back some pictures of a term reach.

MySQL reads ahead by its estimate of a range's rows and not by LIMIT: a millisecond for a common word, where a
tenth would do. A range that ends about where enough has been read costs that tenth.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from stockroom.runtime.database import Database
from stockroom.search.index.reader import Stretch

SECONDS = 60
WORTHWHILE = 1000
"""Postings below which reading ahead costs nothing."""
AMPLE = 4
"""Times as far as even pictures would need."""


@dataclass(frozen=True)
class _Extent:
    oldest: int
    newest: int
    until: float


_extents: WeakKeyDictionary[Database, _Extent] = WeakKeyDictionary()


def near(
    db: Database, stretch: Stretch, rows: int, df: int, clock: Callable[[], float] = time.monotonic
) -> Stretch | None:
    """The beginning of a stretch in which `rows` of `df` pictures should lie; None if not worth it."""
    if df < WORTHWHILE or rows * AMPLE > df or not stretch.spans:
        return None
    extent = _extents.get(db)
    if extent is None or clock() >= extent.until:
        ((oldest, newest),) = _select(db)
        extent = _extents[db] = _Extent(oldest or 0, newest or 0, clock() + SECONDS)
    reach = AMPLE * rows * (extent.newest - extent.oldest) // df
    if stretch.oldest_first:
        return stretch.until(max(stretch.spans[-1][0], extent.oldest) + reach)
    return stretch.until(max(min(stretch.spans[0][1], extent.newest + 1) - reach, 0))


def _select(db: Database) -> tuple[tuple[int | None, int | None], ...]:
    # PRIMARY of image, one read at each end.
    rows = db.query("SELECT MIN(id), MAX(id) FROM image")
    return tuple((oldest, newest) for oldest, newest in rows)

"""One page of a search: the pictures, newest first, and where the next page begins.

Ordinarily three statements: the terms, the ids, the pictures. Reading stops after BUDGET primary-key
probes; what has been found till then is the page, and its cursor goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from stockroom import catalogue, ids, models
from stockroom.database import Database
from stockroom.search import reads
from stockroom.search.cursor import Cursor, invalid
from stockroom.search.dates import MAX_ID, Range
from stockroom.search.plan import Mode, Plan, modes, plan
from stockroom.search.query import Query
from stockroom.search.relevance import NEWEST, ranked
from stockroom.search.verify import verified

BUDGET = 5000
FIRST_ROWS = 1000
"""Postings that a costly search reads at first; nearly always they fill a page."""
MAX_ARMS = 64
VERIFY = 100
"""Candidates looked at for a page, at least; four times the page if that is more."""

Order = Callable[[Sequence[models.Image]], list[models.Image]]

DEFAULT_LIMIT = 24
MAX_LIMIT = 100


@dataclass(frozen=True)
class _Found:
    """Ids, newest first; all others down to `floor` (exclusive of those below it) do not match."""

    ids: list[int]
    floor: int


def search(db: Database, query: Query, cursor: Cursor | None, limit: int = DEFAULT_LIMIT) -> models.ImagePage:
    """A page of `query` from `cursor` on, at most `limit` pictures.

    When a query taken literally finds nothing at all, it is taken less literally; `relaxed` says that any
    one of its words had to do.
    """
    if cursor is not None and cursor.shown and not query.ranked:
        raise invalid()
    if not query.ranges:
        return models.ImagePage([], None)
    known = reads.vocabulary(db, query.terms(), query.last.typed if query.last else "")
    start = cursor or Cursor(Mode.STRICT, MAX_ID, barren=True)
    following = [mode for mode in modes(query) if mode > start.mode] if start.barren else []
    for mode in [start.mode, *following]:
        chosen = plan(query, known, mode)
        if chosen is not None:
            below = start.below if mode is start.mode else MAX_ID
            if query.ranked:
                here = replace(start, mode=mode, below=below)
                images, after = _ranked_page(db, chosen, here, limit, partial(ranked, query, known))
            else:
                images, position = _page(db, chosen, below, limit)
                after = Cursor(mode, position, start.barren and not images) if position else None
            if images or after:
                relaxed = mode is Mode.RELAXED
                return models.ImagePage(images, after.encoded() if after else None, relaxed)
    return models.ImagePage([], None)


def _page(db: Database, chosen: Plan, below: int, limit: int) -> tuple[list[models.Image], int]:
    """The pictures and the position of the next page, 0 when there is none."""
    if chosen.verifies:
        return _verified_page(db, chosen, below, limit)
    found = _find(db, chosen, below, limit + 1)
    images = catalogue.images(db, found.ids[:limit])
    if len(found.ids) > limit:
        return images, found.ids[limit - 1]
    return images, found.floor


def _verified_page(db: Database, chosen: Plan, below: int, limit: int) -> tuple[list[models.Image], int]:
    candidates = max(VERIFY, 4 * limit)
    found = _find(db, chosen, below, candidates + 1)
    images: list[models.Image] = []
    for image in catalogue.images(db, found.ids[:candidates]):
        if verified(chosen, image):
            if len(images) == limit:
                return images, ids.decode(images[-1].id) or 0
            images.append(image)
    if len(found.ids) > candidates:
        return images, found.ids[candidates - 1]
    return images, found.floor


def _ranked_page(
    db: Database, chosen: Plan, start: Cursor, limit: int, order: Order
) -> tuple[list[models.Image], Cursor | None]:
    """The next of the newest matches in the order of their relevance, and where to go on.

    Every page orders the same pictures: those not newer than the newest that the first page saw. Where the
    budget was spent before there were enough of them, the older ones follow in an order of their own.
    """
    found = _find(db, chosen, start.below, NEWEST)
    matching = [image for image in catalogue.images(db, found.ids) if verified(chosen, image)]
    end = start.shown + limit
    if end < len(matching):
        after = replace(start, below=found.ids[0] + 1, barren=False, shown=end)
        return order(matching)[start.shown : end], after
    images = order(matching)[start.shown :]
    if found.floor and len(found.ids) < NEWEST:
        return images, replace(start, below=found.floor, barren=start.barren and not images, shown=0)
    return images, None


def _find(db: Database, chosen: Plan, below: int, limit: int) -> _Found:
    """The newest `limit` matching ids below `below`, within the budget."""
    spans, floor = _spans(chosen, below)
    arms = [(term_id, span) for term_id in chosen.driver.term_ids for span in spans]
    if not arms:
        return _Found([], 0)
    rows = BUDGET // max(chosen.probes, 1) // len(arms)
    if chosen.probes and chosen.driver.df > rows * len(arms):
        first = _estimate(chosen, limit)
        if len(arms) == 1 and first < rows:
            found = reads.newest_within(db, chosen, arms[0], limit, first)
            if len(found) == limit:
                return _Found(found, floor)
        lowest = reads.floor(db, arms, max(rows, 1))
        floor = max(floor, lowest)
        arms = [(term_id, (max(low, lowest), high)) for term_id, (low, high) in arms if high > lowest]
    found = reads.newest(db, chosen, arms, limit)
    return _Found(found, floor)


def _spans(chosen: Plan, below: int) -> tuple[list[Range], int]:
    """The id ranges to read, newest first, as many as one statement takes, and where the others begin."""
    spans = [(low, min(high, below)) for low, high in chosen.ranges if low < below]
    most = max(MAX_ARMS // len(chosen.driver.term_ids), 1)
    return spans[:most], spans[most - 1][0] if len(spans) > most else 0


def _estimate(chosen: Plan, limit: int) -> int:
    """Postings of the driver that should hold `limit` matches four times over, were words independent."""
    needed = 4.0 * limit
    for clause in chosen.required:
        needed *= max(chosen.pictures / max(clause.df, 1), 1)
    return int(min(max(needed, limit), FIRST_ROWS))

"""One page of a search: the pictures, newest first, and where the pages before and after it begin.

Ordinarily three statements: the terms, the ids, the pictures. Reading stops where the budget is spent
(`finding`); what has been found till then is the page, and its cursor goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.search.execution import executor as finding
from stockroom.search.execution.cursor import Cursor, invalid
from stockroom.search.execution.executor import Finder, Purse
from stockroom.search.execution.post_filter import verified
from stockroom.search.execution.ranking import NEWEST, worth
from stockroom.search.index import reader as reads
from stockroom.search.index.reader import Stretch
from stockroom.search.index.terms import terms
from stockroom.search.query.dates import MAX_ID
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import Mode, Vocabulary, modes, plan, unfinished
from stockroom.search.suggest.spelling import corrected

VERIFY = 100
"""Candidates looked at for a page, at least; three times the page if that is more."""

DEFAULT_LIMIT = 24
MAX_LIMIT = 100


@dataclass(frozen=True)
class _Asked:
    """A query as it is taken just now: with what the index knows of it, and how it reads if corrected."""

    query: Query
    known: Vocabulary
    corrected: str = ""
    expanded: bool = False
    spelled: bool = False


@dataclass(frozen=True)
class Page:
    """Pictures, the newest or best first, and the cursors of the pages before and after them, if any.

    `relaxed`: any one of the query's words had to do. `corrected`: how the query was read where words of it
    were misspelled, else empty.
    """

    pictures: list[Picture]
    previous: Cursor | None = None
    next: Cursor | None = None
    relaxed: bool = False
    corrected: str = ""


def search(db: Database, query: Query, cursor: Cursor | None, limit: int = DEFAULT_LIMIT) -> Page:
    """A page of `query` from `cursor` on, at most `limit` pictures.

    When a query taken literally finds nothing at all, it is taken less literally: `corrected` says how it was
    read, `relaxed` that any one of its words had to do.
    """
    if cursor is not None and (cursor.shown or cursor.edge or cursor.back) and cursor.back == query.ranked:
        raise invalid()
    if not query.ranges:
        return Page([])
    asked = _Asked(query, Vocabulary(terms(db, query.terms())))
    start = cursor or Cursor(Mode.STRICT, MAX_ID, barren=True)
    following = [mode for mode in modes(query) if mode > start.mode] if start.barren else []
    purse = Purse()
    for way in [start.mode, *following]:
        mode = way
        if purse.left < finding.BUDGET // 2:
            # Another way of taking the query could cost as much again: that is the next page.
            return Page([], next=Cursor(mode, MAX_ID, barren=True))
        if mode >= Mode.CORRECTED and not asked.spelled:
            asked = _with_corrections(db, asked)
        elif mode < Mode.CORRECTED and not asked.expanded:
            asked = _with_expansions(db, asked, mode)
            # What was begun as the beginning of words goes on as that, whatever becomes a word meanwhile.
            mode = Mode.PREFIX if asked.expanded else mode
        if mode is Mode.CORRECTED and not asked.corrected:
            continue
        chosen = plan(asked.query, asked.known, mode)
        if chosen is not None:
            here = replace(start, mode=mode, below=start.below if way is start.mode else MAX_ID)
            page = _taken(asked, Finder(db, chosen, purse), here, limit)
            if page.pictures or page.next or not here.barren:
                return replace(page, relaxed=mode is Mode.RELAXED, corrected=asked.corrected)
    return Page([])


def _with_expansions(db: Database, asked: _Asked, mode: Mode) -> _Asked:
    """With the words that the last one begins, where that may be unfinished."""
    last = asked.query.last
    if last is None or not unfinished(last, asked.known.terms, mode):
        return asked
    known = Vocabulary(asked.known.terms, reads.expansions(db, last.typed))
    return replace(asked, known=known, expanded=True)


def _with_corrections(db: Database, asked: _Asked) -> _Asked:
    found = corrected(db, asked.query, asked.known)
    if found is None:
        return replace(asked, spelled=True)
    return _Asked(found.query, found.known, found.text, spelled=True)


def _taken(asked: _Asked, finder: Finder, here: Cursor, limit: int) -> Page:
    if asked.query.ranked:
        return _ranked(asked, finder, here, limit)
    if here.back:
        return _backwards(finder, here, limit)
    images, position = _forwards(finder, Stretch(finder.plan.ranges).beyond(here.below), limit)
    previous = None
    if here.below != MAX_ID:
        first = images[0].image_id + 1 if images else here.below
        previous = replace(here, below=first, barren=False, back=True)
    after = replace(here, below=position, barren=here.barren and not images) if position else None
    return Page(images, previous, after)


def _backwards(finder: Finder, here: Cursor, limit: int) -> Page:
    """The page before `here`: the oldest of the newer pictures, turned round."""
    stretch = Stretch(finder.plan.ranges, oldest_first=True).beyond(here.below - 1)
    images, position = _forwards(finder, stretch, limit)
    previous = replace(here, below=position + 1) if position else None
    last = images[0].image_id if images else here.below
    return Page(images[::-1], previous, replace(here, below=last, barren=False, back=False))


def _forwards(finder: Finder, stretch: Stretch, limit: int) -> tuple[list[Picture], int]:
    """The first pictures of a stretch and the position from which to go on, 0 when nothing follows."""
    if not finder.plan.verifies:
        found = finder.first(stretch, limit + 1)
        images = find_ready(finder.db, found.ids[:limit])
        return images, found.ids[limit - 1] if len(found.ids) > limit else found.edge
    count = max(VERIFY, 3 * limit)
    found = finder.first(stretch, count + 1)
    fitting: list[int] = []
    looked_at = 0
    # Often most candidates have what is to be verified, so few are looked at first.
    for some in (found.ids[: 2 * limit], found.ids[2 * limit : count]):
        if len(fitting) < limit:
            more, looked_at_more = _verified(finder, some, limit - len(fitting))
            fitting += more
            looked_at += looked_at_more
    position = found.ids[looked_at - 1] if looked_at < len(found.ids) else found.edge
    return find_ready(finder.db, fitting), position


def _verified(finder: Finder, candidates: Sequence[int], limit: int) -> tuple[list[int], int]:
    """The first candidates that have all that is to be verified, and how many were looked at for them."""
    fitting = verified(finder.db, finder.plan, candidates)
    if len(fitting) < limit:
        return fitting, len(candidates)
    return fitting[:limit], candidates.index(fitting[limit - 1]) + 1


def _ranked(asked: _Asked, finder: Finder, here: Cursor, limit: int) -> Page:
    """The next of the newest matches in the order of their relevance, and where to go on.

    Every page orders the same matches: those not newer than the newest that the first page saw, and not older
    than what its budget reached. The older ones follow in an order of their own.
    """
    stretch = Stretch(finder.plan.ranges).beyond(here.below)
    until = here.shown + (max(VERIFY, 2 * limit) if finder.plan.verifies else limit)
    matches, edge = finder.best(stretch, worth(asked.query, asked.known), NEWEST, until, edge=here.edge)
    here = replace(here, edge=edge)
    candidates = matches.best[here.shown : until]
    fitting, looked_at = _verified(finder, candidates, limit)
    images = find_ready(finder.db, fitting)
    previous = None
    if here.shown and not finder.plan.verifies:
        previous = replace(here, shown=max(here.shown - limit, 0), barren=False)
    shown = here.shown + looked_at
    barren = here.barren and not images
    if shown < len(matches):
        after = replace(here, below=matches.newest + 1, barren=barren, shown=shown)
        return Page(images, previous, after)
    if edge and len(matches) < NEWEST:
        return Page(images, previous, replace(here, below=edge, barren=barren, shown=0, edge=0))
    return Page(images, previous, None)

"""The audit of the index: compares it with the pictures' rows, both ways, in pages that can be continued.

The rows are right: each ready picture's row records under which terms the picture is indexed. Six steps
follow one another, so that each finds what the one before it has repaired: the folded names of owners; the
pictures, whose postings must all be there; the postings, each of which must be recorded; the terms, whose
counts and surface forms must fit; the looks of the pictures, whose bands must all be there; the bands, each
of which must be that of a ready picture.
"""

from collections.abc import Callable, Iterable

from stockroom.images.owners import correct_folded_names
from stockroom.runtime.database import Database
from stockroom.search.index import audit_terms
from stockroom.search.index.audit_bands import audit_bands, audit_looks
from stockroom.search.index.audit_pictures import audit_pictures
from stockroom.search.index.audit_postings import audit_postings
from stockroom.search.index.audit_report import DEFAULT_LIMIT, IndexAudit
from stockroom.search.index.id_ranges import MAX_ID
from stockroom.search.index.resolver import Resolver

_LAST_OWNER = (1 << 32) - 1
STEPS: dict[str, tuple[int, ...]] = {
    "owners": (_LAST_OWNER,),
    "pictures": (MAX_ID,),
    "postings": (audit_terms.LAST_ID, MAX_ID),
    "terms": (audit_terms.LAST_ID,),
    "looks": (MAX_ID,),
    "bands": (256, 65535),
}
"""The steps in their order, each with its last place, which nothing lies behind. Each begins behind zeros."""


def audit_index(
    db: Database,
    resolver: Resolver,
    after: str = "",
    *,
    last: str = "",
    limit: int = DEFAULT_LIMIT,
    repair: bool = False,
) -> IndexAudit:
    """One page of the audit: the part behind `after`, which is empty or the `next` of another page.

    With `last`, a place of the same step, the audit ends there; it compares what lies at `last`, too. Parts
    of a step that begin where others end can so be compared side by side.

    A page reads about `limit` postings; of counts alone, ten times as many. Safe to repeat, and safe beside
    everything else that writes: a problem is looked at again under lock before anything is repaired.
    ValueError for an `after` that is none.
    """
    step, place = _parse(after or f"{next(iter(STEPS))}:0")
    of_last, end = _parse(last) if last else (step, STEPS[step])
    if of_last != step or len(end) != len(STEPS[step]):
        raise ValueError(f"{last!r} is no place in an audit of the {step}")
    report = IndexAudit()
    ids, pairs = (place[0], end[0]), ((place[0], place[-1]), (end[0], end[-1]))
    steps: dict[str, Callable[[], tuple[int, ...] | None]] = {
        "owners": lambda: _audit_owners(db, report, place[0], limit, repair),
        "pictures": lambda: audit_pictures(db, resolver, report, ids, limit, repair=repair),
        "postings": lambda: audit_postings(db, report, *pairs, limit, repair=repair),
        "terms": lambda: audit_terms.audit_terms(db, report, ids, limit, repair=repair),
        "looks": lambda: audit_looks(db, report, ids, limit, repair=repair),
        "bands": lambda: audit_bands(db, report, *pairs, limit, repair=repair),
    }
    following = steps[step]()
    names = list(STEPS)
    if following is None and step != names[-1] and not last:
        step, following = names[names.index(step) + 1], (0, 0)
    report.next = "" if following is None else make_place(step, following)
    return report


def make_place(step: str, place: Iterable[int]) -> str:
    """A place in a step as `audit_index` takes it."""
    return ":".join([step, *map(str, place)])


def _parse(text: str) -> tuple[str, tuple[int, ...]]:
    step, *place = text.split(":")
    if step not in STEPS or not 1 <= len(place) <= 2 or not all(number.isdecimal() for number in place):
        raise ValueError(f"{text!r} is no place in an audit of the index")
    return step, tuple(map(int, place))


def _audit_owners(
    db: Database, report: IndexAudit, after: int, limit: int, repair: bool
) -> tuple[int, ...] | None:
    names = correct_folded_names(db, after, limit, repair=repair)
    for owner_id in names.wrong_ids:
        report.note("wrong-owner-name", str(owner_id))
    if repair:
        report.note_repaired("wrong-owner-name", len(names.wrong_ids))
    return (names.last_id,) if names.last_id else None

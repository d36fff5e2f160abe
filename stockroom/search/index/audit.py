"""The audit of the index: compares it with the pictures' rows, both ways, in pages that can be continued.

The rows are right: each ready picture's row records under which terms the picture is indexed. Six steps
follow one another, so that each finds what the one before it has repaired: the folded names of owners; the
pictures, whose postings must all be there; the postings, each of which must be recorded; the terms, whose
counts and surface forms must fit; the looks of the pictures, whose bands must all be there; the bands, each
of which must be that of a ready picture.
"""

from collections.abc import Callable

from stockroom.images.owners import correct_folded_names
from stockroom.runtime.database import Database
from stockroom.search.index.audit_bands import audit_bands, audit_looks
from stockroom.search.index.audit_pictures import audit_pictures
from stockroom.search.index.audit_postings import audit_postings
from stockroom.search.index.audit_report import IndexAudit
from stockroom.search.index.audit_terms import audit_terms
from stockroom.search.index.resolver import Resolver

DEFAULT_LIMIT = 20_000
_STEPS = ("owners", "pictures", "postings", "terms", "looks", "bands")


def audit_index(
    db: Database, resolver: Resolver, after: str = "", *, limit: int = DEFAULT_LIMIT, repair: bool = False
) -> IndexAudit:
    """One page of the audit: the part behind `after`, which is empty or the `next` of another page.

    A page reads about `limit` postings; of counts alone, ten times as many. Safe to repeat, and safe beside
    everything else that writes: a problem is looked at again under lock before anything is repaired.
    ValueError for an `after` that is none.
    """
    step, place = _parse(after)
    report = IndexAudit()
    steps: dict[str, Callable[[], tuple[int, ...] | None]] = {
        "owners": lambda: _audit_owners(db, report, place[0], limit, repair),
        "pictures": lambda: audit_pictures(db, resolver, report, place[0], limit, repair=repair),
        "postings": lambda: audit_postings(db, report, (place[0], place[-1]), limit, repair=repair),
        "terms": lambda: audit_terms(db, report, place[0], limit, repair=repair),
        "looks": lambda: audit_looks(db, report, place[0], limit, repair=repair),
        "bands": lambda: audit_bands(db, report, (place[0], place[-1]), limit, repair=repair),
    }
    following = steps[step]()
    if following is None and step != _STEPS[-1]:
        step, following = _STEPS[_STEPS.index(step) + 1], (0, 0)
    report.next = "" if following is None else ":".join([step, *map(str, following)])
    return report


def _parse(after: str) -> tuple[str, tuple[int, ...]]:
    step, *place = (after or f"{_STEPS[0]}:0").split(":")
    if step not in _STEPS or not 1 <= len(place) <= 2 or not all(number.isdecimal() for number in place):
        raise ValueError(f"{after!r} is no place in an audit of the index")
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

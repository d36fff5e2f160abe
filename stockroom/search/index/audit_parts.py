"""The steps of the audit in parts that can be audited side by side, for libraries that are too big for one.

Parts are chosen by the skip pointers, a sixty-fourth of the postings. Where these are lost, parts are larger
and nothing is left out: the parts of a step cover every place that there can be.
"""

from collections.abc import Iterable, Iterator

from stockroom.runtime.database import Database
from stockroom.search.index import audit_terms, sections
from stockroom.search.index.audit import STEPS, make_place
from stockroom.search.index.audit_pictures import TYPICAL_TERMS
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.index.term_dictionary import TermDictionary

Part = tuple[str, str]
"""A place and a later one of the same step: what lies behind the first, up to the second and with it."""

_MAX_SECTIONS = 1 << 31
_BANDS, _BAND_VALUES = 5, 1 << 16


def split_audit(db: Database, dictionary: TermDictionary, pictures: int) -> dict[str, list[Part]]:
    """The steps in their order, each in parts of about so many pictures, or of so many pictures' postings."""
    ends = list(_choose_pictures(db, dictionary, pictures))
    postings = pictures * TYPICAL_TERMS
    inner_ends: dict[str, Iterable[tuple[int, ...]]] = {
        "pictures": ends,
        "postings": _choose_postings(db, postings),
        "terms": _choose_terms(db, postings),
        "looks": ends,
        "bands": _choose_bands(len(ends) + 1),
    }
    return {step: list(_join(step, inner_ends.get(step, ()))) for step in STEPS}


def _join(step: str, inner_ends: Iterable[tuple[int, ...]]) -> Iterator[Part]:
    """The parts of a step between these places."""
    after = make_place(step, [0] * len(STEPS[step]))
    for end in (*inner_ends, STEPS[step]):
        last = make_place(step, end)
        yield after, last
        after = last


def _choose_pictures(db: Database, dictionary: TermDictionary, pictures: int) -> Iterator[tuple[int]]:
    beginnings = sections.list_beginnings(db, dictionary, _MAX_SECTIONS)
    step = max(pictures // sections.AVERAGE_PICTURES, 1)
    for beginning in beginnings[step::step]:
        yield (beginning - 1,)


def _choose_postings(db: Database, postings: int) -> Iterator[tuple[int, int]]:
    place = (0, 0)
    while True:
        term_id, image_id = place
        # PRIMARY (term_id, image_id) of posting_skip: a sixty-fourth of the part's postings.
        rows = db.query(
            "SELECT term_id, image_id FROM posting_skip WHERE term_id >= %s "
            "AND (term_id > %s OR image_id > %s) "
            f"ORDER BY term_id, image_id LIMIT 1 OFFSET {max(postings // STRIDE, 1) - 1:d}",
            (term_id, term_id, image_id),
        )
        if not rows:
            return
        place = rows[0]
        yield place


def _choose_terms(db: Database, postings: int) -> Iterator[tuple[int]]:
    last = audit_terms.choose_last(db, 0, postings)
    while last != audit_terms.LAST_ID:
        yield (last,)
        last = audit_terms.choose_last(db, last, postings)


def _choose_bands(parts: int) -> Iterator[tuple[int, int]]:
    """Ends of parts of equal numbers of values, which the bits of hashes fill evenly."""
    for number in range(1, parts):
        band, value = divmod(number * _BANDS * _BAND_VALUES // parts - 1, _BAND_VALUES)
        # In places, the first band is 1.
        yield (band + 1, value)

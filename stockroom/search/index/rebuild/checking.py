"""What is checked before a new index is put in place: it is whole, and it answers like the old one."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from stockroom.runtime.database import Database
from stockroom.search.index.document import ALL_PICTURES
from stockroom.search.index.rebuild import records
from stockroom.search.index.rebuild.counting import find_missing
from stockroom.search.index.rebuild.tables import PICTURE, POSTING

COMMONEST = 100
OTHERS = 100
"""The terms whose newest pictures are compared: the commonest, and others by chance."""
PAGE = 25
MAX_DIFFERENT = 0.1
"""The share of the compared terms that may find other pictures, if nobody has said that they are to."""


class Comparison(Struct, frozen=True, kw_only=True):
    """How many terms were compared, and which of them find other pictures than in the old index."""

    compared: int = 0
    different: tuple[str, ...] = ()

    @property
    def is_alike(self) -> bool:
        return len(self.different) <= MAX_DIFFERENT * self.compared


class NotWhole(RuntimeError):
    """The new index is not whole, so it is not put in place."""


def check_counts(db: Database, df: Mapping[int, int]) -> None:
    """Raise NotWhole unless the new tables hold what was counted while they were written."""
    # PRIMARY of posting_rebuilt, all of it.
    ((postings,),) = db.query(f"SELECT COUNT(*) FROM {POSTING}")
    if postings != sum(df.values()):
        raise NotWhole(f"{postings} postings are there, and {sum(df.values())} were written")
    ((pictures,),) = db.query(f"SELECT COUNT(*) FROM {PICTURE}")
    all_pictures = db.query("SELECT term_id FROM term WHERE term = %s", (ALL_PICTURES,))
    indexed = df.get(all_pictures[0][0], 0) if all_pictures else 0
    if pictures != indexed:
        raise NotWhole(f"{indexed} pictures are in the list of all, and {pictures} were indexed")
    if missing := find_missing(db, df):
        raise NotWhole(f"{len(missing)} terms are gone that were there when the index was built")


def compare(db: Database) -> Comparison:
    """Compare what terms of the old index find in both. Pictures that have just changed do not count."""
    terms = _sample(db)
    if not terms:
        return Comparison()
    old, new = (_find_newest(db, table, terms) for table in ("posting", POSTING))
    differing = {
        term_id: {*old.get(term_id, ())} ^ {*new.get(term_id, ())}
        for term_id in terms
        if old.get(term_id) != new.get(term_id)
    }
    changed = records.find_changed(db, {image_id for ids in differing.values() for image_id in ids})
    different = [
        bytes(terms[term_id]).decode("utf-8", "replace")
        for term_id, image_ids in differing.items()
        # A picture that is gone from one page makes room for one more on it.
        if len(image_ids - changed) > len(image_ids & changed)
    ]
    return Comparison(compared=len(terms), different=tuple(sorted(different)))


def _sample(db: Database) -> dict[int, bytes]:
    """Names of terms by id."""
    # PRIMARY of term, all of it, twice.
    rows = db.query(
        f"(SELECT term_id, term FROM term WHERE df > 0 ORDER BY df DESC, term_id LIMIT {COMMONEST:d}) UNION "
        f"(SELECT term_id, term FROM term WHERE df > 0 ORDER BY CRC32(term_id) LIMIT {OTHERS:d})"
    )
    return dict(rows)


def _find_newest(db: Database, table: str, term_ids: Collection[int]) -> dict[int, list[int]]:
    # PRIMARY (term_id, image_id): PAGE entries a term.
    select = (
        f"(SELECT term_id, image_id FROM {table} WHERE term_id = %s ORDER BY image_id DESC LIMIT {PAGE:d})"
    )
    found: dict[int, list[int]] = {}
    for term_id, image_id in db.query(" UNION ALL ".join([select] * len(term_ids)), list(term_ids)):
        found.setdefault(term_id, []).append(image_id)
    return {term_id: sorted(image_ids) for term_id, image_ids in found.items()}

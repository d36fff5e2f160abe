"""The step of the audit that looks at ready pictures: every recorded term has its posting."""

from collections.abc import Sequence

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.repository.indexing import IndexedRow, find_ready_after, lock_rows
from stockroom.images.repository.pictures import find_ready, read_ready
from stockroom.runtime.database import Database
from stockroom.search.index.audit_report import IndexAudit, Kind
from stockroom.search.index.document import build_document
from stockroom.search.index.posting_writer import read_weights, write_postings
from stockroom.search.index.resolver import Resolver

TYPICAL_TERMS = 25
"""Postings of one picture, nearly."""
PICTURES_PER_STATEMENT = 50
MAX_REINDEXED = 100
"""Pictures that one page of a repair indexes anew: a transaction each, ten milliseconds or so."""


def audit_pictures(
    db: Database,
    resolver: Resolver,
    report: IndexAudit,
    id_range: tuple[int, int],
    limit: int,
    *,
    repair: bool,
) -> tuple[int, ...] | None:
    """Audit the ready pictures of a range of ids; the id to go on behind, or None at its end.

    The range begins behind its first id and ends with its last one.

    A repair indexes the picture anew, by its metadata of today.
    """
    page_size = max(limit // TYPICAL_TERMS, 1)
    rows = find_ready_after(db, *id_range, page_size)
    found: dict[int, Kind] = {row.image_id: "unrecorded-picture" for row in rows if row.term_ids is None}
    for image_id in _find_incomplete(db, rows):
        if _is_incomplete(db, image_id):
            found[image_id] = "missing-posting"
    for place, image_id in enumerate(sorted(found)):
        if repair and place == MAX_REINDEXED:
            return (image_id - 1,)
        report.note(found[image_id], ids.encode(image_id))
        if repair and reindex(db, resolver, image_id):
            report.note_repaired(found[image_id])
    return (rows[-1].image_id,) if len(rows) == page_size else None


def reindex(db: Database, resolver: Resolver, image_id: int) -> bool:
    """Index a ready picture by its metadata of today; False if it is not ready, or was edited meanwhile."""
    pictures = find_ready(db, [image_id])
    if not pictures:
        return False
    entries = resolver.resolve(build_document(pictures[0]))

    def write(cursor: Cursor) -> bool:
        lock_rows(cursor, [image_id])
        if read_ready(cursor, image_id) != pictures[0]:
            return False
        write_postings(cursor, {image_id: entries})
        return True

    return db.run_transaction(write)


def _find_incomplete(db: Database, rows: Sequence[IndexedRow]) -> list[int]:
    """The pictures that have fewer postings than recorded terms, at this moment."""
    expected = {row.image_id: row.term_ids for row in rows if row.term_ids}
    image_ids = list(expected)
    incomplete: list[int] = []
    for start in range(0, len(image_ids), PICTURES_PER_STATEMENT):
        # PRIMARY (term_id, image_id) of posting: one probe a recorded term.
        selects = [
            f"SELECT {image_id:d}, COUNT(*) FROM posting WHERE image_id = {image_id:d} "
            f"AND term_id IN ({', '.join(map(str, sorted(expected[image_id])))})"
            for image_id in image_ids[start : start + PICTURES_PER_STATEMENT]
        ]
        counts = db.query(" UNION ALL ".join(selects))
        incomplete += [image_id for image_id, count in counts if count < len(expected[image_id])]
    return incomplete


def _is_incomplete(db: Database, image_id: int) -> bool:
    """Whether a ready picture lacks postings of recorded terms, seen under the lock of its row."""

    def compare(cursor: Cursor) -> bool:
        row = lock_rows(cursor, [image_id]).get(image_id)
        if row is None or row.state != "ready" or row.term_ids is None:
            return False
        recorded = {(term_id, image_id) for term_id in row.term_ids}
        return read_weights(cursor, recorded).keys() != recorded

    return db.run_transaction(compare)

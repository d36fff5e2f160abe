"""The steps of the audit that look at bands: each ready picture has those of its hash, and no others exist.

Two steps: `audit_looks` goes through the ready pictures, `audit_bands` through the bands.
"""

from collections.abc import Sequence

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.repository.indexing import lock_rows
from stockroom.images.repository.near_duplicates import (
    BandKey,
    delete_misplaced,
    find_band_range,
    find_bandless,
    find_misplaced,
    insert_bands,
)
from stockroom.runtime.database import Database
from stockroom.search.index.audit_report import IndexAudit

PICTURES_PER_TRANSACTION = 100
POSTINGS_PER_PICTURE = 5
"""A picture whose bands are compared takes the time of so many audited postings."""


def audit_looks(
    db: Database, report: IndexAudit, id_range: tuple[int, int], limit: int, *, repair: bool
) -> tuple[int, ...] | None:
    """Audit the ready pictures of a range of ids, as above; the id to go on behind, or None at its end."""
    found, last = find_bandless(db, *id_range, max(limit // POSTINGS_PER_PICTURE, 1))
    for image_id in found:
        report.note("missing-band", ids.encode(image_id))
    for start in range(0, len(found) if repair else 0, PICTURES_PER_TRANSACTION):
        some = found[start : start + PICTURES_PER_TRANSACTION]
        _insert(db, some)
        report.note_repaired("missing-band", len(some))
    return None if last is None else (last,)


def audit_bands(
    db: Database,
    report: IndexAudit,
    after: tuple[int, int],
    up_to: tuple[int, int],
    limit: int,
    *,
    repair: bool,
) -> tuple[int, ...] | None:
    """Audit the bands behind (band + 1, value), up to another such place and with it.

    Returns the place to go on behind, or None at the end.
    """
    # Places begin at (0, 0), and the band 0 may have the value 0.
    first, end = (after[0] - 1, after[1]), (up_to[0] - 1, up_to[1])
    last = find_band_range(db, first, limit)
    if last is not None and last >= end:
        last = None
    found = find_misplaced(db, first, last or end)
    for key in found:
        report.note("dangling-band", f"{ids.encode(key.image_id)} band {key.band}")
    for start in range(0, len(found) if repair else 0, PICTURES_PER_TRANSACTION):
        some = found[start : start + PICTURES_PER_TRANSACTION]
        report.note_repaired("dangling-band", _delete(db, some))
    return None if last is None else (last[0] + 1, last[1])


def _insert(db: Database, image_ids: Sequence[int]) -> None:
    def insert(cursor: Cursor) -> None:
        lock_rows(cursor, image_ids)
        insert_bands(cursor, image_ids)

    db.run_transaction(insert)


def _delete(db: Database, keys: Sequence[BandKey]) -> int:
    """Delete those of some bands that belong to nothing, seen under the locks of their rows; how many."""

    def delete(cursor: Cursor) -> int:
        lock_rows(cursor, {key.image_id for key in keys})
        return delete_misplaced(cursor, keys)

    return db.run_transaction(delete)

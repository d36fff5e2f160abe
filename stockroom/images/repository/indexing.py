"""The statements on what rows say about the search index: which pictures it has, by which terms."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.states import RECORD_TERMS, State
from stockroom.runtime.database import Database, Row, placeholders


class IndexedRow(NamedTuple):
    """A row as the index sees it.

    `term_ids` are the terms under which the picture was indexed, whatever its metadata would give today. They
    are None for a row that was never indexed, and for one that was published before the terms were recorded.
    """

    image_id: int
    state: State
    term_ids: frozenset[int] | None


_COLUMNS = "id, state, indexed_terms"

FINGERPRINT = (
    "CRC32(CONCAT_WS('|', i.revision, i.link_key, i.owner_id, i.width, i.height, i.color, i.camera, "
    "COALESCE(i.taken, ''), COALESCE(i.embedded, '')))"
)
"""A number for what a picture is indexed by, as SQL, of `image i`. Each edit raises `revision`; a picture
that was hidden comes back with another `link_key`; what else a picture is found by comes from its file."""
LAST_ID = (1 << 64) - 1


def lock_rows(cursor: Cursor, image_ids: Collection[int]) -> dict[int, IndexedRow]:
    """Those of some rows that exist, locked until the transaction ends. Primary key, one read each.

    Whoever writes postings of a picture holds the lock of its row.
    """
    cursor.execute(
        f"SELECT {_COLUMNS} FROM image WHERE id IN ({placeholders(image_ids)}) FOR UPDATE", sorted(image_ids)
    )
    return {row.image_id: row for row in map(_decode, cursor.fetchall())}


def record_terms(cursor: Cursor, term_ids: Mapping[int, Iterable[int]]) -> None:
    """Record in the rows of ready pictures, by id, under which terms each picture is indexed.

    One statement. Primary key, one read each.
    """
    if not term_ids:
        return
    arguments: list[object] = []
    for image_id, listed in sorted(term_ids.items()):
        arguments += (image_id, ",".join(map(str, sorted(listed))))
    cursor.execute(
        f"UPDATE image SET indexed_terms = CASE id {' '.join(['WHEN %s THEN %s'] * len(term_ids))} END "
        f"WHERE id IN ({placeholders(term_ids)}) AND {RECORD_TERMS.condition}",
        (*arguments, *sorted(term_ids)),
    )


def find_ready_after(db: Database, image_id: int, up_to: int, limit: int) -> list[IndexedRow]:
    """The first `limit` ready rows with ids above `image_id` and at most `up_to`, in order.

    Primary key; rows in other states are read, too.
    """
    rows = db.query(
        f"SELECT {_COLUMNS} FROM image FORCE INDEX (PRIMARY) "
        f"WHERE id > %s AND id <= %s AND state = 'ready' ORDER BY id LIMIT {limit:d}",
        (image_id, up_to),
    )
    return [_decode(row) for row in rows]


def list_ranges(db: Database, size: int) -> Iterator[tuple[int, int]]:
    """All ids in ranges of `size` rows in any state: behind the first id, up to the second.

    Primary key, all of it. Rows that come meanwhile may make a range longer.
    """
    after = 0
    while rows := db.query(
        f"SELECT id FROM image FORCE INDEX (PRIMARY) WHERE id > %s ORDER BY id LIMIT 1 OFFSET {size - 1:d}",
        (after,),
    ):
        yield after, rows[0][0]
        after = rows[0][0]
    yield after, LAST_ID


def find_fingerprints(db: Database, id_range: tuple[int, int], limit: int) -> dict[int, int]:
    """The fingerprints of the first `limit` ready pictures of a range, by id, in order. Primary key."""
    return dict(
        db.query(
            f"SELECT i.id, {FINGERPRINT} FROM image i FORCE INDEX (PRIMARY) "
            f"WHERE i.id > %s AND i.id <= %s AND i.state = 'ready' ORDER BY i.id LIMIT {limit:d}",
            id_range,
        )
    )


def read_fingerprints(cursor: Cursor, image_ids: Collection[int]) -> dict[int, int]:
    """The fingerprints of those of some pictures that are ready. Primary key, one read each."""
    cursor.execute(
        f"SELECT i.id, {FINGERPRINT} FROM image i "
        f"WHERE i.id IN ({placeholders(image_ids)}) AND i.state = 'ready'",
        sorted(image_ids),
    )
    return dict(cursor.fetchall())


def _decode(row: Row) -> IndexedRow:
    image_id, state, terms = row
    return IndexedRow(image_id, state, None if terms is None else _parse(terms))


def _parse(terms: str) -> frozenset[int]:
    return frozenset(map(int, terms.split(","))) if terms else frozenset()

"""The statements that read what rows say about the search index: which pictures it has, by which terms."""

from collections.abc import Collection
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.states import State
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


def lock_rows(cursor: Cursor, image_ids: Collection[int]) -> dict[int, IndexedRow]:
    """Those of some rows that exist, locked until the transaction ends. Primary key, one read each.

    Whoever writes postings of a picture holds the lock of its row.
    """
    cursor.execute(
        f"SELECT {_COLUMNS} FROM image WHERE id IN ({placeholders(image_ids)}) FOR UPDATE", sorted(image_ids)
    )
    return {row.image_id: row for row in map(_decode, cursor.fetchall())}


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


def _decode(row: Row) -> IndexedRow:
    image_id, state, terms = row
    return IndexedRow(image_id, state, None if terms is None else _parse(terms))


def _parse(terms: str) -> frozenset[int]:
    return frozenset(map(int, terms.split(","))) if terms else frozenset()

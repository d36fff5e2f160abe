"""The table that says what each picture was indexed by, and the pictures of which that is true no more."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.repository.indexing import FINGERPRINT
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.rebuild.tables import PICTURE, check_owner_within


def insert(db: Database, pictures: Mapping[int, tuple[int, Collection[int]]], *, owner: str) -> None:
    """Record pictures, by id: the fingerprint of each, and the ids of its terms.

    Raises Overtaken where the table is not that of `owner`: a worker may outlive a rebuild that was killed.
    """
    if pictures:
        db.run_transaction(lambda cursor: replace(cursor, pictures, (), owner=owner))


def replace(
    cursor: Cursor,
    pictures: Mapping[int, tuple[int, Collection[int]]],
    gone: Collection[int],
    *,
    owner: str,
) -> None:
    """The same in a transaction, at its end; the records of pictures that are gone are deleted."""
    if pictures:
        cursor.execute(*_build_insert(pictures))
    if gone:
        cursor.execute(
            f"DELETE FROM {PICTURE} WHERE image_id IN ({placeholders(gone)})",
            sorted(gone),
        )
    if pictures or gone:
        check_owner_within(cursor, owner)


def read_terms(cursor: Cursor, image_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The terms by which pictures were indexed, of those that are recorded. Primary key."""
    cursor.execute(
        f"SELECT image_id, term_ids FROM {PICTURE} WHERE image_id IN ({placeholders(image_ids)})",
        sorted(image_ids),
    )
    return {image_id: frozenset(map(int, terms.split(","))) for image_id, terms in cursor.fetchall()}


class Changes(NamedTuple):
    """Pictures that are ready and were not indexed as they are, and pictures that are ready no more."""

    changed: list[int]
    gone: list[int]


def find_changes(db: Database, id_range: tuple[int, int]) -> Changes:
    """What has changed among the pictures behind the first id, up to the second one."""
    # PRIMARY of both tables, the same range of each.
    changed = db.query(
        f"SELECT i.id FROM image i FORCE INDEX (PRIMARY) LEFT JOIN {PICTURE} r ON r.image_id = i.id "
        "WHERE i.id > %s AND i.id <= %s AND i.state = 'ready' "
        f"AND (r.image_id IS NULL OR r.fingerprint <> {FINGERPRINT}) ORDER BY i.id",
        id_range,
    )
    gone = db.query(
        f"SELECT r.image_id FROM {PICTURE} r LEFT JOIN image i ON i.id = r.image_id AND i.state = 'ready' "
        "WHERE r.image_id > %s AND r.image_id <= %s AND i.id IS NULL ORDER BY r.image_id",
        id_range,
    )
    return Changes(*([image_id for (image_id,) in rows] for rows in (changed, gone)))


def find_changed(db: Database, image_ids: Collection[int]) -> set[int]:
    """Those of some pictures that are not indexed as they are, or are ready no more."""
    changed = {*image_ids}
    for chunk in split_into_chunks(sorted(image_ids)):
        # PRIMARY of both tables, one probe each.
        unchanged = db.query(
            f"SELECT i.id FROM {PICTURE} r STRAIGHT_JOIN image i ON i.id = r.image_id "
            f"WHERE r.image_id IN ({placeholders(chunk)}) AND i.state = 'ready' "
            f"AND r.fingerprint = {FINGERPRINT}",
            chunk,
        )
        changed.difference_update(image_id for (image_id,) in unchanged)
    return changed


def find_otherwise_recorded(db: Database, id_range: tuple[int, int], *, with_unrecorded: bool) -> list[int]:
    """The ready pictures in a range whose rows record other terms than those by which they were indexed.

    Rows that record nothing are among them if they are asked for.
    """
    differs = "i.indexed_terms <> r.term_ids"
    # PRIMARY of both tables, the same range of each.
    rows = db.query(
        f"SELECT i.id FROM {PICTURE} r STRAIGHT_JOIN image i ON i.id = r.image_id "
        "WHERE r.image_id > %s AND r.image_id <= %s AND i.state = 'ready' "
        f"AND ({'i.indexed_terms IS NULL OR ' if with_unrecorded else ''}{differs}) ORDER BY i.id",
        id_range,
    )
    return [image_id for (image_id,) in rows]


def _build_insert(pictures: Mapping[int, tuple[int, Collection[int]]]) -> tuple[str, list[object]]:
    arguments: list[object] = []
    for image_id, (fingerprint, term_ids) in sorted(pictures.items()):
        arguments += (image_id, fingerprint, _join(term_ids))
    # Nobody else writes here, and a second time must do no harm.
    sql = (
        f"REPLACE INTO {PICTURE} (image_id, fingerprint, term_ids) "
        f"VALUES {placeholders(pictures, '(%s, %s, %s)')}"
    )
    return sql, arguments


def _join(term_ids: Iterable[int]) -> str:
    return ",".join(map(str, sorted(term_ids)))

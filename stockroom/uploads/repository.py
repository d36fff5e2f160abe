"""The SQL of uploads. Round trips do not grow with the number of files: every statement is for a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pymysql.cursors import Cursor

from stockroom.images import tags
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.runtime.timestamps import column
from stockroom.uploads.validate import ValidFile

UPLINK = 64_000
"""Bytes a second that the slowest upload is allowed to take."""


@dataclass(frozen=True)
class KnownRow:
    """A row that stands for some content already."""

    image_id: int
    owner_id: int
    state: str
    sha256: bytes


@dataclass(frozen=True)
class PendingRow:
    """A row whose content has not landed yet: what a ticket is made from."""

    image_id: int
    size: int
    media_type: str
    sha256: bytes


def pending_count(cursor: Cursor, owner_id: int, limit: int) -> int:
    """How many uploads of an owner are pending, counted up to `limit`. Index owner_state, `limit` entries."""
    cursor.execute(
        "SELECT COUNT(*) FROM "
        "(SELECT 1 FROM image WHERE owner_id = %s AND state = 'pending' LIMIT %s) pending",
        (owner_id, limit),
    )
    return int(cursor.fetchall()[0][0])


def known(cursor: Cursor, hashes: Sequence[bytes]) -> list[KnownRow]:
    """Rows of any owner for these contents. Index content, one dive a hash."""
    cursor.execute(
        "SELECT id, owner_id, state, sha256 FROM image "
        f"WHERE sha256 IN ({placeholders(hashes)}) AND state IN ('pending', 'ready')",
        tuple(hashes),
    )
    return [KnownRow(*row) for row in cursor.fetchall()]


# A ticket must be used before it expires, but what it started may last: a large file over a slow line.
_DEADLINE = f"%s + INTERVAL (%s DIV {UPLINK}) SECOND"


def insert(cursor: Cursor, owner_id: int, rows: Sequence[tuple[int, ValidFile]], expires: datetime) -> None:
    """One multi-row insert of pending rows; IntegrityError 1062 when an id or a content is taken."""
    shape = f"(%s, %s, 'pending', {_DEADLINE}, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    arguments: list[object] = []
    for number, file in rows:
        metadata = file.metadata
        arguments += (number, owner_id, column(expires), file.size, file.sha256, file.size, file.media_type)
        arguments += (metadata.name, metadata.description, tags.serialize(metadata.tags))
        arguments += (tags.serialize(metadata.hashtags), metadata.license, metadata.credit)
    cursor.execute(
        "INSERT INTO image (id, owner_id, state, deadline, sha256, size, type, name, description, tags, "
        f"hashtags, license, credit) VALUES {placeholders(rows, shape)}",
        tuple(arguments),
    )


def extend(cursor: Cursor, numbers: Sequence[int], expires: datetime) -> None:
    """Move the deadlines of pending rows past tickets that expire then. Primary key, one read each.

    Not of those that the reaper has seen to have landed: asking for their tickets must not keep it away.
    """
    cursor.execute(
        f"UPDATE image SET deadline = %s + INTERVAL (size DIV {UPLINK}) SECOND "
        f"WHERE id IN ({placeholders(numbers)}) AND state = 'pending' AND attempts = 0",
        (column(expires), *sorted(numbers)),
    )


def lock_pending(cursor: Cursor, owner_id: int, numbers: Sequence[int]) -> list[PendingRow]:
    """Those of `numbers` that are this owner's and pending, locked. Primary key, one read each."""
    cursor.execute(
        f"SELECT id, size, type, sha256 FROM image WHERE id IN ({placeholders(numbers)}) "
        "AND owner_id = %s AND state = 'pending' FOR UPDATE",
        (*sorted(numbers), owner_id),
    )
    return [PendingRow(*row) for row in cursor.fetchall()]


STATUS = "id, name, state, deadline < UTC_TIMESTAMP(3), failure_code, failure_detail"


def mine(db: Database, owner_id: int, numbers: Sequence[int]) -> tuple[Row, ...]:
    """STATUS of those of `numbers` that are this owner's. Primary key, one read each."""
    return db.query(
        f"SELECT {STATUS} FROM image WHERE id IN ({placeholders(numbers)}) "
        "AND owner_id = %s AND state <> 'deleting' ORDER BY id DESC",
        (*numbers, owner_id),
    )


def newest(db: Database, owner_id: int, before: int, limit: int) -> tuple[Row, ...]:
    """STATUS of an owner's newest uploads older than id `before`. Index owner_newest, `limit` entries."""
    return db.query(
        f"SELECT {STATUS} FROM image WHERE owner_id = %s AND id < %s "
        "AND state <> 'deleting' ORDER BY id DESC LIMIT %s",
        (owner_id, before, limit),
    )


def owner_and_state(db: Database, number: int) -> tuple[int, str] | None:
    """Whose a row is and where it has got to; None when there is no such row."""
    rows = db.query("SELECT owner_id, state FROM image WHERE id = %s AND state <> 'deleting'", (number,))
    return (rows[0][0], rows[0][1]) if rows else None


def begin_deletion(db: Database, number: int) -> bool:
    """Pending or failed becomes deleting, due at once for the reaper; False when it was neither."""
    return bool(
        db.execute(
            "UPDATE image SET state = 'deleting', sha256 = NULL, deadline = UTC_TIMESTAMP(3) "
            "WHERE id = %s AND state IN ('pending', 'failed')",
            (number,),
        )
    )


def end_deletion(db: Database, number: int) -> None:
    """Remove a row whose objects are gone."""
    db.execute("DELETE FROM image WHERE id = %s AND state = 'deleting'", (number,))

"""Contents that were taken down, and are refused from then on. All writes of the table `takedown` are here.

`stockroom.images.states` reads it, too: a content that was taken down does not become a picture.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.runtime.database import Database, placeholders

MAX_REASON = 1000
"""Characters of the column `reason`."""


class TakenDown(NamedTuple):
    """A content that was taken down: when, by whom (an owner's id and the name that others see), and why."""

    sha256: bytes
    at: datetime
    actor: int
    actor_name: str
    reason: str


def parse_sha256(text: str) -> bytes | None:
    """A content's SHA-256 from 64 hexadecimal digits; None for a text that is no such hash."""
    return bytes.fromhex(text) if re.fullmatch("[0-9a-fA-F]{64}", text) else None


def find_all(cursor: Cursor, hashes: Collection[bytes]) -> set[bytes]:
    """Those of some contents that were taken down. Primary key, one read each."""
    cursor.execute(f"SELECT sha256 FROM takedown WHERE sha256 IN ({placeholders(hashes)})", tuple(hashes))
    return {bytes(sha256) for (sha256,) in cursor.fetchall()}


def holds_failed(db: Database, image_id: int) -> bool:
    """Whether the content of a failed upload was taken down. Two primary-key reads."""
    rows = db.query(
        "SELECT 1 FROM image i JOIN takedown t ON t.sha256 = i.failed_sha256 "
        "WHERE i.id = %s AND i.state = 'failed'",
        (image_id,),
    )
    return bool(rows)


def insert(cursor: Cursor, sha256: bytes, *, actor: int, reason: str) -> bool:
    """Refuse a content from now on; False when it is refused already, for the reason of then. Primary key."""
    cursor.execute("SELECT 1 FROM takedown WHERE sha256 = %s FOR UPDATE", (sha256,))
    if cursor.fetchall():
        return False
    # Of two transactions at once the second waits, and changes nothing.
    cursor.execute(
        "INSERT INTO takedown (sha256, at, actor, reason) VALUES (%s, UTC_TIMESTAMP(3), %s, %s) "
        "ON DUPLICATE KEY UPDATE sha256 = takedown.sha256",
        (sha256, actor, reason),
    )
    return True


def lift(cursor: Cursor, sha256: bytes) -> str | None:
    """Accept a content again; the reason for which it was taken down, None when it was not. Primary key."""
    cursor.execute("SELECT reason FROM takedown WHERE sha256 = %s FOR UPDATE", (sha256,))
    rows = cursor.fetchall()
    cursor.execute("DELETE FROM takedown WHERE sha256 = %s", (sha256,))
    return str(rows[0][0]) if rows else None


def find_page(db: Database, before: tuple[datetime, bytes] | None, limit: int) -> list[TakenDown]:
    """The newest contents that were taken down, before the one of this moment and content.

    Every row of the table is read: a library has few.
    """
    condition, arguments = ("", ()) if before is None else ("WHERE (t.at, t.sha256) < (%s, %s) ", before)
    rows = db.query(
        "SELECT t.sha256, t.at, t.actor, COALESCE(o.name, ''), t.reason FROM takedown t "
        f"LEFT JOIN owner o ON o.owner_id = t.actor {condition}ORDER BY t.at DESC, t.sha256 DESC LIMIT %s",
        (*arguments, limit),
    )
    return [TakenDown(bytes(sha256), *columns) for sha256, *columns in rows]

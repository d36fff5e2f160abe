"""The statements on pending uploads. Round trips do not grow with the number of files of a batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images import tags
from stockroom.images.picture import Metadata
from stockroom.images.states import CREATE, RENEW, State
from stockroom.runtime.database import placeholders
from stockroom.runtime.timestamps import column

UPLINK = 64_000
"""Bytes a second of the slowest line that an upload may take. A deadline is the ticket's end, a grace
period, and the time that the file's bytes need on such a line."""


class ContentRow(NamedTuple):
    """A row whose content is known: pending or ready."""

    image_id: int
    owner_id: int
    state: State
    sha256: bytes


class PendingUpload(NamedTuple):
    """An upload whose original has not landed yet: what its ticket binds. `sha256` is 32 bytes."""

    image_id: int
    size: int
    media_type: str
    sha256: bytes


def find_by_content(cursor: Cursor, hashes: Sequence[bytes]) -> list[ContentRow]:
    """The rows of any owner that have one of these SHA-256 hashes. Index content, one short range a hash."""
    cursor.execute(
        "SELECT id, owner_id, state, sha256 FROM image "
        f"WHERE sha256 IN ({placeholders(hashes)}) AND state IN ('pending', 'ready')",
        tuple(hashes),
    )
    return [ContentRow(*row) for row in cursor.fetchall()]


def insert(
    cursor: Cursor, owner_id: int, uploads: Sequence[tuple[PendingUpload, Metadata]], base_deadline: datetime
) -> None:
    """Insert pending rows with one statement; IntegrityError 1062 when an id or a content is taken.

    `base_deadline` is the deadline of an empty file; the bytes of each file add to it.
    """
    values = f"(%s, %s, '{CREATE.target}', {_DEADLINE}, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    arguments: list[object] = []
    for upload, metadata in uploads:
        arguments += (upload.image_id, owner_id, column(base_deadline), upload.size)
        arguments += (upload.sha256, upload.size, upload.media_type)
        arguments += (metadata.name, metadata.description, tags.serialize(metadata.tags))
        arguments += (tags.serialize(metadata.hashtags), metadata.license, metadata.credit)
    cursor.execute(
        "INSERT INTO image (id, owner_id, state, deadline, sha256, size, type, name, description, tags, "
        f"hashtags, license, credit) VALUES {placeholders(uploads, values)}",
        tuple(arguments),
    )


_DEADLINE = f"%s + INTERVAL (%s DIV {UPLINK}) SECOND"


def extend_deadlines(cursor: Cursor, image_ids: Sequence[int], base_deadline: datetime) -> None:
    """Move the deadlines of pending rows past new tickets, unless the reaper has redriven the row.

    `base_deadline` is that of an empty file, as in `insert`. Primary key, one read each.
    """
    cursor.execute(
        f"UPDATE image SET deadline = %s + INTERVAL (size DIV {UPLINK}) SECOND "
        f"WHERE id IN ({placeholders(image_ids)}) AND {RENEW.condition}",
        (column(base_deadline), *sorted(image_ids)),
    )


def lock(cursor: Cursor, owner_id: int, image_ids: Sequence[int]) -> list[PendingUpload]:
    """The owner's pending uploads among `image_ids`, locked until the transaction ends.

    Primary key, one read each.
    """
    cursor.execute(
        f"SELECT id, size, type, sha256 FROM image WHERE id IN ({placeholders(image_ids)}) "
        "AND owner_id = %s AND state = 'pending' FOR UPDATE",
        (*sorted(image_ids), owner_id),
    )
    return [PendingUpload(*row) for row in cursor.fetchall()]

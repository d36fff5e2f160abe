"""The statements on pending uploads. Round trips do not grow with the number of files of a batch."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Metadata
from stockroom.images.repository.metadata import METADATA_COLUMNS, metadata_columns
from stockroom.images.repository.upload_time import LATEST_DEADLINE, upload_time
from stockroom.images.states import CREATE, RENEW, REPLACE_METADATA, State
from stockroom.runtime.database import placeholders

LICENSE_FIELD = "license"
"""In `filled` of a pending row: the licence is the library's own, and the file may name another one."""


class ContentRow(NamedTuple):
    """A row whose content is known: pending, ready or hidden."""

    image_id: int
    state: State
    sha256: bytes


class PendingUpload(NamedTuple):
    """An upload whose original has not landed yet: what its ticket binds. `sha256` is 32 bytes."""

    image_id: int
    size: int
    media_type: str
    sha256: bytes


def find_by_content(cursor: Cursor, owner_id: int, hashes: Sequence[bytes]) -> list[ContentRow]:
    """The owner's rows that have one of these SHA-256 hashes. Unique key content, one entry a hash.

    Rows of other owners do not count: a picture that somebody else can delete is no copy of one's own.
    """
    cursor.execute(
        f"SELECT id, state, sha256 FROM image WHERE sha256 IN ({placeholders(hashes)}) AND owner_id = %s "
        "AND state IN ('pending', 'ready', 'hidden')",
        (*hashes, owner_id),
    )
    return [ContentRow(*row) for row in cursor.fetchall()]


def insert(
    cursor: Cursor,
    owner_id: int,
    uploads: Sequence[tuple[PendingUpload, str, Metadata]],
    *,
    upload_seconds: int,
) -> None:
    """Insert pending rows with one statement; IntegrityError 1062 when an id or a content is taken.

    Each upload comes with the name of its file. `upload_seconds` is how long an upload of an empty file may
    take; the bytes of each file add to it.
    """
    deadline = f"UTC_TIMESTAMP(3) + {upload_time('%s')}"
    described = ", ".join(["%s"] * (len(METADATA_COLUMNS) + 1))
    values = f"(%s, %s, '{CREATE.target}', {deadline}, {deadline}, %s, %s, %s, %s, %s, {described})"
    arguments: list[object] = []
    for upload, file_name, metadata in uploads:
        times = (upload_seconds, upload.size)
        arguments += (upload.image_id, owner_id, *times, *times, ids.draw_link_key())
        arguments += (upload.sha256, upload.size, upload.media_type, file_name, _filled(metadata))
        arguments += metadata_columns(metadata)
    cursor.execute(
        "INSERT INTO image (id, owner_id, state, deadline, uploads_until, link_key, sha256, size, type, "
        f"file_name, filled, {', '.join(METADATA_COLUMNS)}) VALUES {placeholders(uploads, values)}",
        tuple(arguments),
    )


def replace_metadata(cursor: Cursor, uploads: Mapping[int, tuple[str, str, Metadata]]) -> None:
    """Give pending rows another media type, file name and other metadata, by id, with one statement.

    Primary key, one read each.
    """
    columns = ("id", "type", "file_name", "filled", *METADATA_COLUMNS)
    first = f"SELECT {', '.join(f'%s {column}' for column in columns)}"
    further = f"SELECT {', '.join(['%s'] * len(columns))}"
    new = " UNION ALL ".join([first] + [further] * (len(uploads) - 1))
    arguments: list[object] = []
    for image_id in sorted(uploads):
        media_type, file_name, metadata = uploads[image_id]
        arguments += (image_id, media_type, file_name, _filled(metadata), *metadata_columns(metadata))
    cursor.execute(
        f"UPDATE image JOIN ({new}) new ON new.id = image.id SET "
        f"{', '.join(f'image.{column} = new.{column}' for column in columns[1:])}, "
        f"image.revision = image.revision + 1 WHERE {REPLACE_METADATA.condition}",
        tuple(arguments),
    )


def _filled(metadata: Metadata) -> str:
    """The column `filled` of a pending row: the fields that do not come from the contributor."""
    return LICENSE_FIELD if metadata.has_default_license else ""


def extend_deadlines(cursor: Cursor, image_ids: Sequence[int], *, upload_seconds: int) -> None:
    """Pending rows wait for the uploads of tickets that are issued now. Primary key, one read each.

    `upload_seconds` is as in `insert`. Where an attempt has begun the original has landed: a ticket for it
    must not keep the reaper away.
    """
    # The first assignment is seen by the second one: servers assign from left to right.
    cursor.execute(
        f"UPDATE image SET uploads_until = UTC_TIMESTAMP(3) + {upload_time('size')}, "
        f"deadline = IF(attempts = 0, LEAST(uploads_until, {LATEST_DEADLINE}), deadline) "
        f"WHERE id IN ({placeholders(image_ids)}) AND {RENEW.condition}",
        (upload_seconds, *sorted(image_ids)),
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

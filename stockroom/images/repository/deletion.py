"""The statements that delete pictures, bring them back and take them down.

A row that is deleted gives up its content hash, as one that has failed does, and keeps it in `failed_sha256`:
the contributor can post the same file again, and gets a new row. All functions are part of a transaction that
has locked the rows. Round trips do not grow with their number.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.repository.lifecycle import FORMATS_SECONDS
from stockroom.images.repository.renditions import JOB_WRITES_UNTIL
from stockroom.images.repository.upload_time import upload_time
from stockroom.images.states import (
    ATTEMPT_SECONDS,
    DELETE,
    DISMISS_PICTURE,
    GIVE_UP,
    RESTORE,
    RESTORE_HIDDEN,
    TAKE_DOWN,
    State,
)
from stockroom.runtime.database import Database, placeholders


class DeletionRow(NamedTuple):
    """A row as it is before it is deleted, restored or taken down.

    `sha256` is its content, also where the row no longer stands for it; None where that is forgotten.
    `deadline` is the end of the time in which a deleted row can be restored. `was_picture`: the row has the
    facts of a picture.
    """

    image_id: int
    owner_id: int
    state: State
    revision: int
    link_key: str
    sha256: bytes | None
    deadline: datetime | None
    was_picture: bool


def lock(cursor: Cursor, image_ids: Collection[int], owner_id: int | None = None) -> dict[int, DeletionRow]:
    """The rows of these ids, by id, locked until the transaction ends; with `owner_id`, the owner's alone.

    Primary key, one read each.
    """
    of_owner, arguments = ("", ()) if owner_id is None else (" AND owner_id = %s", (owner_id,))
    cursor.execute(
        "SELECT id, owner_id, state, revision, link_key, COALESCE(sha256, failed_sha256), deadline, "
        "width IS NOT NULL "
        "FROM image FORCE INDEX (PRIMARY) "
        f"WHERE id IN ({placeholders(image_ids)}){of_owner} ORDER BY id FOR UPDATE",
        (*sorted(image_ids), *arguments),
    )
    return {row[0]: DeletionRow(*row) for row in cursor.fetchall()}


def find_same_content(db: Database, hashes: Collection[bytes]) -> list[int]:
    """The ids of all rows, of any owner, that have one of these contents, in order; also of those that had it
    before they failed or were deleted.

    Unique key content, one entry a row; index due, one entry for each failed and each deleted row.
    """
    rows = db.query(
        f"SELECT id FROM image WHERE sha256 IN ({placeholders(hashes)}) UNION "
        "SELECT id FROM image WHERE state IN ('failed', 'deleted') "
        f"AND failed_sha256 IN ({placeholders(hashes)}) ORDER BY id",
        (*hashes, *hashes),
    )
    return [image_id for (image_id,) in rows]


def find_posted_again(cursor: Cursor, image_ids: Collection[int]) -> set[int]:
    """Those of some deleted rows whose owners have another row that stands for their content.

    Primary key and unique key content, one read each.
    """
    cursor.execute(
        "SELECT deleted.id FROM image deleted STRAIGHT_JOIN image newer "
        "ON newer.sha256 = deleted.failed_sha256 AND newer.owner_id = deleted.owner_id "
        f"WHERE deleted.id IN ({placeholders(image_ids)})",
        tuple(sorted(image_ids)),
    )
    return {image_id for (image_id,) in cursor.fetchall()}


def delete(cursor: Cursor, image_ids: Sequence[int], *, seconds: int) -> int:
    """Ready and hidden pictures become deleted, and can be restored for so many seconds; how many did.

    Primary key, one read each. A hidden picture has no renditions, and is told by that from a ready one. The
    assignments before that of the state see the state of before: servers assign from left to right.
    """
    return cursor.execute(
        "UPDATE image SET version = "
        f"IF({DELETE.condition_in('hidden')}, 0, version), failed_sha256 = sha256, sha256 = NULL, "
        f"deadline = UTC_TIMESTAMP(3) + INTERVAL %s SECOND, {DELETE.assignment} "
        f"WHERE id IN ({placeholders(image_ids)}) AND {DELETE.condition}",
        (seconds, *sorted(image_ids)),
    )


def dismiss(cursor: Cursor, image_ids: Collection[int], *, seconds: int) -> int:
    """Failed rows that were pictures before become deleted, restorable for so many `seconds`; how many did.

    They are restored as hidden, and so come to be processed again. Primary key, one read each.
    """
    return cursor.execute(
        f"UPDATE image FORCE INDEX (PRIMARY) SET {DISMISS_PICTURE.assignment}, version = 0, "
        "failure_code = NULL, failure_detail = NULL, deadline = UTC_TIMESTAMP(3) + INTERVAL %s SECOND "
        f"WHERE id IN ({placeholders(image_ids)}) AND {DISMISS_PICTURE.condition}",
        (seconds, *sorted(image_ids)),
    )


def restore(cursor: Cursor, image_ids: Sequence[int], *, formats: Sequence[str]) -> None:
    """Those of some deleted pictures that were ready become ready again. Primary key, one read each.

    Nothing changes where the time is over, or where the content was taken down. Raises IntegrityError 1062
    when a contributor has posted the same content again. Where a picture lacks some of the further `formats`,
    the reaper sees to them; also where it was found before that the picture gets none at 1440p.
    """
    soon = f"UTC_TIMESTAMP(3) + INTERVAL {FORMATS_SECONDS} SECOND"
    cursor.execute(
        f"UPDATE image SET {RESTORE.assignment}, sha256 = failed_sha256, failed_sha256 = NULL, attempts = 0, "
        f"deadline = IF(formats = %s, NULL, {soon}) "
        f"WHERE id IN ({placeholders(image_ids)}) AND {RESTORE.condition}",
        (",".join(formats), *sorted(image_ids)),
    )


def restore_hidden(cursor: Cursor, image_ids: Sequence[int]) -> None:
    """Those of some deleted pictures that were hidden, or are to be by now, are hidden again. Primary key.

    Nothing changes where the time is over, or where the content was taken down. Raises IntegrityError 1062
    when a contributor has posted the same content again. Those that are hidden again are overdue at once: if
    nobody settles them, the reaper deletes what renditions there are, and sees to the dates.
    """
    cursor.execute(
        f"UPDATE image SET {RESTORE_HIDDEN.assignment}, sha256 = failed_sha256, failed_sha256 = NULL, "
        "attempts = 0, version = 0, formats = '', deadline = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND "
        f"WHERE id IN ({placeholders(image_ids)}) AND {RESTORE_HIDDEN.condition}",
        tuple(sorted(image_ids)),
    )


def give_up(db: Database, image_id: int, lease: datetime) -> bool:
    """A leased deleted row becomes deleting, overdue at once; False when the lease was lost. Primary key.

    An attempt at the original, or a job, may still write renditions: the row stays until none can.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {GIVE_UP.assignment}, uploads_until = GREATEST("
            f"COALESCE(uploads_until, UTC_TIMESTAMP(3)), COALESCE({JOB_WRITES_UNTIL}, UTC_TIMESTAMP(3)), "
            f"COALESCE(attempted_at + INTERVAL {ATTEMPT_SECONDS} SECOND, UTC_TIMESTAMP(3))), "
            "deadline = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND "
            f"WHERE id = %s AND {GIVE_UP.condition}",
            (image_id, lease),
        )
    )


def take_down(cursor: Cursor, image_id: int, *, upload_seconds: int) -> bool:
    """A row in any other state becomes deleting, overdue at once; False when it was. Primary key.

    The row stays until neither an upload of it, nor an attempt at its original, nor a job can write anything
    any more. `upload_seconds` is how long an upload of an empty file may take, from its ticket on.
    """
    return bool(
        cursor.execute(
            "UPDATE image SET failed_sha256 = COALESCE(sha256, failed_sha256), sha256 = NULL, "
            "deadline = UTC_TIMESTAMP(3), "
            f"uploads_until = GREATEST(UTC_TIMESTAMP(3) + {upload_time('size')}, "
            f"UTC_TIMESTAMP(3) + INTERVAL {ATTEMPT_SECONDS} SECOND, "
            f"COALESCE({JOB_WRITES_UNTIL}, UTC_TIMESTAMP(3))), {TAKE_DOWN.assignment} "
            f"WHERE id = %s AND {TAKE_DOWN.condition}",
            (upload_seconds, image_id),
        )
    )

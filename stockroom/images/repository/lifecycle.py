"""The statements that move a row of `image` from state to state; each is built from its transition.

Beside these, `leases` has the statements for overdue rows, `deletion` those for deleted pictures, `pending`
those for announced uploads, `edits` those for metadata, and `indexing` the one for recorded terms.

Every moment in these statements is the database's: rows are compared by the clock that wrote them.
"""

from collections.abc import Collection, Sequence

import msgspec
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.repository.metadata import METADATA_COLUMNS, FilledMetadata, metadata_columns
from stockroom.images.repository.upload_time import upload_time
from stockroom.images.states import (
    ADD_FORMATS,
    AWAIT_UPLOAD,
    BEGIN_ATTEMPT,
    CANCEL,
    DISMISS,
    END_LINKS,
    FAIL,
    FINISH_FORMATS,
    HIDE,
    PUBLISH,
    PUBLISH_HIDDEN,
    REFUND_ATTEMPT,
    REQUEST_RENDITIONS,
    REQUEST_SETTLING,
    RETRY,
    SHOW,
    FailureCode,
)
from stockroom.renditions import Rendered
from stockroom.runtime.database import Database, placeholders
from stockroom.runtime.timestamps import to_column_value

MAX_DETAIL = 500
"""Characters of the column `failure_detail`."""
FORMATS_SECONDS = 300
"""After this time the reaper redrives a picture whose further formats are not finished."""
SETTLE_SECONDS = 300
"""After this time the reaper deletes the renditions of a picture that was hidden, if nobody has done it."""
FORGET_LATER = "deadline = IF(width IS NULL, UTC_TIMESTAMP(3) + INTERVAL %s DAY, NULL)"
"""A failure is forgotten after so many days, and never where there was a picture before."""
UPLOADS_UNTIL = f"uploads_until = UTC_TIMESTAMP(3) + {upload_time('size')}"
"""An upload whose ticket was issued just now may arrive until then."""


def begin_attempt(db: Database, image_id: int, *, link_key: str) -> bool:
    """Count an attempt at a row's original before it begins; False when there were too many. Primary key.

    An original that kills each process that renders it is therefore not rendered for ever. False also when
    the row has other links than those of `link_key`, under which the attempt is to write.
    """
    return bool(
        db.execute(
            "UPDATE image SET attempts = attempts + 1, attempted_at = UTC_TIMESTAMP(3) "
            f"WHERE id = %s AND {BEGIN_ATTEMPT.condition}",
            (image_id, link_key),
        )
    )


def refund_attempt(db: Database, image_id: int) -> None:
    """Take back an attempt that ended for a reason outside of the file. Primary key."""
    db.execute(
        f"UPDATE image SET attempts = attempts - 1 WHERE id = %s AND {REFUND_ATTEMPT.condition}", (image_id,)
    )


def publish(
    cursor: Cursor,
    image_id: int,
    rendered: Rendered,
    filled: FilledMetadata,
    *,
    revision: int,
    version: int,
    link_key: str,
    has_further_formats: bool,
) -> bool:
    """Pending becomes ready, with the facts of the picture; False when nothing changed. Primary key.

    Nothing changes when the row is not pending, when its metadata is newer than `revision`, when its links
    are others than those of `link_key`, when its dates do not allow it to be seen, or when its content was
    taken down. The row takes over the original's true media type, whatever its contributor declared, and what
    the file says. While further formats are to come, the row has a deadline, for the reaper to see to them.
    """
    deadline = f"UTC_TIMESTAMP(3) + INTERVAL {FORMATS_SECONDS} SECOND" if has_further_formats else "NULL"
    return bool(
        cursor.execute(
            f"UPDATE image SET {PUBLISH.assignment}, deadline = {deadline}, attempts = 0, version = %s, "
            f"moved = NULL, {_FACTS} WHERE id = %s AND {PUBLISH.condition}",
            (version, *_facts(rendered, filled), image_id, revision, link_key),
        )
    )


def publish_hidden(
    cursor: Cursor, image_id: int, rendered: Rendered, filled: FilledMetadata, *, revision: int
) -> bool:
    """Pending becomes hidden, with the facts of the picture; False when nothing changed. Primary key.

    Nothing changes when the row is not pending, when its metadata is newer than `revision`, when its dates
    allow it to be seen, or when its content was taken down. Renditions may have been written before the dates
    were what they are: the picture is still to be settled.
    """
    return bool(
        cursor.execute(
            f"UPDATE image SET {PUBLISH_HIDDEN.assignment}, {_UNSETTLED}, {_FACTS} "
            f"WHERE id = %s AND {PUBLISH_HIDDEN.condition}",
            (*_facts(rendered, filled), image_id, revision),
        )
    )


_FACTS = ", ".join(
    f"{column} = %s"
    for column in (
        *("width", "height", "color", "thumbhash", "phash", "pixel_hash", "taken", "type", "camera", "lens"),
        *("embedded", "filled", *METADATA_COLUMNS),
    )
)
_UNSETTLED = (
    f"deadline = UTC_TIMESTAMP(3) + INTERVAL {SETTLE_SECONDS} SECOND, attempts = 0, version = 0, formats = ''"
)
"""A hidden picture whose renditions are still to be deleted."""


def _facts(rendered: Rendered, filled: FilledMetadata) -> tuple[object, ...]:
    """The columns of _FACTS. The metadata are those of the row, apart from what was filled."""
    return (
        rendered.width,
        rendered.height,
        rendered.color,
        rendered.thumbhash,
        rendered.phash,
        rendered.pixel_hash,
        None if rendered.capture_time is None else to_column_value(rendered.capture_time),
        rendered.media_type,
        filled.embedded.camera,
        filled.embedded.lens,
        msgspec.json.encode(filled.embedded).decode(),
        ",".join(filled.fields),
        *metadata_columns(filled.metadata),
    )


def hide(cursor: Cursor, image_ids: Collection[int]) -> dict[int, str]:
    """Those ready pictures whose dates do not allow them to be seen become hidden; their link keys, by id.

    Their renditions are still there, under these keys, until they are settled. Primary key, one read each.
    """
    cursor.execute(
        f"SELECT id, link_key FROM image WHERE id IN ({placeholders(image_ids)}) AND {HIDE.condition} "
        "ORDER BY id FOR UPDATE",
        sorted(image_ids),
    )
    hidden = dict(cursor.fetchall())
    if hidden:
        # The rows are locked. Their dates are not compared again: an embargo may end between two statements.
        cursor.execute(
            f"UPDATE image SET {HIDE.assignment}, {_UNSETTLED} WHERE id IN ({placeholders(hidden)})",
            sorted(hidden),
        )
    return hidden


def request_settling(cursor: Cursor, image_ids: Collection[int]) -> dict[int, str]:
    """Have hidden pictures settled, after a change of their dates; their link keys, by id.

    The reaper does so, if nobody else has. Primary key, one read each.
    """
    cursor.execute(
        f"SELECT id, link_key FROM image WHERE id IN ({placeholders(image_ids)}) "
        f"AND {REQUEST_SETTLING.condition} ORDER BY id FOR UPDATE",
        sorted(image_ids),
    )
    found = dict(cursor.fetchall())
    if found:
        cursor.execute(
            f"UPDATE image SET deadline = UTC_TIMESTAMP(3) + INTERVAL {SETTLE_SECONDS} SECOND "
            f"WHERE id IN ({placeholders(found)}) AND {REQUEST_SETTLING.condition}",
            sorted(found),
        )
    return found


def end_links(cursor: Cursor, image_id: int, link_key: str) -> bool:
    """A hidden picture whose renditions are deleted gets other links, so that the old ones stay dead.

    False when somebody else was faster, or when its dates allow it to be seen. The reaper looks again at the
    end of the embargo, and not at all at a picture that has expired. Primary key.
    """
    return bool(
        cursor.execute(
            "UPDATE image SET link_key = %s, deadline = IF(embargo > UTC_TIMESTAMP(3), embargo, NULL), "
            f"failures = 0 WHERE id = %s AND {END_LINKS.condition}",
            (ids.draw_link_key(), image_id, link_key),
        )
    )


def show(cursor: Cursor, image_id: int, link_key: str) -> bool:
    """A hidden picture whose dates allow it to be seen becomes pending, overdue at once; False otherwise.

    Its renditions are deleted, and it gets other links. It waits like an upload that has just arrived; one
    attempt counts as begun, so that the loss of its original is a failure that people see, and not an upload
    that never came. One fewer than MAX_ATTEMPTS can therefore begin: the file was rendered before, so that
    none of them is expected to fail for a reason inside of it. Primary key.
    """
    return bool(
        cursor.execute(
            f"UPDATE image SET {SHOW.assignment}, link_key = %s, attempts = 1, "
            "deadline = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND, "
            "uploads_until = GREATEST(COALESCE(uploads_until, UTC_TIMESTAMP(3)), UTC_TIMESTAMP(3)) "
            f"WHERE id = %s AND {SHOW.condition}",
            (ids.draw_link_key(), image_id, link_key),
        )
    )


def set_formats(db: Database, image_id: int, formats: Sequence[str], *, version: int, link_key: str) -> bool:
    """Record the further formats of a ready picture's renditions; False when it has not this version.

    Or when its links are others than those of `link_key`. Primary key.
    """
    return bool(
        db.execute(
            f"UPDATE image SET formats = %s WHERE id = %s AND {ADD_FORMATS.condition}",
            (",".join(formats), image_id, version, link_key),
        )
    )


def finish_formats(
    db: Database, image_id: int, formats: Sequence[str], *, version: int, link_key: str
) -> bool:
    """A ready picture has these further formats, and no others are to come. Primary key.

    The reaper need not look at the picture any more. False when the picture has not this version and these
    links, or was finished before.
    """
    return bool(
        db.execute(
            "UPDATE image SET formats = %s, deadline = NULL, attempts = 0, failures = 0 "
            f"WHERE id = %s AND {FINISH_FORMATS.condition}",
            (",".join(formats), image_id, version, link_key),
        )
    )


def request_renditions(db: Database, image_id: int) -> bool:
    """Have all renditions of a ready picture made again; False when they are being made. Primary key."""
    return bool(
        db.execute(
            "UPDATE image SET deadline = UTC_TIMESTAMP(3), attempts = 0 "
            f"WHERE id = %s AND {REQUEST_RENDITIONS.condition}",
            (image_id,),
        )
    )


def fail(db: Database, image_id: int, code: FailureCode, detail: str, *, days: int) -> bool:
    """Pending becomes failed, with a reason; False when the row was not pending. Primary key.

    The row gives up its content hash, so the contributor can post the same file again. The reaper forgets the
    row, and its original with it, after `days`; not so a picture that was to be shown again.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {FAIL.assignment}, failed_sha256 = sha256, sha256 = NULL, failure_code = %s, "
            f"failure_detail = %s, {FORGET_LATER} WHERE id = %s AND {FAIL.condition}",
            (code, detail[:MAX_DETAIL], days, image_id),
        )
    )


def retry(db: Database, image_id: int) -> bool:
    """Failed becomes pending, overdue at once; False when nothing changed. Primary key.

    Nothing changes when the row has not failed, or when its original was not kept. Raises IntegrityError 1062
    when the contributor has posted the same content again. From now on the row waits like one whose upload
    has just arrived.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {RETRY.assignment}, sha256 = failed_sha256, failed_sha256 = NULL, "
            "failure_code = NULL, failure_detail = NULL, attempts = 0, deadline = UTC_TIMESTAMP(3), "
            "uploads_until = GREATEST(COALESCE(uploads_until, UTC_TIMESTAMP(3)), UTC_TIMESTAMP(3)) "
            f"WHERE id = %s AND {RETRY.condition}",
            (image_id,),
        )
    )


def cancel(db: Database, image_ids: Collection[int], *, upload_seconds: int) -> int:
    """Pending becomes deleting, overdue at once; how many rows did, of those that were no picture before.

    `upload_seconds` is how long an upload of an empty file may take, from its ticket on. Primary key.
    """
    return db.execute(
        f"UPDATE image FORCE INDEX (PRIMARY) SET {CANCEL.assignment}, sha256 = NULL, "
        f"deadline = UTC_TIMESTAMP(3), {UPLOADS_UNTIL} "
        f"WHERE id IN ({placeholders(image_ids)}) AND {CANCEL.condition}",
        (upload_seconds, *sorted(image_ids)),
    )


def dismiss(db: Database, image_ids: Collection[int], *, upload_seconds: int) -> int:
    """Failed becomes deleting, overdue at once; how many rows did, of those that were no picture before.

    `upload_seconds` is as in `cancel`. Primary key.
    """
    return db.execute(
        f"UPDATE image FORCE INDEX (PRIMARY) SET {DISMISS.assignment}, sha256 = NULL, "
        f"deadline = UTC_TIMESTAMP(3), {UPLOADS_UNTIL} "
        f"WHERE id IN ({placeholders(image_ids)}) AND {DISMISS.condition}",
        (upload_seconds, *sorted(image_ids)),
    )


def await_upload(db: Database, image_ids: Collection[int]) -> None:
    """Look again at rows that have no original when no upload of them can arrive any more. Primary key."""
    db.execute(
        "UPDATE image FORCE INDEX (PRIMARY) SET deadline = uploads_until "
        f"WHERE id IN ({placeholders(image_ids)}) AND {AWAIT_UPLOAD.condition}",
        tuple(sorted(image_ids)),
    )

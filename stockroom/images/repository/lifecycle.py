"""The statements that move a row of `image` from state to state; each is built from its transition.

Every moment in these statements is the database's: rows are compared by the clock that wrote them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Metadata
from stockroom.images.repository.metadata import METADATA_COLUMNS, metadata_columns
from stockroom.images.repository.upload_time import LATEST_DEADLINE, upload_time
from stockroom.images.states import (
    ADD_FORMATS,
    AWAIT_UPLOAD,
    BEGIN_ATTEMPT,
    CANCEL,
    DISMISS,
    END_LINKS,
    FAIL,
    FINISH_FORMATS,
    FORGET,
    HIDE,
    LEASE,
    LOSE,
    PUBLISH,
    PUBLISH_HIDDEN,
    PURGE,
    RECORD_TERMS,
    REDRIVE,
    REFUND_ATTEMPT,
    REMOVE,
    REQUEST_RENDITIONS,
    REQUEST_SETTLING,
    RETRY,
    SHOW,
    FailureCode,
    State,
)
from stockroom.renditions import Rendered
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.runtime.database import Database, placeholders
from stockroom.runtime.timestamps import column

MAX_DETAIL = 500
"""Characters of the column `failure_detail`."""
FORMATS_SECONDS = 300
"""After this time the reaper redrives a picture whose further formats are not finished."""
SETTLE_SECONDS = 300
"""After this time the reaper deletes the renditions of a picture that was hidden, if nobody has done it."""
MIN_BACKOFF_SECONDS = 300
MAX_BACKOFF_SECONDS = 86_400
"""A redriven row is looked at again after as long as it is old, within these limits, so the time doubles."""

_FORGET_LATER = "deadline = IF(width IS NULL, UTC_TIMESTAMP(3) + INTERVAL %s DAY, NULL)"
"""A failure is forgotten after so many days, and never where there was a picture before."""
_UPLOADS_UNTIL = f"uploads_until = UTC_TIMESTAMP(3) + {upload_time('size')}"
"""An upload whose ticket was issued just now may arrive until then."""


class Described(NamedTuple):
    """What a picture's metadata are once its file has been read.

    `filled` names the fields of the metadata that come from the file, `embedded` is all that the file says.
    """

    metadata: Metadata
    filled: tuple[str, ...]
    embedded: Embedded


class LeasedRow(NamedTuple):
    """An overdue row that one reaper works on until `leased_until`.

    `may_arrive`: an upload of it may still be under way. `attempts`: how many have begun at its original.
    """

    image_id: int
    link_key: str
    may_arrive: bool
    attempts: int
    leased_until: datetime


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
    described: Described,
    *,
    revision: int,
    version: int,
    link_key: str,
    has_further_formats: bool,
) -> bool:
    """Pending becomes ready, with the facts of the picture; False when nothing changed. Primary key.

    Nothing changes when the row is not pending, when its metadata is newer than `revision`, when its links
    are others than those of `link_key`, or when its dates do not allow it to be seen. The row takes over the
    original's true media type, whatever its contributor declared, and what the file says. While further
    formats are to come, the row has a deadline, at which the reaper sees to them.
    """
    deadline = f"UTC_TIMESTAMP(3) + INTERVAL {FORMATS_SECONDS} SECOND" if has_further_formats else "NULL"
    return bool(
        cursor.execute(
            f"UPDATE image SET {PUBLISH.assignment}, deadline = {deadline}, attempts = 0, version = %s, "
            f"{_FACTS} WHERE id = %s AND {PUBLISH.condition}",
            (version, *_facts(rendered, described), image_id, revision, link_key),
        )
    )


def publish_hidden(
    cursor: Cursor, image_id: int, rendered: Rendered, described: Described, *, revision: int
) -> bool:
    """Pending becomes hidden, with the facts of the picture; False when nothing changed. Primary key.

    Nothing changes when the row is not pending, when its metadata is newer than `revision`, or when its dates
    allow it to be seen. Renditions may have been written before the dates were what they are: the
    picture is still to be settled.
    """
    return bool(
        cursor.execute(
            f"UPDATE image SET {PUBLISH_HIDDEN.assignment}, {_UNSETTLED}, {_FACTS} "
            f"WHERE id = %s AND {PUBLISH_HIDDEN.condition}",
            (*_facts(rendered, described), image_id, revision),
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


def _facts(rendered: Rendered, described: Described) -> tuple[object, ...]:
    """The columns of _FACTS. The metadata are those of the row, apart from what was filled."""
    return (
        rendered.width,
        rendered.height,
        rendered.color,
        rendered.thumbhash,
        rendered.phash,
        rendered.pixel_hash,
        None if rendered.capture_time is None else column(rendered.capture_time),
        rendered.media_type,
        described.embedded.camera,
        described.embedded.lens,
        msgspec.json.encode(described.embedded).decode(),
        ",".join(described.filled),
        *metadata_columns(described.metadata),
    )


def find_expired(db: Database, limit: int) -> list[int]:
    """Up to `limit` ready pictures that have expired, those that expired first. Index expiring."""
    rows = db.query(
        "SELECT id FROM image WHERE state = 'ready' AND expires <= UTC_TIMESTAMP(3) "
        "ORDER BY expires LIMIT %s",
        (limit,),
    )
    return [image_id for (image_id,) in rows]


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
            "UPDATE image SET link_key = %s, deadline = IF(embargo > UTC_TIMESTAMP(3), embargo, NULL) "
            f"WHERE id = %s AND {END_LINKS.condition}",
            (ids.draw_link_key(), image_id, link_key),
        )
    )


def show(cursor: Cursor, image_id: int, link_key: str) -> bool:
    """A hidden picture whose dates allow it to be seen becomes pending, overdue at once; False otherwise.

    Its renditions are deleted, and it gets other links. It waits like an upload that has just arrived; one
    attempt counts as begun, so that the loss of its original is a failure that people see. Primary key.
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


def finish_formats(
    db: Database, image_id: int, formats: Sequence[str], *, version: int, link_key: str
) -> bool:
    """A ready picture has these further formats, and no others are to come. Primary key.

    The reaper need not look at the picture any more. False when the picture has not this version and these
    links, or was finished before.
    """
    return bool(
        db.execute(
            "UPDATE image SET formats = %s, deadline = NULL, attempts = 0 "
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
            f"failure_detail = %s, {_FORGET_LATER} WHERE id = %s AND {FAIL.condition}",
            (code, detail[:MAX_DETAIL], days, image_id),
        )
    )


def lose(db: Database, image_id: int, lease: datetime, detail: str, *, days: int) -> bool:
    """A leased pending row whose original is lost becomes failed. Primary key.

    False when the lease was lost, or when a new ticket was issued.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {LOSE.assignment}, failed_sha256 = sha256, sha256 = NULL, "
            f"failure_code = 'processing-failed', failure_detail = %s, {_FORGET_LATER} "
            f"WHERE id = %s AND {LOSE.condition}",
            (detail[:MAX_DETAIL], days, image_id, lease),
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


def cancel(db: Database, image_id: int, *, upload_seconds: int) -> bool:
    """Pending becomes deleting, overdue at once; False when the row was not pending, or was a picture before.

    `upload_seconds` is how long an upload of an empty file may take, from its ticket on. Primary key.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {CANCEL.assignment}, sha256 = NULL, deadline = UTC_TIMESTAMP(3), "
            f"{_UPLOADS_UNTIL} WHERE id = %s AND {CANCEL.condition}",
            (upload_seconds, image_id),
        )
    )


def dismiss(db: Database, image_id: int, *, upload_seconds: int) -> bool:
    """Failed becomes deleting, as above; False when the row was not failed. Primary key."""
    return bool(
        db.execute(
            f"UPDATE image SET {DISMISS.assignment}, sha256 = NULL, deadline = UTC_TIMESTAMP(3), "
            f"{_UPLOADS_UNTIL} WHERE id = %s AND {DISMISS.condition}",
            (upload_seconds, image_id),
        )
    )


def await_upload(db: Database, image_id: int) -> None:
    """Look again at a row that has no original when no upload of it can arrive any more. Primary key."""
    db.execute(
        f"UPDATE image SET deadline = uploads_until WHERE id = %s AND {AWAIT_UPLOAD.condition}",
        (image_id,),
    )


def lease_overdue(cursor: Cursor, state: State, seconds: int, limit: int) -> list[LeasedRow]:
    """Up to `limit` overdue rows in one state, leased for `seconds`: their new deadline is the lease's end.

    No other reaper takes a leased row, and after a crash the row is overdue again when the lease has run out.
    Index due, `limit` entries; SKIP LOCKED lets reapers run side by side without waiting for each other.
    """
    cursor.execute(
        f"SELECT id, link_key, {_may_arrive(state)}, attempts, "
        f"UTC_TIMESTAMP(3) + INTERVAL %s SECOND FROM image WHERE {LEASE.condition_in(state)} "
        "ORDER BY deadline LIMIT %s FOR UPDATE SKIP LOCKED",
        (seconds, limit),
    )
    rows = [LeasedRow(*row) for row in cursor.fetchall()]
    if rows:
        # The rows are locked, so their state is still the one just read.
        cursor.execute(
            f"UPDATE image SET deadline = %s WHERE id IN ({placeholders(rows)})",
            (rows[0].leased_until, *sorted(row.image_id for row in rows)),
        )
    return rows


def _may_arrive(state: State) -> str:
    """Whether an upload of an overdue row may still arrive, as SQL."""
    may_arrive = "COALESCE(uploads_until > UTC_TIMESTAMP(3), 0)"
    # The deadline of a pending row is the end of its uploads, until the row comes to its latest deadline.
    return f"{may_arrive} AND {LATEST_DEADLINE} <= UTC_TIMESTAMP(3)" if state == "pending" else may_arrive


def measure_oldest_pending(db: Database) -> int:
    """For how many seconds no upload has been able to reach the pending row that has waited longest.

    0 without such a row. Its original has landed and is not processed yet, or no reaper has purged it. Index
    due, one row for each pending upload.
    """
    ((seconds,),) = db.query(
        "SELECT COALESCE(TIMESTAMPDIFF(SECOND, MIN(uploads_until), UTC_TIMESTAMP(3)), 0) FROM image "
        "WHERE state = 'pending' AND uploads_until < UTC_TIMESTAMP(3)"
    )
    return int(seconds)


def postpone(db: Database, image_id: int, lease: datetime) -> bool:
    """Give a redriven row time, as much as it is old; False when the lease was lost. Primary key."""
    age = "UNIX_TIMESTAMP(UTC_TIMESTAMP()) - CAST((id >> 20) DIV 1000 AS SIGNED)"
    backoff = f"LEAST(GREATEST({age}, {MIN_BACKOFF_SECONDS}), {MAX_BACKOFF_SECONDS})"
    return bool(
        db.execute(
            f"UPDATE image SET deadline = UTC_TIMESTAMP(3) + INTERVAL {backoff} SECOND "
            f"WHERE id = %s AND {REDRIVE.condition}",
            (image_id, lease),
        )
    )


def purge(db: Database, image_id: int, lease: datetime, *, upload_seconds: int) -> bool:
    """A leased pending row without an original becomes deleting; False when the lease was lost. Primary key.

    The row stays once more as long as an upload may take, for one that is slower than was expected.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {PURGE.assignment}, sha256 = NULL, {_UPLOADS_UNTIL}, deadline = uploads_until "
            f"WHERE id = %s AND {PURGE.condition}",
            (upload_seconds, image_id, lease),
        )
    )


def forget(db: Database, image_id: int, lease: datetime) -> bool:
    """A leased failed row becomes deleting, overdue at once; False when the lease was lost. Primary key."""
    return bool(
        db.execute(
            f"UPDATE image SET {FORGET.assignment}, deadline = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND "
            f"WHERE id = %s AND {FORGET.condition}",
            (image_id, lease),
        )
    )


def delete_row(cursor: Cursor, image_id: int, lease: datetime) -> bool:
    """Delete a leased row that is deleting, once its objects are gone. Primary key."""
    return bool(cursor.execute(f"DELETE FROM image WHERE id = %s AND {REMOVE.condition}", (image_id, lease)))

"""The statements that move a row of `image` from state to state; each is built from its transition."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.states import (
    ADD_FORMATS,
    CANCEL,
    FAIL,
    FINISH_CANCELLING,
    LEASE,
    PUBLISH,
    PURGE,
    RECORD_TERMS,
    REDRIVE,
    REMOVE,
    FailureCode,
    State,
)
from stockroom.renditions import Rendered
from stockroom.runtime.database import Database, placeholders
from stockroom.runtime.timestamps import column

MAX_DETAIL = 500
"""Characters of the column `failure_detail`."""


class LeasedRow(NamedTuple):
    """An overdue row that one reaper works on. `attempts` is how often its original was redriven."""

    image_id: int
    media_type: str
    attempts: int


def publish(cursor: Cursor, image_id: int, rendered: Rendered, *, version: int) -> bool:
    """Pending becomes ready, with the facts of the picture; False when the row was not pending. Primary key.

    The row takes over the original's true media type, whatever its contributor declared.
    """
    return bool(
        cursor.execute(
            f"UPDATE image SET {PUBLISH.assignment}, deadline = NULL, version = %s, width = %s, height = %s, "
            "color = %s, thumbhash = %s, phash = %s, taken = %s, type = %s "
            f"WHERE id = %s AND {PUBLISH.condition}",
            (
                version,
                rendered.width,
                rendered.height,
                rendered.color,
                rendered.thumbhash,
                rendered.phash,
                None if rendered.capture_time is None else column(rendered.capture_time),
                rendered.media_type,
                image_id,
            ),
        )
    )


def set_formats(db: Database, image_id: int, formats: tuple[str, ...], *, version: int) -> bool:
    """Record the further formats of a ready picture's renditions; False when nothing changed. Primary key."""
    return bool(
        db.execute(
            f"UPDATE image SET formats = %s WHERE id = %s AND {ADD_FORMATS.condition}",
            (",".join(formats), image_id, version),
        )
    )


def record_terms(cursor: Cursor, image_id: int, term_ids: Iterable[int]) -> None:
    """Record in a ready picture's row under which terms the picture is indexed. Primary key."""
    cursor.execute(
        f"UPDATE image SET indexed_terms = %s WHERE id = %s AND {RECORD_TERMS.condition}",
        (",".join(map(str, sorted(term_ids))), image_id),
    )


def fail(db: Database, image_id: int, code: FailureCode, detail: str, *, forget_at: datetime) -> bool:
    """Pending becomes failed, with a reason; False when the row was not pending. Primary key.

    The row gives up its content hash, so the contributor can post the same file again. The reaper forgets the
    row after `forget_at`.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {FAIL.assignment}, sha256 = NULL, failure_code = %s, failure_detail = %s, "
            f"deadline = %s WHERE id = %s AND {FAIL.condition}",
            (code, detail[:MAX_DETAIL], column(forget_at), image_id),
        )
    )


def mark_deleting(db: Database, image_id: int) -> bool:
    """Pending or failed becomes deleting, overdue at once; False when the row was neither. Primary key."""
    return bool(
        db.execute(
            f"UPDATE image SET {CANCEL.assignment}, sha256 = NULL, deadline = UTC_TIMESTAMP(3) "
            f"WHERE id = %s AND {CANCEL.condition}",
            (image_id,),
        )
    )


def delete_marked(db: Database, image_id: int) -> None:
    """Delete a row that is deleting, once its objects are gone. Primary key."""
    db.execute(f"DELETE FROM image WHERE id = %s AND {FINISH_CANCELLING.condition}", (image_id,))


def lease_overdue(cursor: Cursor, state: State, lease: datetime, limit: int) -> list[LeasedRow]:
    """Up to `limit` overdue rows in one state, whose new deadline is `lease`.

    No other reaper takes a leased row, and after a crash the row is overdue again when the lease has run out.
    Index due, `limit` entries; SKIP LOCKED lets reapers run side by side without waiting for each other.
    """
    cursor.execute(
        f"SELECT id, type, attempts FROM image WHERE {LEASE.condition_in(state)} "
        "ORDER BY deadline LIMIT %s FOR UPDATE SKIP LOCKED",
        (limit,),
    )
    rows = [LeasedRow(*row) for row in cursor.fetchall()]
    if rows:
        # The rows are locked, so their state is still the one just read.
        cursor.execute(
            f"UPDATE image SET deadline = %s WHERE id IN ({placeholders(rows)})",
            (column(lease), *sorted(row.image_id for row in rows)),
        )
    return rows


def count_attempt(db: Database, image_id: int, lease: datetime, *, next_deadline: datetime) -> bool:
    """Count one redriving of a leased pending row; False when the lease was lost. Primary key."""
    return bool(
        db.execute(
            f"UPDATE image SET attempts = attempts + 1, deadline = %s WHERE id = %s AND {REDRIVE.condition}",
            (column(next_deadline), image_id, column(lease)),
        )
    )


def delete_pending(db: Database, image_id: int, lease: datetime) -> bool:
    """Delete a leased pending row; False when its ticket was renewed meanwhile. Primary key."""
    return bool(
        db.execute(f"DELETE FROM image WHERE id = %s AND {PURGE.condition}", (image_id, column(lease)))
    )


def delete_leased(db: Database, image_id: int, lease: datetime) -> None:
    """Delete a leased row that is deleting or failed, once its objects are gone. Primary key."""
    db.execute(f"DELETE FROM image WHERE id = %s AND {REMOVE.condition}", (image_id, column(lease)))

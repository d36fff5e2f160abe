"""Overdue rows of `image`: how a reaper leases them, and what it may do to a row while its lease stands.

A lease is the deadline that the reaper has set. Every statement compares it with the row's deadline, so a
reaper that was too slow changes nothing. Every moment is the database's.
"""

from datetime import datetime
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.repository.lifecycle import FORGET_LATER, MAX_DETAIL, UPLOADS_UNTIL
from stockroom.images.repository.upload_time import LATEST_DEADLINE
from stockroom.images.states import BACK_OFF, FORGET, LEASE, LOSE, PURGE, RECOVER, REDRIVE, REMOVE, State
from stockroom.runtime.database import Database, placeholders

MIN_BACKOFF_SECONDS = 300
MAX_BACKOFF_SECONDS = 86_400
"""A redriven row is looked at again after as long as it is old, within these limits, so the time doubles. It
doubles with each failure of the reaper at a row, too."""
_MAX_DOUBLINGS = 10
"""With so many the time is longer than MAX_BACKOFF_SECONDS."""


class LeasedRow(NamedTuple):
    """An overdue row that one reaper works on until `leased_until`.

    `may_arrive`: an upload of it may still be under way. `attempts`: how many have begun at its original.
    `failures`: how often reapers have failed at it since one has not.
    """

    image_id: int
    link_key: str
    may_arrive: bool
    attempts: int
    failures: int
    leased_until: datetime


def lease_overdue(cursor: Cursor, state: State, seconds: int, limit: int) -> list[LeasedRow]:
    """Up to `limit` overdue rows in one state, leased for `seconds`: their new deadline is the lease's end.

    No other reaper takes a leased row, and after a crash the row is overdue again when the lease has run out.
    Index due, `limit` entries; SKIP LOCKED lets reapers run side by side without waiting for each other.
    """
    cursor.execute(
        f"SELECT id, link_key, {_may_arrive(state)}, attempts, failures, "
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


def back_off(db: Database, image_id: int, lease: datetime) -> bool:
    """Put off a row at which the reaper has failed, each time for longer; False when the lease was lost.

    A row at which it always fails would otherwise keep a database awake that pauses. The end of an embargo is
    a new reason to look, so no picture is put off beyond it. Primary key. Servers assign from left to right:
    the deadline goes by the failures of before.
    """
    seconds = f"LEAST({MIN_BACKOFF_SECONDS} << LEAST(failures, {_MAX_DOUBLINGS}), {MAX_BACKOFF_SECONDS})"
    later = f"UTC_TIMESTAMP(3) + INTERVAL {seconds} SECOND"
    embargo = f"IF(embargo > UTC_TIMESTAMP(3), embargo, {later})"
    return bool(
        db.execute(
            f"UPDATE image SET deadline = LEAST({later}, {embargo}), "
            f"failures = LEAST(failures + 1, 255) WHERE id = %s AND {BACK_OFF.condition}",
            (image_id, lease),
        )
    )


def recover(db: Database, image_id: int) -> bool:
    """Forget that the reaper has failed at a row, now that it has not; False without a row. Primary key."""
    return bool(
        db.execute(f"UPDATE image SET failures = 0 WHERE id = %s AND {RECOVER.condition}", (image_id,))
    )


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
            f"UPDATE image SET {PURGE.assignment}, sha256 = NULL, {UPLOADS_UNTIL}, deadline = uploads_until "
            f"WHERE id = %s AND {PURGE.condition}",
            (upload_seconds, image_id, lease),
        )
    )


def lose(db: Database, image_id: int, lease: datetime, detail: str, *, days: int) -> bool:
    """A leased pending row whose original is lost becomes failed. Primary key.

    False when the lease was lost, or when a new ticket was issued.
    """
    return bool(
        db.execute(
            f"UPDATE image SET {LOSE.assignment}, failed_sha256 = sha256, sha256 = NULL, "
            f"failure_code = 'processing-failed', failure_detail = %s, {FORGET_LATER} "
            f"WHERE id = %s AND {LOSE.condition}",
            (detail[:MAX_DETAIL], days, image_id, lease),
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

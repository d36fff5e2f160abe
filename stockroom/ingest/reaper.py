"""The reaper: nothing is left behind by an upload that never lands, and nothing that landed is lost.

For every row past its deadline storage is asked. What landed is announced again, by copying the object onto
itself; what did not is purged; deletions that were cut short are finished; old failures are forgotten.
"""

import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from pymysql.cursors import Cursor

from stockroom.images.storage import Storage
from stockroom.ingest.failure import fail
from stockroom.resources import Resources
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.runtime.observability import logger
from stockroom.runtime.timestamps import column, now

CHUNK = 100
MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=5)
BACKOFF = timedelta(minutes=5)
"""Until a re-driven upload is looked at again; doubled each time."""


@dataclass
class Report:
    """What one run did, in rows."""

    purged: int = 0
    redriven: int = 0
    failed: int = 0
    deleted: int = 0
    skipped: int = 0
    finished: bool = True

    def asdict(self) -> dict[str, int | bool]:
        """As JSON shows it."""
        return asdict(self)


def run(at: Resources, *, seconds: float) -> Report:
    """Work through all that is due, for at most about `seconds`; what is left is due next time too."""
    report = Report()
    ends = time.monotonic() + seconds
    for state, handle in (("pending", _overdue), ("deleting", _removed), ("failed", _removed)):
        while True:
            lease = column(now() + LEASE)
            rows = _picked(at.db, state, lease)
            for row in rows:
                try:
                    handle(at.db, at.storage, row, lease, report)
                except Exception:  # noqa: BLE001  one row's trouble must not keep the others
                    logger.exception("row skipped", extra={"image_id": row[0]})
                    report.skipped += 1
                if time.monotonic() > ends:
                    # The rest of the chunk is leased, and due again when the lease has run out.
                    report.finished = False
                    return report
            if len(rows) < CHUNK:
                break
    return report


def _picked(db: Database, state: str, lease: datetime) -> tuple[Row, ...]:
    return db.transact(lambda cursor: _pick(cursor, state, lease))


def _pick(cursor: Cursor, state: str, lease: datetime) -> tuple[Row, ...]:
    """Up to CHUNK overdue rows, leased: no other reaper takes them, and a crashed one's come back.

    Index due, CHUNK entries; SKIP LOCKED so that reapers never wait for each other.
    """
    cursor.execute(
        "SELECT id, type, attempts FROM image WHERE state = %s AND deadline < UTC_TIMESTAMP(3) "
        "ORDER BY deadline LIMIT %s FOR UPDATE SKIP LOCKED",
        (state, CHUNK),
    )
    rows = tuple(cursor.fetchall())
    if rows:
        cursor.execute(
            f"UPDATE image SET deadline = %s WHERE id IN ({placeholders(rows)})",
            (lease, *sorted(row[0] for row in rows)),
        )
    return rows


def _overdue(db: Database, storage: Storage, row: Row, lease: datetime, report: Report) -> None:
    number, media_type, attempts = row
    stored = storage.head_original(number)
    if stored is None:
        report.purged += _purge(db, number, lease)
    elif attempts >= MAX_ATTEMPTS:
        detail = "The picture could not be processed, several times over. Export it again and upload that."
        if fail(db, number, "processing-failed", detail):
            storage.delete_original(number)
            report.failed += 1
    elif _advance(db, number, lease, attempts):
        # Counted before it is announced, so a picture that kills its worker cannot do so for ever.
        storage.touch_original(number, etag=stored.etag, media_type=media_type)
        report.redriven += 1


def _purge(db: Database, number: int, lease: datetime) -> int:
    """Delete a row whose object never came, unless its ticket was renewed meanwhile. Primary key."""
    return db.execute(
        "DELETE FROM image WHERE id = %s AND state = 'pending' AND deadline = %s", (number, lease)
    )


def _advance(db: Database, number: int, lease: datetime, attempts: int) -> bool:
    due = column(now() + BACKOFF * 2**attempts)
    return bool(
        db.execute(
            "UPDATE image SET attempts = attempts + 1, deadline = %s "
            "WHERE id = %s AND state = 'pending' AND deadline = %s",
            (due, number, lease),
        )
    )


def _removed(db: Database, storage: Storage, row: Row, lease: datetime, report: Report) -> None:
    """Objects first, then the row: a crash in between leaves the row, and so another try."""
    number = row[0]
    storage.delete_original(number)
    storage.delete_renditions(number)
    db.execute(
        "DELETE FROM image WHERE id = %s AND state IN ('deleting', 'failed') AND deadline = %s",
        (number, lease),
    )
    report.deleted += 1

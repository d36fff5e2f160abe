"""The reaper: no upload that never arrives leaves anything behind, and no original that has arrived is lost.

For every row past its deadline S3 is asked. An original that is there is redriven: copied onto itself, so
that S3 sends its event again. A row without an original is deleted, deletions that were cut short are
finished, and old failures are forgotten.
"""

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from stockroom.images.repository import lifecycle
from stockroom.images.repository.lifecycle import LeasedRow
from stockroom.images.states import State
from stockroom.images.storage import Storage
from stockroom.ingest.failure import fail_upload
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger
from stockroom.runtime.timestamps import now

CHUNK = 100
"""Rows that one statement leases."""
MAX_ATTEMPTS = 6
"""How often an original is redriven before its upload fails."""
LEASE = timedelta(minutes=5)
"""How long leased rows are this reaper's; after that they are overdue again."""
BACKOFF = timedelta(minutes=5)
"""The deadline after the first redriving; it doubles each time: BACKOFF · 2^attempts."""


@dataclass
class Report:
    """What one run did, in rows. `finished`: the run reached its end before its time was up."""

    purged: int = 0
    redriven: int = 0
    failed: int = 0
    deleted: int = 0
    skipped: int = 0
    finished: bool = True

    def asdict(self) -> dict[str, int | bool]:
        """The report as JSON shows it."""
        return asdict(self)


def reap(db: Database, storage: Storage, *, seconds: float) -> Report:
    """Work through all overdue rows, for at most about `seconds`; the rest is overdue next time too."""
    return _Run(db, storage, time.monotonic() + seconds).reap()


@dataclass
class _Run:
    """One run of the reaper, which ends at `ends_at` on the monotonic clock."""

    db: Database
    storage: Storage
    ends_at: float
    report: Report = field(default_factory=Report)

    def reap(self) -> Report:
        states: tuple[State, ...] = ("pending", "deleting", "failed")
        self.report.finished = all(self._reap_state(state) for state in states)
        return self.report

    def _reap_state(self, state: State) -> bool:
        """Work through the overdue rows of one state; False when the time is up before that."""
        handle = self._purge_or_redrive if state == "pending" else self._remove
        while True:
            lease = now() + LEASE
            rows = self._lease(state, lease)
            for row in rows:
                try:
                    handle(row, lease)
                except Exception:  # noqa: BLE001  a row that cannot be handled must not stop the others
                    logger.exception("row skipped", extra={"image_id": row.image_id})
                    self.report.skipped += 1
                if time.monotonic() > self.ends_at:
                    return False
            if len(rows) < CHUNK:
                return True

    def _lease(self, state: State, lease: datetime) -> list[LeasedRow]:
        return self.db.run_transaction(lambda cursor: lifecycle.lease_overdue(cursor, state, lease, CHUNK))

    def _purge_or_redrive(self, row: LeasedRow, lease: datetime) -> None:
        stored = self.storage.head_original(row.image_id)
        if stored is None:
            self.report.purged += lifecycle.delete_pending(self.db, row.image_id, lease)
        elif row.attempts >= MAX_ATTEMPTS:
            detail = (
                "The picture could not be processed, several times over. Export it again and upload that."
            )
            self.report.failed += fail_upload(
                self.db, self.storage, row.image_id, "processing-failed", detail
            )
        else:
            # The attempt is counted before S3 announces the original, so that an original that kills each
            # process that renders it has a limit too.
            next_deadline = now() + BACKOFF * 2**row.attempts
            if lifecycle.count_attempt(self.db, row.image_id, lease, next_deadline=next_deadline):
                self.storage.touch_original(row.image_id, etag=stored.etag, media_type=row.media_type)
                self.report.redriven += 1

    def _remove(self, row: LeasedRow, lease: datetime) -> None:
        """Delete the objects, then the row: after a crash in between, the row is there for another try."""
        self.storage.delete_original(row.image_id)
        self.storage.delete_renditions(row.image_id)
        lifecycle.delete_leased(self.db, row.image_id, lease)
        self.report.deleted += 1

"""The reaper: no upload that never arrives leaves anything behind, and no original that has arrived is lost.

For every pending row past its deadline S3 is asked. An original that is there is redriven: copied onto
itself, so that S3 sends its event again. A row without an original goes, deletions that were cut short are
finished, and old failures are forgotten. Pictures that were deleted go when they can no longer be restored.
Pictures that have expired are hidden, and those whose embargo has ended are published. Renditions that were
written late, under links that had been ended, are deleted. The originals of ready pictures that lack
renditions are redriven, too.
"""

import time
from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.images import change_log, visibility
from stockroom.images.log_context import about
from stockroom.images.repository import deletion, due_times, ended_links, leases, lifecycle
from stockroom.images.repository.leases import LeasedRow
from stockroom.images.repository.pictures import find_row
from stockroom.images.states import State
from stockroom.images.storage import Storage, StoredObject
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger
from stockroom.search.index.posting_writer import delete_postings

ROWS_PER_LEASE = 100
"""Rows that one statement leases."""
LEASE_SECONDS = 300
"""How long leased rows are this reaper's; after that they are overdue again."""

PENDING_METRIC = "OldestPending"
"""For how many seconds the oldest pending upload has waited since none of it can arrive any more."""

LATENESS_METRIC = "Lateness"
"""For how many seconds what people wait for has been due, at the beginning of a run."""
STUCK_FAILURES = 4
"""After so many failures at a row, one after the other, somebody has to look: a fault of half an hour ends by
itself."""

LOST = "The file had arrived and is no longer in storage. Upload it again."


class Report(Struct):
    """What one run did, in rows. `finished`: the run reached its end before its time was up.

    `purged`: uploads that never arrived. `lost`: uploads that failed because storage has lost their original.
    `redriven`: originals that are announced again. `forgotten`: failures of long ago. `deleted`: deletions
    that came to their end. `hidden`: pictures that have expired. `shown`: hidden pictures whose time has
    come, which are published as uploads are. `skipped`: rows that could not be handled, and pictures whose
    original storage has lost. `stuck`: those of the skipped rows at which every run has failed for long.
    """

    purged: int = 0
    lost: int = 0
    redriven: int = 0
    forgotten: int = 0
    deleted: int = 0
    hidden: int = 0
    shown: int = 0
    skipped: int = 0
    stuck: int = 0
    finished: bool = True

    def asdict(self) -> dict[str, int | bool]:
        """The report as JSON shows it."""
        return msgspec.structs.asdict(self)


def reap(db: Database, storage: Storage, *, upload_seconds: int, failed_days: int, seconds: float) -> Report:
    """Work through all overdue rows, for at most about `seconds`; the rest is overdue next time too.

    `upload_seconds` is how long the upload of an empty file may take, from its ticket on; `failed_days` is
    how long the row of a failure stays.
    """
    return _Run(db, storage, upload_seconds, failed_days, time.monotonic() + seconds).reap()


class _Run(Struct):
    """One run of the reaper, which ends at `ends_at` on the monotonic clock."""

    db: Database
    storage: Storage
    upload_seconds: int
    failed_days: int
    ends_at: float
    report: Report = msgspec.field(default_factory=Report)

    def reap(self) -> Report:
        # What a paused database takes to resume is taken from all states alike.
        self.db.connect()
        # Hidden rows that may be seen are announced by the same run, as they are pending. Rows that are
        # forgotten or given up are deleted by the same run.
        handlers: dict[State, Callable[[LeasedRow], None]] = {
            "hidden": self._settle,
            "pending": self._purge_or_redrive,
            "ready": self._redrive_ready,
            "failed": self._forget,
            "deleted": self._give_up,
            "deleting": self._delete,
        }
        steps: list[Callable[[float], bool]] = [
            self._hide_expired,
            self._delete_late_renditions,
            *(partial(self._reap_state, state, handle) for state, handle in handlers.items()),
        ]
        self.report.finished = True
        for left, step in zip(range(len(steps), 0, -1), steps, strict=True):
            # Each state gets a share of what is left of the time, so that a backlog in one starves no other.
            now = time.monotonic()
            self.report.finished &= step(now + (self.ends_at - now) / left)
        return self.report

    def _hide_expired(self, ends_at: float) -> bool:
        """Hide the pictures that have expired; False when the time is up before that."""
        while True:
            image_ids = due_times.find_expired(self.db, ROWS_PER_LEASE)
            hidden = self.report.hidden
            for image_id in image_ids:
                with about(image_id):
                    try:
                        self._hide(image_id)
                    except Exception:  # noqa: BLE001  a picture that cannot be hidden must not stop the others
                        logger.exception("row skipped")
                        self.report.skipped += 1
                if time.monotonic() > ends_at:
                    return False
            # Those that cannot be hidden would come again and again.
            if len(image_ids) < ROWS_PER_LEASE or hidden == self.report.hidden:
                return True

    def _hide(self, image_id: int) -> None:
        hidden = self.db.run_transaction(
            lambda cursor: visibility.hide_pictures(
                cursor, [image_id], actor=change_log.LIBRARY, remove_postings=delete_postings
            )
        )
        for link_key in hidden.values():
            logger.info("hidden")
            self.report.hidden += 1
            visibility.settle(self.db, self.storage, image_id, link_key, actor=change_log.LIBRARY)

    def _delete_late_renditions(self, ends_at: float) -> bool:
        """Delete what was written under links that had been ended; False when the time is up before that."""
        while True:
            ended = ended_links.find_due(self.db, ROWS_PER_LEASE)
            skipped = self.report.skipped
            for each in ended:
                with about(each.image_id):
                    try:
                        self.storage.delete_renditions(each.image_id, each.link_key)
                        ended_links.forget(self.db, each)
                    except Exception:  # noqa: BLE001  links that cannot be seen to must not stop the others
                        logger.exception("row skipped")
                        self.report.skipped += 1
                if time.monotonic() > ends_at:
                    return False
            # Those that cannot be deleted would come again and again.
            if len(ended) < ROWS_PER_LEASE or skipped != self.report.skipped:
                return True

    def _settle(self, row: LeasedRow) -> None:
        """End the links of a picture that was hidden, and see whether it may be seen again."""
        self.report.shown += visibility.settle(
            self.db, self.storage, row.image_id, row.link_key, actor=change_log.LIBRARY
        )

    def _reap_state(self, state: State, handle: Callable[[LeasedRow], None], ends_at: float) -> bool:
        """Work through the overdue rows of one state; False when the time is up before that."""
        while True:
            rows = self._lease(state)
            for row in rows:
                with about(row.image_id):
                    try:
                        handle(row)
                        if row.failures:
                            leases.recover(self.db, row.image_id)
                    except Exception:  # noqa: BLE001  a row that cannot be handled must not stop the others
                        logger.exception("row skipped")
                        self._back_off(row)
                if time.monotonic() > ends_at:
                    return False
            if len(rows) < ROWS_PER_LEASE:
                return True

    def _back_off(self, row: LeasedRow) -> None:
        self.report.skipped += 1
        self.report.stuck += row.failures + 1 >= STUCK_FAILURES
        try:
            leases.back_off(self.db, row.image_id, row.leased_until)
        except Exception:  # noqa: BLE001  the row is overdue again at the end of its lease
            logger.exception("row not put off")

    def _lease(self, state: State) -> list[LeasedRow]:
        return self.db.run_transaction(
            lambda cursor: leases.lease_overdue(cursor, state, LEASE_SECONDS, ROWS_PER_LEASE)
        )

    def _purge_or_redrive(self, row: LeasedRow) -> None:
        stored = self.storage.head_original(row.image_id)
        if stored is not None:
            self._redrive(row, stored)
        elif row.may_arrive:
            lifecycle.await_upload(self.db, [row.image_id])
        elif row.attempts:
            logger.error("the original of an upload is lost")
            self.report.lost += leases.lose(
                self.db, row.image_id, row.leased_until, LOST, days=self.failed_days
            )
        elif leases.purge(self.db, row.image_id, row.leased_until, upload_seconds=self.upload_seconds):
            logger.info("purged")
            self.report.purged += 1

    def _redrive_ready(self, row: LeasedRow) -> None:
        stored = self.storage.head_original(row.image_id)
        if stored is None:
            logger.error("the original of a picture is missing")
            self.report.skipped += 1
            # Nothing can be rendered any more. The audit goes on reporting the picture.
            picture = find_row(self.db, row.image_id)
            if picture is not None:
                lifecycle.finish_formats(
                    self.db,
                    row.image_id,
                    picture.formats,
                    version=picture.version,
                    link_key=picture.link_key,
                )
        else:
            self._redrive(row, stored)

    def _redrive(self, row: LeasedRow, stored: StoredObject) -> None:
        """Announce an original again.

        An announcement that fails costs nothing: its row is overdue again soon.
        """
        self.storage.touch_original(row.image_id, stored)
        leases.postpone(self.db, row.image_id, row.leased_until)
        logger.info("redriven")
        self.report.redriven += 1

    def _forget(self, row: LeasedRow) -> None:
        if leases.forget(self.db, row.image_id, row.leased_until):
            logger.info("forgotten")
            self.report.forgotten += 1

    def _give_up(self, row: LeasedRow) -> None:
        if deletion.give_up(self.db, row.image_id, row.leased_until):
            logger.info("given up")

    def _delete(self, row: LeasedRow) -> None:
        """Delete the objects, then the row: after a crash in between, the row is there for another try.

        A row whose upload may still arrive stays, and is looked at again when none can.
        """
        self.storage.delete_copy(row.image_id)
        self.storage.delete_original(row.image_id)
        self.storage.delete_renditions(row.image_id, row.link_key)
        if row.may_arrive:
            lifecycle.await_upload(self.db, [row.image_id])
        elif self.db.run_transaction(partial(_remove, row)):
            logger.info("deleted")
            self.report.deleted += 1


def _remove(row: LeasedRow, cursor: Cursor) -> bool:
    """Delete a row; whether it was there. The log says that a picture has gone."""
    is_removed = leases.delete_row(cursor, row.image_id, row.leased_until)
    if is_removed:
        change_log.append_purge(cursor, row.image_id)
    return is_removed

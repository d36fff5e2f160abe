"""Cancelling uploads: the rows, the originals and any renditions go.

What was a picture before, and failed when it was to be shown again, is deleted as pictures are: for a while
it can be restored.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

from pymysql.cursors import Cursor

from stockroom.images import change_log, ids
from stockroom.images.log_context import FIELD_OF_MANY
from stockroom.images.repository import deletion, lifecycle, listing
from stockroom.images.repository.listing import EndingRow
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

CancelState = Literal["cancelled", "gone", "already-ready"]
"""What became of an upload that was to be cancelled.

"gone": the contributor has no such upload, or none any more. "already-ready": it is a picture already, or was
one and is about to be shown again."""

SIMULTANEOUS_DELETIONS = 10
"""Rows whose renditions are listed and deleted at the same time."""


class Cancellation(NamedTuple):
    """What became of one upload; with `restorable_until` it was a picture before, and can be restored."""

    state: CancelState
    restorable_until: datetime | None = None


_CANCELLED, _GONE, _ALREADY_READY = (
    Cancellation("cancelled"),
    Cancellation("gone"),
    Cancellation("already-ready"),
)


def cancel_uploads(
    db: Database, storage: Storage, settings: Settings, owner_id: int, image_ids: Collection[int]
) -> dict[int, Cancellation]:
    """Cancel uploads that are pending, and dismiss those that have failed: what became of each, by id.

    The rows turn `deleting` first, then the objects go: a crash in between leaves rows that the reaper
    finishes. A row stays until no upload of it can arrive any more, since a PUT may be under way now. Round
    trips to the database do not grow with the number of uploads.
    """
    # Whether somebody else has an upload of an id is nobody's business.
    own = listing.find_own(db, owner_id, image_ids) if image_ids else set()
    if not own:
        return dict.fromkeys(image_ids, _GONE)
    lifecycle.cancel(db, own, upload_seconds=settings.upload_seconds)
    lifecycle.dismiss(db, own, upload_seconds=settings.upload_seconds)
    rows = listing.find_ending(db, own)
    if any(row.state == "pending" for row in rows.values()):
        # A failed upload was retried between the two statements; what was a picture before stays as it is.
        lifecycle.cancel(db, own, upload_seconds=settings.upload_seconds)
        rows = listing.find_ending(db, own)
    # Those that are deleting or gone by now may have been cancelled by another request, or by the first
    # attempt of a statement whose answer was lost with the connection.
    others = [row.image_id for row in rows.values() if row.state != "deleting"]
    restorable = (
        db.run_transaction(partial(_delete_pictures, others, owner_id, settings.restore_seconds))
        if others
        else {}
    )
    ended = [row for row in rows.values() if row.state == "deleting"]
    if ended:
        logger.info("cancelled", extra={FIELD_OF_MANY: [ids.encode(row.image_id) for row in ended]})
        _delete_objects(storage, ended)
        lifecycle.await_upload(db, [row.image_id for row in ended])

    def judge(image_id: int) -> Cancellation:
        if image_id not in own:
            return _GONE
        if image_id in restorable:
            return Cancellation("cancelled", restorable[image_id])
        return _ALREADY_READY if image_id in others else _CANCELLED

    return {image_id: judge(image_id) for image_id in image_ids}


def cancel_upload(
    db: Database, storage: Storage, settings: Settings, owner_id: int, image_id: int | None
) -> datetime | None:
    """Cancel one upload, or dismiss it; until when it can be restored, None for all but what was a picture.

    Raises NotFound, also for another owner's upload, and Conflict for one that is a picture already, or was
    one and is about to be shown again.
    """
    ids_of_one = [] if image_id is None else [image_id]
    for cancelled in cancel_uploads(db, storage, settings, owner_id, ids_of_one).values():
        if cancelled.state == "already-ready":
            detail = "This upload is a picture already: too late to cancel it."
            raise Conflict(detail, code=cancelled.state)
        if cancelled.state == "cancelled":
            return cancelled.restorable_until
    raise NotFound("There is no such upload.")


def _delete_objects(storage: Storage, rows: Sequence[EndingRow]) -> None:
    storage.delete_originals([row.image_id for row in rows])
    # These uploads may have been rendered, and not yet published.
    rendered = [row for row in rows if row.has_begun]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(SIMULTANEOUS_DELETIONS) as pool:
        for deleted in [
            pool.submit(storage.delete_renditions, row.image_id, row.link_key) for row in rendered
        ]:
            deleted.result()


def _delete_pictures(
    image_ids: Sequence[int], actor: int, seconds: int, cursor: Cursor
) -> dict[int, datetime]:
    """Delete those failed rows that were pictures before; until when each can be restored, by id.

    Also where that has just happened: the answer of the first attempt was lost, or somebody else was faster.
    """
    rows = deletion.lock(cursor, image_ids)
    doomed = {
        row.image_id: {"revision": row.revision}
        for row in rows.values()
        if row.state == "failed" and row.was_picture
    }
    if doomed:
        deletion.dismiss(cursor, doomed, seconds=seconds)
        change_log.append(cursor, actor, "delete", doomed)
        rows = deletion.lock(cursor, image_ids)
    return {
        row.image_id: row.deadline
        for row in rows.values()
        if row.state == "deleted" and row.deadline is not None
    }

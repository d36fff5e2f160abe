"""Cancelling an upload: the row, the original and any renditions go.

What was a picture before, and failed when it was to be shown again, is deleted as pictures are: for a while
it can be restored.
"""

from datetime import datetime
from functools import partial

from pymysql.cursors import Cursor

from stockroom.images import change_log
from stockroom.images.repository import deletion, lifecycle, listing
from stockroom.images.repository.pictures import find_row
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.runtime.settings import Settings


def cancel_upload(
    db: Database, storage: Storage, settings: Settings, owner_id: int, image_id: int | None
) -> datetime | None:
    """Take back an upload that is pending, or forget one that has failed; until when it can be restored.

    None for all but what was a picture before. Raises NotFound, also for another owner's upload, and Conflict
    for one that is a picture already, or was one and is about to be shown again.

    The row turns `deleting` first, then the objects go: a crash in between leaves a row that the reaper
    finishes. The row stays until no upload of it can arrive any more, since a PUT may be under way now.
    """
    found = None if image_id is None else listing.find_owner(db, image_id)
    # Whether somebody else has an upload of this id is nobody's business.
    if image_id is None or found is None or found.owner_id != owner_id:
        raise NotFound("There is no such upload.")
    seconds = settings.upload_seconds
    if not (
        lifecycle.cancel(db, image_id, upload_seconds=seconds)
        or lifecycle.dismiss(db, image_id, upload_seconds=seconds)
    ):
        restorable_until = db.run_transaction(
            partial(_delete_picture, image_id, owner_id, settings.restore_seconds)
        )
        if restorable_until is not None:
            return restorable_until
        row = find_row(db, image_id)
        if row is None or row.state == "deleting":
            # Another request has cancelled the upload meanwhile, or the first attempt of this statement has,
            # and its answer was lost with the connection.
            return None
        raise Conflict("This upload is a picture already: too late to cancel it.", code="already-ready")
    storage.delete_original(image_id)
    # The upload may have been rendered, and not yet published.
    storage.delete_renditions(image_id, found.link_key)
    lifecycle.await_upload(db, image_id)
    return None


def _delete_picture(image_id: int, actor: int, seconds: int, cursor: Cursor) -> datetime | None:
    """Delete a failed row that was a picture before; until when it can be restored.

    Also where that has just happened: the answer of the first attempt was lost, or somebody else was faster.
    """
    row = deletion.lock(cursor, [image_id]).get(image_id)
    if row is not None and deletion.dismiss(cursor, image_id, seconds=seconds):
        change_log.append(cursor, actor, "delete", {image_id: {"revision": row.revision}})
        row = deletion.lock(cursor, [image_id])[image_id]
    return row.deadline if row is not None and row.state == "deleted" else None

"""Cancelling an upload: the row, the original and any renditions go."""

from stockroom.images.repository import lifecycle, listing
from stockroom.images.repository.pictures import find_row
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.runtime.settings import Settings


def cancel_upload(
    db: Database, storage: Storage, settings: Settings, owner_id: int, image_id: int | None
) -> None:
    """Take back an upload that is pending, or forget one that has failed.

    Raises NotFound, also for another owner's upload, and Conflict for one that is a picture already, or was
    one and is about to be shown again.

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
        row = find_row(db, image_id)
        if row is None or row.state == "deleting":
            # Another request has cancelled the upload meanwhile, or the first attempt of this statement has,
            # and its answer was lost with the connection.
            return
        if row.state == "deleted":
            raise NotFound("There is no such upload.")
        raise Conflict("This upload is a picture already: too late to cancel it.", code="already-ready")
    storage.delete_original(image_id)
    # The upload may have been rendered, and not yet published.
    storage.delete_renditions(image_id, found.link_key)
    lifecycle.await_upload(db, image_id)

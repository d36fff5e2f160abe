"""Tickets: presigned PUT requests, each bound to one key, an exact size, a type and a content."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.log_context import FIELD_OF_MANY
from stockroom.images.repository import pending
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings


class Ticket(Struct, frozen=True):
    """A presigned PUT of one original: S3 accepts exactly this content, once, until the ticket expires."""

    url: str
    headers: dict[str, str]
    expires_at: datetime


def expiry(settings: Settings, now: datetime) -> datetime:
    """When tickets that are issued now expire."""
    return now + timedelta(seconds=settings.ticket_seconds)


def issue(
    storage: Storage, settings: Settings, now: datetime, uploads: Sequence[PendingUpload]
) -> dict[int, Ticket]:
    """A ticket for each of some pending uploads, by image id.

    The log line leads from each picture to the request that asked for its ticket.
    """
    expires_at = expiry(settings, now)
    issued = {}
    for upload in uploads:
        url, headers = storage.presigned_put(
            upload.image_id,
            size=upload.size,
            media_type=upload.media_type,
            sha256=upload.sha256,
            seconds=settings.ticket_seconds,
        )
        issued[upload.image_id] = Ticket(url, headers, expires_at)
    if issued:
        logger.info("tickets", extra={FIELD_OF_MANY: [ids.encode(image_id) for image_id in issued]})
    return issued


def renew(
    db: Database,
    storage: Storage,
    settings: Settings,
    image_ids: Sequence[int],
    *,
    owner_id: int,
    now: datetime,
) -> dict[int, Ticket]:
    """New tickets by image id, for those of `image_ids` that are pending and the owner's."""
    if not image_ids:
        return {}

    def lock_and_extend(cursor: Cursor) -> list[PendingUpload]:
        uploads = pending.lock(cursor, owner_id, sorted(set(image_ids)))
        if uploads:
            pending_ids = [upload.image_id for upload in uploads]
            pending.extend_deadlines(cursor, pending_ids, upload_seconds=settings.upload_seconds)
        return uploads

    uploads = db.run_transaction(lock_and_extend)
    return issue(storage, settings, now, uploads)

"""Tickets: one presigned PUT each, bound to a key, an exact size, a type and a content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymysql.cursors import Cursor

from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.uploads import repository
from stockroom.uploads.repository import PendingRow


@dataclass(frozen=True)
class Ticket:
    """A PUT of one original: storage accepts exactly this content, once, until the ticket expires."""

    url: str
    headers: dict[str, str]
    expires_at: datetime


def expiry(settings: Settings, now: datetime) -> datetime:
    """When tickets that are issued now stop working."""
    return now + timedelta(seconds=settings.ticket_seconds)


def deadline_base(settings: Settings, now: datetime) -> datetime:
    """When the reaper may look for an empty file; larger ones get the time that their bytes take."""
    return expiry(settings, now) + timedelta(seconds=settings.grace_seconds)


def issue(storage: Storage, settings: Settings, now: datetime, row: PendingRow) -> Ticket:
    """A ticket for one pending row."""
    url, headers = storage.presigned_put(
        row.image_id,
        size=row.size,
        media_type=row.media_type,
        sha256=row.sha256,
        seconds=settings.ticket_seconds,
    )
    return Ticket(url, headers, expiry(settings, now))


def renew(
    db: Database,
    storage: Storage,
    settings: Settings,
    image_ids: Sequence[int],
    *,
    owner_id: int,
    now: datetime,
) -> dict[int, Ticket]:
    """Fresh tickets, by id, for those of `image_ids` that are still pending and the owner's."""
    if not image_ids:
        return {}

    def extend(cursor: Cursor) -> list[PendingRow]:
        rows = repository.lock_pending(cursor, owner_id, sorted(set(image_ids)))
        if rows:
            repository.extend(cursor, [row.image_id for row in rows], deadline_base(settings, now))
        return rows

    return {row.image_id: issue(storage, settings, now, row) for row in db.transact(extend)}

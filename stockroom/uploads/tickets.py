"""Tickets: one presigned PUT each, bound to a key, an exact size, a type and a content."""

from datetime import datetime, timedelta

from pymysql.cursors import Cursor

from stockroom.api.schemas import Ticket, TicketAnswer, TicketsResponse
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime.errors import BadRequest
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import rfc3339
from stockroom.uploads import repository
from stockroom.uploads.repository import Pending

MAX_IDS = 500


def expiry(settings: Settings, now: datetime) -> datetime:
    """When tickets made now stop working."""
    return now + timedelta(seconds=settings.ticket_seconds)


def deadline_base(settings: Settings, now: datetime) -> datetime:
    """When the reaper may look for an empty file; larger ones get the time that their bytes take."""
    return expiry(settings, now) + timedelta(seconds=settings.grace_seconds)


def ticket(at: Resources, now: datetime, pending: Pending) -> Ticket:
    """A ticket for one pending row."""
    url, headers = at.storage.presigned_put(
        pending.id,
        size=pending.size,
        media_type=pending.media_type,
        sha256=pending.sha256,
        seconds=at.settings.ticket_seconds,
    )
    return Ticket(method="PUT", url=url, headers=headers, expires=rfc3339(expiry(at.settings, now)))


def renewed(at: Resources, now: datetime, owner_id: int, wanted: list[str]) -> TicketsResponse:
    """Fresh tickets for those of `wanted` that are still pending and the owner's; `gone` for the rest."""
    if len(wanted) > MAX_IDS:
        raise BadRequest.at("/ids", "too-many-ids", f"Renew at most {MAX_IDS} tickets a request.")
    numbers = {text: ids.decode(text) for text in wanted}
    valid = sorted({number for number in numbers.values() if number is not None})

    def extended(cursor: Cursor) -> dict[int, Pending]:
        rows = repository.lock_pending(cursor, owner_id, valid)
        if rows:
            repository.extend(cursor, [row.id for row in rows], deadline_base(at.settings, now))
        return {row.id: row for row in rows}

    pending = at.db.transact(extended) if valid else {}
    answers: dict[str, TicketAnswer] = {}
    for text, number in numbers.items():
        row = pending.get(number) if number is not None else None
        if row is None:
            answers[text] = TicketAnswer(id=text, state="gone")
        else:
            fresh = ticket(at, now, row)
            answers[text] = TicketAnswer(id=text, state="pending", ticket=fresh)
    return TicketsResponse(files=[answers[text] for text in wanted])

"""A batch of files becomes pending rows and tickets: one transaction, however many files."""

from dataclasses import dataclass, field
from datetime import datetime

import pymysql
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.repository import find_ready
from stockroom.images.storage import Storage
from stockroom.runtime.database import DUPLICATE_KEY, Database, error_code
from stockroom.runtime.errors import TooManyPending, Unavailable
from stockroom.runtime.settings import Settings
from stockroom.uploads import repository
from stockroom.uploads.repository import PendingRow
from stockroom.uploads.requests import UploadRequest
from stockroom.uploads.tickets import Ticket, deadline_base, issue
from stockroom.uploads.validate import Rejected, ValidFile, validated

REDRAWS = 5
RETRY_SECONDS = 60


@dataclass
class _Claims:
    """Which row stands for each content: pending ones get a ticket, ready ones are duplicates."""

    pending: dict[bytes, int] = field(default_factory=dict)
    ready: dict[bytes, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """A file that may be uploaded now."""

    image_id: int
    ticket: Ticket


@dataclass(frozen=True)
class Duplicate:
    """A file whose content is a picture already."""

    picture: Picture


Outcome = Pending | Duplicate | Rejected
"""What becomes of one file of a batch."""


def accept(
    db: Database,
    storage: Storage,
    settings: Settings,
    request: UploadRequest,
    *,
    owner_id: int,
    now: datetime,
) -> list[Outcome]:
    """One outcome per file, in request order. Idempotent by (owner, content).

    Raises BadRequest for a batch that is wrong as a whole and TooManyPending above the owner's limit.
    """
    files = validated(request, settings)
    by_content: dict[bytes, ValidFile] = {}
    for file in files:
        if isinstance(file, ValidFile):
            by_content.setdefault(file.sha256, file)
    claims = _Claims()
    if by_content:
        claims = _claimed(db, settings, now, owner_id, by_content)
    ready = {picture.image_id: picture for picture in find_ready(db, list(claims.ready.values()))}
    outcomes: dict[bytes, Outcome] = {}
    for content, file in by_content.items():
        if (picture := ready.get(claims.ready.get(content, 0))) is not None:
            outcomes[content] = Duplicate(picture)
        elif (image_id := claims.pending.get(content)) is not None:
            row = PendingRow(image_id, file.size, file.media_type, content)
            outcomes[content] = Pending(image_id, issue(storage, settings, now, row))
        else:
            vanished = "The picture that had this content was just deleted; send the file again."
            outcomes[content] = Rejected("changed", vanished)
    return [outcomes[file.sha256] if isinstance(file, ValidFile) else file for file in files]


def _claimed(
    db: Database, settings: Settings, now: datetime, owner_id: int, by_content: dict[bytes, ValidFile]
) -> _Claims:
    expires = deadline_base(settings, now)

    def claim(cursor: Cursor) -> _Claims:
        claims = _Claims()
        for row in repository.known(cursor, list(by_content)):
            if row.state == "ready":
                if row.owner_id == owner_id or row.sha256 not in claims.ready:
                    claims.ready[row.sha256] = row.image_id
            elif row.owner_id == owner_id:
                claims.pending[row.sha256] = row.image_id
        if claims.pending:
            # Locked, so that the reaper cannot take what is about to get a ticket; what it has taken is new.
            mine = repository.lock_pending(cursor, owner_id, list(claims.pending.values()))
            claims.pending = {row.sha256: row.image_id for row in mine}
        if claims.pending:
            repository.extend(cursor, list(claims.pending.values()), expires)
        fresh = [file for content, file in by_content.items() if content not in claims.ready | claims.pending]
        if fresh:
            _limit(repository.pending_count(cursor, owner_id, settings.max_pending) + len(fresh), settings)
            rows = list(zip(ids.draw(now, len(fresh)), fresh, strict=True))
            repository.insert(cursor, owner_id, rows, expires)
            claims.pending |= {file.sha256: number for number, file in rows}
        return claims

    for _ in range(REDRAWS):
        try:
            return db.transact(claim)
        except pymysql.IntegrityError as error:
            # An id was taken, or the same contributor claims the same content in another request: both
            # are settled by looking again.
            if error_code(error) != DUPLICATE_KEY:
                raise
    raise Unavailable("Too many uploads at this very moment; try again.", retry_after=1)


def _limit(pending: int, settings: Settings) -> None:
    if pending > settings.max_pending:
        raise TooManyPending(
            f"More than {settings.max_pending} of your uploads would be pending; let some finish first.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )

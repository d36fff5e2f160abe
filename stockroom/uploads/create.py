"""A batch of files becomes pending rows and tickets: one transaction, however many files."""

from collections.abc import Mapping
from datetime import datetime

import pymysql
from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.repository import pending
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.repository.pictures import find_ready
from stockroom.images.storage import Storage
from stockroom.runtime.database import DUPLICATE_KEY, Database, error_code
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.settings import Settings
from stockroom.uploads import limits
from stockroom.uploads.requests import UploadRequest
from stockroom.uploads.tickets import Ticket, base_deadline, issue
from stockroom.uploads.validate import Rejected, ValidFile, validate_request

MAX_DRAWS = 5
"""Attempts at a transaction that collides with another one on an id or on a content."""


class Pending(Struct, frozen=True):
    """A file that may be uploaded now."""

    image_id: int
    ticket: Ticket


class Duplicate(Struct, frozen=True):
    """A file whose content is a picture already."""

    picture: Picture


Outcome = Pending | Duplicate | Rejected
"""What becomes of one file of a batch."""


class _Rows(Struct):
    """Row ids by content (SHA-256): a pending row gets a ticket, a ready one makes the file a duplicate."""

    pending: dict[bytes, int] = {}
    ready: dict[bytes, int] = {}


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

    Raises BadRequest for a batch that is wrong as a whole and LimitExceeded above a limit.
    """
    answers = validate_request(request, settings)
    files: dict[bytes, ValidFile] = {}
    for answer in answers:
        if isinstance(answer, ValidFile):
            files.setdefault(answer.sha256, answer)
    rows = _find_or_insert_rows(db, settings, files, owner_id=owner_id, now=now) if files else _Rows()
    pictures = {picture.image_id: picture for picture in find_ready(db, list(rows.ready.values()))}
    outcomes: dict[bytes, Outcome] = {}
    for sha256, file in files.items():
        if (picture := pictures.get(rows.ready.get(sha256, 0))) is not None:
            outcomes[sha256] = Duplicate(picture)
        elif (image_id := rows.pending.get(sha256)) is not None:
            ticket = issue(storage, settings, now, _pending_upload(image_id, file))
            outcomes[sha256] = Pending(image_id, ticket)
        else:
            detail = "The picture that had this content was just deleted; send the file again."
            outcomes[sha256] = Rejected("changed", detail)
    return [outcomes[answer.sha256] if isinstance(answer, ValidFile) else answer for answer in answers]


def _find_or_insert_rows(
    db: Database, settings: Settings, files: Mapping[bytes, ValidFile], *, owner_id: int, now: datetime
) -> _Rows:
    """The row of each content, found or inserted in one transaction."""
    deadline = base_deadline(settings, now)

    def find_or_insert(cursor: Cursor) -> _Rows:
        rows = _find_rows(cursor, owner_id, list(files))
        if rows.pending:
            # The lock keeps the reaper from rows that are about to get a ticket. A row that the reaper has
            # deleted since it was found is missing here, and its file counts as new.
            locked = pending.lock(cursor, owner_id, list(rows.pending.values()))
            rows.pending = {upload.sha256: upload.image_id for upload in locked}
        if rows.pending:
            pending.extend_deadlines(cursor, list(rows.pending.values()), deadline)
        new = [file for sha256, file in files.items() if sha256 not in rows.ready | rows.pending]
        if new:
            uploads = [
                (_pending_upload(image_id, file), file.metadata)
                for image_id, file in zip(ids.draw(now, len(new)), new, strict=True)
            ]
            pending.insert(cursor, owner_id, uploads, deadline)
            limits.count_in(cursor, settings, owner_id, [upload for upload, _ in uploads])
            rows.pending |= {upload.sha256: upload.image_id for upload, _ in uploads}
        return rows

    for _ in range(MAX_DRAWS):
        try:
            return db.run_transaction(find_or_insert)
        except pymysql.IntegrityError as error:
            # Either an id is taken, or another request of the same contributor has inserted the same content.
            # The next attempt draws other ids and finds the other request's rows.
            if error_code(error) != DUPLICATE_KEY:
                raise
    raise Unavailable("Too many uploads of the same files at this very moment.")


def _find_rows(cursor: Cursor, owner_id: int, hashes: list[bytes]) -> _Rows:
    """The rows that count for this owner: ready pictures of anybody (the owner's first), own pending uploads.

    Another owner's pending upload does not count: it may never arrive.
    """
    rows = _Rows()
    for row in pending.find_by_content(cursor, hashes):
        if row.state == "ready":
            if row.owner_id == owner_id or row.sha256 not in rows.ready:
                rows.ready[row.sha256] = row.image_id
        elif row.owner_id == owner_id:
            rows.pending[row.sha256] = row.image_id
    return rows


def _pending_upload(image_id: int, file: ValidFile) -> PendingUpload:
    return PendingUpload(image_id, file.size, file.media_type, file.sha256)

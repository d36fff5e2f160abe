"""A batch of files becomes pending rows and tickets: one transaction, however many files."""

from collections.abc import Mapping
from datetime import datetime

import pymysql
from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.images import ids, takedowns
from stockroom.images.picture import Picture
from stockroom.images.repository import pending
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.repository.pictures import find_in_states
from stockroom.images.storage import Storage
from stockroom.runtime.database import DUPLICATE_KEY, Database, error_code
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.settings import Settings
from stockroom.uploads import limits
from stockroom.uploads.requests import UploadRequest
from stockroom.uploads.tickets import Ticket, issue
from stockroom.uploads.validate import Rejected, ValidFile, validate_request

MAX_TRIES = 5
"""How often a transaction is tried that collides with another one on an id or on a content."""

TAKEN_DOWN = "This picture was taken down by the library, and is not accepted again. Ask its operator why."


class Pending(Struct, frozen=True):
    """A file that may be uploaded now. `dates`: when its embargo ends, and when it expires."""

    image_id: int
    ticket: Ticket
    dates: tuple[datetime | None, ...] = ()


class Duplicate(Struct, frozen=True):
    """A file whose content is a picture of the same contributor already."""

    picture: Picture


Outcome = Pending | Duplicate | Rejected
"""What becomes of one file of a batch."""


class _Rows(Struct):
    """What the owner's rows say about the contents of a batch, by SHA-256.

    A file whose content has a pending row gets a ticket. A file whose content is a picture is a duplicate.
    `taken_down` are contents that the library refuses.
    """

    pending: dict[bytes, PendingUpload] = {}
    pictures: dict[bytes, int] = {}
    taken_down: set[bytes] = set()


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
    pictures = find_in_states(db, rows.pictures.values(), ("ready", "hidden"))
    tickets = issue(
        storage,
        settings,
        now,
        [upload for sha256, upload in rows.pending.items() if upload.size == files[sha256].size],
    )
    outcomes: dict[bytes, Outcome] = {}
    for sha256, file in files.items():
        if (known := pictures.get(rows.pictures.get(sha256, 0))) is not None:
            outcomes[sha256] = Duplicate(known.picture)
        elif sha256 in rows.taken_down:
            outcomes[sha256] = Rejected("taken-down", TAKEN_DOWN)
        elif (upload := rows.pending.get(sha256)) is not None:
            outcomes[sha256] = (
                Pending(
                    upload.image_id,
                    tickets[upload.image_id],
                    (file.metadata.embargo, file.metadata.expires),
                )
                if upload.image_id in tickets
                else _reject_size(upload, file)
            )
        else:
            detail = "The picture that had this content was just deleted; send the file again."
            outcomes[sha256] = Rejected("changed", detail)
    return [outcomes[answer.sha256] if isinstance(answer, ValidFile) else answer for answer in answers]


def _find_or_insert_rows(
    db: Database, settings: Settings, files: Mapping[bytes, ValidFile], *, owner_id: int, now: datetime
) -> _Rows:
    """The row of each content, found or inserted in one transaction."""

    def find_or_insert(cursor: Cursor) -> _Rows:
        rows = _Rows()
        # A content that is taken down from now on is found when it would be published.
        rows.taken_down = takedowns.find_all(cursor, files.keys())
        pending_ids = []
        for row in pending.find_by_content(cursor, owner_id, list(files)):
            if row.state in ("ready", "hidden"):
                rows.pictures[row.sha256] = row.image_id
            elif row.sha256 not in rows.taken_down:
                pending_ids.append(row.image_id)
        if pending_ids:
            # The lock keeps the reaper from rows that are about to get a ticket. A row that the reaper has
            # purged since it was found is missing here, and its file counts as new.
            rows.pending = _renew(cursor, settings, files, pending.lock(cursor, owner_id, pending_ids))
        known = rows.pictures.keys() | rows.pending.keys() | rows.taken_down
        new = [file for sha256, file in files.items() if sha256 not in known]
        if new:
            uploads = [
                (_pending_upload(image_id, file), file.file_name, file.metadata)
                for image_id, file in zip(ids.draw(now, len(new)), new, strict=True)
            ]
            pending.insert(cursor, owner_id, uploads, upload_seconds=settings.upload_seconds)
            limits.count_in(cursor, settings, owner_id, [upload for upload, *_ in uploads])
            rows.pending |= {upload.sha256: upload for upload, *_ in uploads}
        return rows

    for _ in range(MAX_TRIES):
        try:
            return db.run_transaction(find_or_insert)
        except pymysql.IntegrityError as error:
            # Either an id is taken, or another request of the same contributor has inserted the same content.
            # The next attempt draws other ids and finds the other request's rows.
            if error_code(error) != DUPLICATE_KEY:
                raise
    raise Unavailable("Too many uploads of the same files at this very moment.")


def _renew(
    cursor: Cursor, settings: Settings, files: Mapping[bytes, ValidFile], locked: list[PendingUpload]
) -> dict[bytes, PendingUpload]:
    """Locked rows whose files are posted again, by content: with the newest type, names and metadata,
    and more time.

    A row whose size differs from the file's stays as it is.
    """
    uploads = {}
    for upload in locked:
        file = files[upload.sha256]
        is_same = upload.size == file.size
        uploads[upload.sha256] = _pending_upload(upload.image_id, file) if is_same else upload
    newest = {
        upload.image_id: (upload.media_type, files[sha256].file_name, files[sha256].metadata)
        for sha256, upload in uploads.items()
        if upload.size == files[sha256].size
    }
    if newest:
        pending.replace_metadata(cursor, newest)
        pending.extend_deadlines(cursor, list(newest), upload_seconds=settings.upload_seconds)
    return uploads


def _reject_size(upload: PendingUpload, file: ValidFile) -> Rejected:
    sizes = f"{upload.size} bytes before, and now with {file.size}"
    detail = f"The content with this SHA-256 was announced with {sizes}; hash the file again."
    return Rejected("size-differs", detail)


def _pending_upload(image_id: int, file: ValidFile) -> PendingUpload:
    return PendingUpload(image_id, file.size, file.media_type, file.sha256)

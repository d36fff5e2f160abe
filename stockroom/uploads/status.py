"""My uploads: where each has got to, and taking one back."""

from stockroom.api.schemas import FileError, Image, Upload, UploadPage
from stockroom.images import ids
from stockroom.images import repository as catalogue
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database, Row
from stockroom.runtime.errors import BadRequest, Conflict, Forbidden, NotFound
from stockroom.runtime.timestamps import rfc3339
from stockroom.uploads import repository

PAGE = 50
MAX_PAGE = 100
MAX_IDS = 500
NEWEST = (1 << 64) - 1


def by_ids(db: Database, owner_id: int, wanted: str) -> UploadPage:
    """The uploads named by comma-separated ids, newest first; others' and unknown ones are left out."""
    texts = [text for text in wanted.split(",") if text]
    if len(texts) > MAX_IDS:
        raise BadRequest.at("?ids", "too-many-ids", f"Ask for at most {MAX_IDS} ids at once.")
    numbers = []
    for text in texts:
        number = ids.decode(text)
        if number is None:
            raise BadRequest.at("?ids", "invalid-id", f"{text[:40]!r} is not an id.")
        numbers.append(number)
    rows = repository.mine(db, owner_id, numbers) if numbers else ()
    return UploadPage(uploads=_uploads(db, rows), next=None)


def page(db: Database, owner_id: int, cursor: str | None, limit: int = PAGE) -> UploadPage:
    """A page of all my uploads, newest first; the cursor is the id of the last one seen."""
    before = NEWEST if cursor is None else ids.decode(cursor)
    if before is None:
        detail = "This cursor is not one that was given out; start again without it."
        raise BadRequest.at("?cursor", "invalid-cursor", detail)
    rows = repository.newest(db, owner_id, before, limit + 1)
    more = len(rows) > limit
    uploads = _uploads(db, rows[:limit])
    return UploadPage(uploads=uploads, next=uploads[-1].id if more else None)


def cancel(db: Database, storage: Storage, owner_id: int, text: str) -> None:
    """Take back an upload that is pending, or forget one that failed.

    The row turns `deleting` first, then its object goes, then the row: a crash in between leaves a row
    that the reaper finishes.
    """
    number = ids.decode(text)
    row = None if number is None else repository.owner_and_state(db, number)
    if number is None or row is None:
        raise NotFound("There is no such upload.")
    owner, _ = row
    if owner != owner_id:
        raise Forbidden("This upload belongs to someone else.", code="not-owner")
    if not repository.begin_deletion(db, number):
        found = repository.owner_and_state(db, number)
        if found is None:
            return  # by another request, or by a first try of this one whose answer was lost
        raise Conflict("This upload is a picture already: too late to cancel it.", code="already-ready")
    storage.delete_original(number)
    # It may have been rendered, and stopped short of being published.
    storage.delete_renditions(number)
    repository.end_deletion(db, number)


def _uploads(db: Database, rows: tuple[Row, ...]) -> list[Upload]:
    ready = [row[0] for row in rows if row[2] == "ready"]
    shown = {image.id: image for image in catalogue.images(db, ready)}
    return [_upload(row, shown) for row in rows]


def _upload(row: Row, shown: dict[str, Image]) -> Upload:
    number, name, state, overdue, code, detail = row
    text = ids.encode(number)
    upload = Upload(
        id=text,
        name=name,
        state="expired" if state == "pending" and overdue else state,
        created=rfc3339(ids.created(number)),
    )
    if state == "ready" and text in shown:
        upload.image = shown[text]
    if state == "failed":
        upload.error = FileError(code=code, detail=detail)
    return upload

"""My uploads: where each has got to, and taking one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stockroom.images.picture import Picture
from stockroom.images.repository import find_ready
from stockroom.images.storage import Storage
from stockroom.renditions.refused import FailureCode
from stockroom.runtime.database import Database, Row
from stockroom.runtime.errors import Conflict, Forbidden, NotFound
from stockroom.uploads import repository

State = Literal["pending", "ready", "failed", "expired"]
"""`expired` is a pending upload past its deadline, which the reaper has not looked at yet."""

NEWEST = (1 << 64) - 1


@dataclass(frozen=True)
class Failure:
    """Why an upload did not become a picture: a code for programs and a sentence for the contributor."""

    code: FailureCode
    detail: str


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One upload of a contributor: its picture once it is ready, the reason once it has failed."""

    image_id: int
    name: str
    state: State
    picture: Picture | None = None
    failure: Failure | None = None


def find(db: Database, owner_id: int, image_ids: Sequence[int]) -> list[Upload]:
    """The owner's uploads among `image_ids`, newest first; others' and unknown ones are left out."""
    return _uploads(db, repository.mine(db, owner_id, image_ids)) if image_ids else []


def page(db: Database, owner_id: int, before: int, limit: int) -> tuple[list[Upload], bool]:
    """The owner's newest uploads older than the id `before`, and whether there are older ones still."""
    rows = repository.newest(db, owner_id, before, limit + 1)
    return _uploads(db, rows[:limit]), len(rows) > limit


def cancel(db: Database, storage: Storage, owner_id: int, image_id: int | None) -> None:
    """Take back an upload that is pending, or forget one that failed.

    The row turns `deleting` first, then its object goes, then the row: a crash in between leaves a row
    that the reaper finishes.
    """
    row = None if image_id is None else repository.owner_and_state(db, image_id)
    if image_id is None or row is None:
        raise NotFound("There is no such upload.")
    owner, _ = row
    if owner != owner_id:
        raise Forbidden("This upload belongs to someone else.", code="not-owner")
    if not repository.begin_deletion(db, image_id):
        found = repository.owner_and_state(db, image_id)
        if found is None:
            return  # by another request, or by a first try of this one whose answer was lost
        raise Conflict("This upload is a picture already: too late to cancel it.", code="already-ready")
    storage.delete_original(image_id)
    # It may have been rendered, and stopped short of being published.
    storage.delete_renditions(image_id)
    repository.end_deletion(db, image_id)


def _uploads(db: Database, rows: tuple[Row, ...]) -> list[Upload]:
    ready = find_ready(db, [row[0] for row in rows if row[2] == "ready"])
    pictures = {picture.image_id: picture for picture in ready}
    return [_upload(row, pictures) for row in rows]


def _upload(row: Row, pictures: dict[int, Picture]) -> Upload:
    image_id, name, state, overdue, code, detail = row
    return Upload(
        image_id=image_id,
        name=name,
        state="expired" if state == "pending" and overdue else state,
        picture=pictures.get(image_id) if state == "ready" else None,
        failure=Failure(code, detail) if state == "failed" else None,
    )

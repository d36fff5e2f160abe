"""A contributor's uploads and where each has got to."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from stockroom.images.picture import Picture
from stockroom.images.repository import listing
from stockroom.images.repository.listing import UploadRow
from stockroom.images.repository.pictures import find_ready
from stockroom.images.states import FailureCode
from stockroom.runtime.database import Database

UploadState = Literal["pending", "ready", "failed", "expired"]
"""`expired` is a pending upload past its deadline, at which the reaper has not looked yet."""

FIRST_PAGE = (1 << 64) - 1
"""The cursor of the first page: above every id."""


class Failure(Struct, frozen=True):
    """Why an upload did not become a picture: a code for programs and a sentence for the contributor."""

    code: FailureCode
    detail: str


class Upload(Struct, frozen=True, kw_only=True):
    """One upload of a contributor: with its picture once it is ready, with the reason once it has failed."""

    image_id: int
    name: str
    state: UploadState
    picture: Picture | None = None
    failure: Failure | None = None


def find(db: Database, owner_id: int, image_ids: Sequence[int]) -> list[Upload]:
    """The owner's uploads among `image_ids`, newest first; other ids are left out."""
    return _with_pictures(db, listing.find_uploads(db, owner_id, image_ids)) if image_ids else []


def find_page(db: Database, owner_id: int, before: int, limit: int) -> tuple[list[Upload], bool]:
    """The owner's newest uploads with ids below `before`, and whether there are still older ones."""
    rows = listing.find_newest_uploads(db, owner_id, before, limit + 1)
    return _with_pictures(db, rows[:limit]), len(rows) > limit


def _with_pictures(db: Database, rows: Sequence[UploadRow]) -> list[Upload]:
    """The uploads of these rows; the pictures of all ready ones come with one statement."""
    ready_ids = [row.image_id for row in rows if row.state == "ready"]
    pictures = {picture.image_id: picture for picture in find_ready(db, ready_ids)}
    return [_upload(row, pictures.get(row.image_id)) for row in rows]


def _upload(row: UploadRow, picture: Picture | None) -> Upload:
    failure = None
    if row.failure_code is not None and row.failure_detail is not None:
        failure = Failure(row.failure_code, row.failure_detail)
    return Upload(
        image_id=row.image_id, name=row.name, state=_shown_state(row), picture=picture, failure=failure
    )


def _shown_state(row: UploadRow) -> UploadState:
    if row.state == "pending":
        return "expired" if row.is_overdue else "pending"
    # Deleting rows are not listed.
    return "failed" if row.state == "failed" else "ready"

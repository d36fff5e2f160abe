"""A contributor's uploads and where each has got to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from stockroom.images.picture import Picture
from stockroom.images.repository import listing
from stockroom.images.repository.listing import NEWEST_FIRST, OLDEST_FIRST, Order, UploadRow
from stockroom.images.repository.pictures import find_in_states
from stockroom.images.states import FailureCode, State
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable

UploadState = Literal["pending", "ready", "failed", "deleted", "hidden", "expired"]
"""`deleted` is a picture that can be restored for a while. `hidden` is one that may not be seen now, by its
dates.

`expired` is a pending upload past its deadline that storage does not have, and at which the reaper has not
looked yet."""

LISTED_STATES: tuple[State, ...] = ("pending", "ready", "failed", "hidden", "deleted")
"""The states of rows that their owner can ask for."""
COUNTED_STATES: tuple[State, ...] = ("pending", "ready", "failed", "hidden")
"""The states whose uploads their owner is told the number of."""
MAX_COUNTED = 10_000
"""Uploads of a state that are counted; where there are more, this number is told."""
PICTURE_STATES: tuple[State, ...] = ("ready", "deleted", "hidden")
SIMULTANEOUS_HEADS = 10
"""How many originals storage is asked for at once."""
MAX_HEADS = 32
"""Overdue uploads about which one answer asks storage; the others read as pending."""
MAX_NAMES_READ = 10_000
"""Rows whose names one request compares with a text: 40 ms where the server has them in memory."""
EXPIRING_DAYS = 14
"""For so long before a picture expires, its owner is told."""
ORDERS = {"newest": NEWEST_FIRST, "oldest": OLDEST_FIRST}
"""What a list of uploads can begin with; the first is the usual order."""


class Failure(Struct, frozen=True):
    """Why an upload did not become a picture: a code for programs and a sentence for the contributor."""

    code: FailureCode
    detail: str


class Upload(Struct, frozen=True, kw_only=True):
    """One upload of a contributor: with its picture once it is ready, with the reason once it has failed, and
    until when it can be restored when it is deleted. `file_name` is the file's own name.
    """

    image_id: int
    name: str
    file_name: str
    state: UploadState
    picture: Picture | None = None
    failure: Failure | None = None
    restorable_until: datetime | None = None


def find(db: Database, storage: Storage, owner_id: int, image_ids: Sequence[int]) -> list[Upload]:
    """The owner's uploads among `image_ids`, newest first; other ids are left out."""
    return _complete(db, storage, listing.find_uploads(db, owner_id, image_ids)) if image_ids else []


def find_page(
    db: Database,
    storage: Storage,
    owner_id: int,
    cursor: int | None,
    limit: int,
    *,
    state: State | None = None,
    order: Order = NEWEST_FIRST,
) -> tuple[list[Upload], int | None]:
    """The owner's first uploads behind the cursor, and the cursor to go on behind; None at the end.

    With `state`, only those whose rows are in this state: an upload that reads as expired is pending. The
    first page has no cursor.
    """
    start = order.first_cursor if cursor is None else cursor
    rows = listing.find_uploads_in_order(db, owner_id, start, limit + 1, state=state, order=order)
    following = rows[limit - 1].image_id if len(rows) > limit else None
    return _complete(db, storage, rows[:limit]), following


def find_named(
    db: Database,
    storage: Storage,
    owner_id: int,
    cursor: int | None,
    limit: int,
    *,
    text: str,
    state: State | None = None,
    order: Order = NEWEST_FIRST,
) -> tuple[list[Upload], int | None]:
    """The owner's first uploads behind the cursor whose name, or whose file's name, contains the text.

    Else as `find_page`. One call reads MAX_NAMES_READ rows, so that there may be fewer than `limit` uploads,
    or none, before the end.
    """
    start = order.first_cursor if cursor is None else cursor
    reach = listing.find_reach(db, owner_id, start, MAX_NAMES_READ, state=state, order=order)
    rows = listing.find_named_uploads(
        db, owner_id, start, reach, limit + 1, text=text, state=state, order=order
    )
    following = rows[limit - 1].image_id if len(rows) > limit else reach
    return _complete(db, storage, rows[:limit]), following


def count(db: Database, owner_id: int) -> dict[State, int]:
    """How many of the owner's uploads are in each of COUNTED_STATES, at most MAX_COUNTED."""
    return listing.count_by_state(db, owner_id, COUNTED_STATES, MAX_COUNTED)


def find_expiring(db: Database, storage: Storage, owner_id: int, limit: int) -> list[Upload]:
    """The owner's pictures that expire within EXPIRING_DAYS, those first that expire first."""
    return _complete(db, storage, listing.find_expiring(db, owner_id, EXPIRING_DAYS, limit))


def _complete(db: Database, storage: Storage, rows: Sequence[UploadRow]) -> list[Upload]:
    """The uploads of these rows; the pictures of all that are or were ready come with one statement.

    Storage is asked about the newest MAX_HEADS of the overdue ones alone: a page asks again and again, and
    the reaper looks at all of them soon.
    """
    image_ids = [row.image_id for row in rows if row.state in PICTURE_STATES]
    found = find_in_states(db, image_ids, PICTURE_STATES)
    pictures = {image_id: each.picture for image_id, each in found.items()}
    overdue_ids = [row.image_id for row in rows if row.state == "pending" and row.is_overdue]
    absent_ids = _find_absent(storage, overdue_ids[:MAX_HEADS])
    return [_upload(row, pictures.get(row.image_id), is_expired=row.image_id in absent_ids) for row in rows]


def _find_absent(storage: Storage, image_ids: Sequence[int]) -> set[int]:
    """Which originals storage does not have; none of them while storage does not answer."""
    if not image_ids:
        return set()
    try:
        # The first one alone: it makes the client, and a storage that is away is not waited for many times.
        stored = [storage.head_original(image_ids[0])]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(SIMULTANEOUS_HEADS) as pool:
            stored += pool.map(storage.head_original, image_ids[1:])
    except StorageUnavailable:
        return set()
    return {image_id for image_id, found in zip(image_ids, stored, strict=True) if found is None}


def _upload(row: UploadRow, picture: Picture | None, *, is_expired: bool) -> Upload:
    failure = None
    if row.failure_code is not None and row.failure_detail is not None:
        failure = Failure(row.failure_code, row.failure_detail)
    return Upload(
        image_id=row.image_id,
        name=row.name,
        file_name=row.file_name,
        state="expired" if is_expired else _shown_state(row.state),
        picture=picture,
        failure=failure,
        restorable_until=row.restorable_until,
    )


def _shown_state(state: State) -> UploadState:
    match state:
        case "deleting":
            raise ValueError(f"rows that are {state} are not listed")
        case _:
            return state

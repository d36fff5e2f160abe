"""Taking pictures down: for good, at once, and with a reason.

The content is refused first, in the transaction of its picture. From that commit on nothing of this content
is published, and uploads of it are rejected. Where every copy is to go, the other rows of the content follow,
each in a transaction of its own: what was published a moment before is found among them, and what is
announced a moment later never becomes a picture. Objects go after the rows: what storage does not delete is
the reaper's.
"""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.analysis.appearance import has_too_many_marks, remove_invisible
from stockroom.images import change_log, ids, takedowns
from stockroom.images.log_context import about
from stockroom.images.repository import deletion
from stockroom.images.repository.near_duplicates import delete_bands
from stockroom.images.storage import Storage
from stockroom.images.takedowns import MAX_REASON
from stockroom.runtime.database import Database
from stockroom.runtime.errors import InvalidField, StorageUnavailable
from stockroom.runtime.observability import logger

if TYPE_CHECKING:
    from stockroom.search.index.writer import IndexWriter

SIMULTANEOUS_DELETIONS = 10


class _TakenDown(Struct, frozen=True):
    """A row that was taken down: what its objects are found by."""

    image_id: int
    link_key: str
    sha256: bytes


def clean_reason(text: str) -> str:
    """A reason as the log keeps it: one line; InvalidField for one that is empty or cannot be read."""
    reason = " ".join(remove_invisible(text).split())
    if not reason or len(reason) > MAX_REASON or not reason.isprintable() or has_too_many_marks(reason):
        detail = f"Give a reason: a text of 1 to {MAX_REASON} characters that can be read."
        raise InvalidField("/reason", "invalid-field", detail)
    return reason


def take_down(
    db: Database,
    storage: Storage,
    index: "IndexWriter",
    image_ids: Collection[int],
    *,
    actor: int,
    reason: str,
    same_content: bool,
    upload_seconds: int,
) -> dict[int, bool]:
    """Whether each row was taken down, by id, also those that were not asked for and have the same content.

    False is an id without a row, or whose row has no content any more. The same request again gets the same
    answer. `upload_seconds` is how long the upload of an empty file may take, from its ticket on.
    """

    def take_down_one(image_id: int) -> _TakenDown | None:
        with about(image_id):
            taken = db.run_transaction(
                lambda cursor: _take_down_row(
                    cursor, index, image_id, actor=actor, reason=reason, upload_seconds=upload_seconds
                )
            )
            if taken is not None:
                logger.info("taken down")
        return taken

    answers = {image_id: take_down_one(image_id) for image_id in image_ids}
    hashes = {taken.sha256 for taken in answers.values() if taken is not None}
    if same_content and hashes:
        for image_id in deletion.find_same_content(db, hashes):
            answers[image_id] = answers.get(image_id) or take_down_one(image_id)
    _delete_objects(storage, [taken for taken in answers.values() if taken is not None])
    return {image_id: taken is not None for image_id, taken in answers.items()}


def lift(db: Database, sha256: bytes, *, actor: int) -> bool:
    """Accept a content again that was taken down; False when it was not. Its pictures do not come back."""

    def lift_one(cursor: Cursor) -> bool:
        reason = takedowns.lift(cursor, sha256)
        if reason is not None:
            detail = {"sha256": sha256.hex(), "reason": reason}
            change_log.append(cursor, actor, "lift", {change_log.NO_PICTURE: detail})
        return reason is not None

    return db.run_transaction(lift_one)


def _take_down_row(
    cursor: Cursor,
    index: "IndexWriter",
    image_id: int,
    *,
    actor: int,
    reason: str,
    upload_seconds: int,
) -> _TakenDown | None:
    row = deletion.lock(cursor, [image_id]).get(image_id)
    if row is None or row.sha256 is None:
        return None
    is_new = takedowns.insert(cursor, row.sha256, actor=actor, reason=reason)
    is_changed = deletion.take_down(cursor, image_id, upload_seconds=upload_seconds)
    if row.state == "ready":
        index.remove_all(cursor, [image_id])
        delete_bands(cursor, [image_id])
    if is_new or is_changed:
        detail = {"reason": reason, "sha256": row.sha256.hex(), "was": row.state}
        change_log.append(cursor, actor, "take-down", {image_id: detail})
    return _TakenDown(image_id, row.link_key, row.sha256)


def _delete_objects(storage: Storage, rows: Collection[_TakenDown]) -> None:
    """Delete renditions, originals and their copies; what storage does not delete is left to the reaper."""
    deletions: list[Callable[[], None]] = []
    for row in rows:
        deletions.append(partial(storage.delete_renditions, row.image_id, row.link_key))
        deletions.append(partial(storage.delete_original, row.image_id))
        deletions.append(partial(storage.delete_copy, row.image_id))
    try:
        # The first one alone: it makes the client, and a storage that is away is not waited for many times.
        for each in deletions[:1]:
            each()
        with ThreadPoolExecutor(SIMULTANEOUS_DELETIONS) as pool:
            for done in [pool.submit(each) for each in deletions[1:]]:
                done.result()
    except StorageUnavailable:
        logger.exception(
            "objects left to the reaper", extra={"images": [ids.encode(row.image_id) for row in rows]}
        )

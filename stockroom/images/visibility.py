"""Pictures are hidden outside of their dates: before the end of an embargo, and from their expiry on.

A hidden picture has its row and its original, and no posting, no rendition and no link that ever works again:

1. one transaction hides the row, with its postings and the parts of its perceptual hash;
2. its renditions are deleted;
3. the row gets another link key: whatever is written for this picture later has other links.

A crash in between leaves a row with a deadline, at which the reaper repeats 2 and 3. A picture that may be
seen again becomes pending, with another link key, and its original is announced: it is published as an upload
is.

An attempt that began before 3 may write renditions after 2, and die before it deletes them; and so may a job
that has read the row before 1. The link key that the row gives up is therefore recorded in the same
transaction (repository/ended_links.py), and the reaper deletes what lies under it when nobody can write there
any more. At any moment, the links under which there are or may be renditions of a picture are the row's own
and the recorded ones.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from pymysql.cursors import Cursor

from stockroom.images import change_log
from stockroom.images.log_context import about
from stockroom.images.repository import ended_links, lifecycle
from stockroom.images.repository.near_duplicates import delete_bands
from stockroom.images.storage import Storage
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.observability import logger

SIMULTANEOUS_REQUESTS = 10
PICTURES_A_TRANSACTION = 100
"""Their rows are locked until its end."""
RemovePostings = Callable[[Cursor, Collection[int]], object]
"""Makes pictures unfindable, in a transaction: the index is above this floor."""


def hide_pictures(
    cursor: Cursor, image_ids: Collection[int], *, actor: int, remove_postings: RemovePostings
) -> dict[int, str]:
    """Hide those ready pictures that may not be seen now; the link keys of their renditions, by id.

    Call `settle` with each after the commit.
    """
    hidden = lifecycle.hide(cursor, image_ids)
    if hidden:
        remove_postings(cursor, hidden)
        delete_bands(cursor, hidden)
        change_log.append(cursor, actor, "hide", {image_id: {} for image_id in hidden})
    return hidden


def apply_dates(
    cursor: Cursor, image_ids: Collection[int], *, actor: int, remove_postings: RemovePostings
) -> dict[int, str]:
    """Have pictures be what their dates say, after a change of these, in its transaction.

    Call `settle` with each picture and its link key after the commit; the others are what they were.
    """
    return lifecycle.request_settling(cursor, image_ids) | hide_pictures(
        cursor, image_ids, actor=actor, remove_postings=remove_postings
    )


def settle_all(db: Database, storage: Storage, link_keys: Mapping[int, str], *, actor: int) -> None:
    """Settle hidden pictures, and announce the originals of those that may be seen. Safe to repeat.

    Where storage is away, the reaper does it later. Requests to storage are sent several at once.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(SIMULTANEOUS_REQUESTS) as pool:
        deleted = dict(
            pool.map(
                lambda each: (each[0], _try(partial(storage.delete_renditions, *each))), link_keys.items()
            )
        )
        without_renditions = sorted(each for each in link_keys.items() if deleted[each[0]])
        shown = [
            image_id
            for some in split_into_chunks(without_renditions, PICTURES_A_TRANSACTION)
            for image_id in _end_links(db, dict(some), actor=actor)
        ]
        for _ in pool.map(lambda image_id: _try(partial(announce, storage, image_id)), shown):
            pass


def _try(work: Callable[[], object]) -> bool:
    """Whether storage has done the work."""
    try:
        work()
    except StorageUnavailable:
        logger.exception("left to the reaper")
        return False
    return True


def settle(db: Database, storage: Storage, image_id: int, link_key: str, *, actor: int) -> bool:
    """Delete the renditions of a hidden picture, under its present links; whether it is pending again.

    That is when it may be seen now. Safe to repeat, and side by side. Raises StorageUnavailable.
    """
    storage.delete_renditions(image_id, link_key)
    return bool(_end_links(db, {image_id: link_key}, actor=actor))


def _end_links(db: Database, link_keys: Mapping[int, str], *, actor: int) -> list[int]:
    """Give hidden pictures other links, in one transaction; those that may be seen now, and are pending."""

    def change_all(cursor: Cursor) -> list[int]:
        # In the order in which others lock rows.
        return [
            image_id
            for image_id, link_key in sorted(link_keys.items())
            if _change_links(image_id, link_key, actor, cursor)
        ]

    shown = db.run_transaction(change_all)
    for image_id in shown:
        with about(image_id):
            logger.info("shown")
    return shown


def announce(storage: Storage, image_id: int) -> None:
    """Have S3 announce an original, if it is there. Raises StorageUnavailable."""
    stored = storage.head_original(image_id)
    if stored is not None:
        storage.touch_original(image_id, stored)


def _change_links(image_id: int, link_key: str, actor: int, cursor: Cursor) -> bool:
    is_shown = lifecycle.show(cursor, image_id, link_key)
    if is_shown:
        change_log.append(cursor, actor, "show", {image_id: {}})
    if is_shown or lifecycle.end_links(cursor, image_id, link_key):
        ended_links.record(cursor, image_id, link_key)
    return is_shown

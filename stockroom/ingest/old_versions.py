"""The renditions of older versions are deleted once no cached answer links to them any more."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from stockroom.images.repository import renditions
from stockroom.images.storage import RenditionKey, Storage
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database

HOURS = 25
"""How long the renditions of the version before stay. Renditions and the page are cached for a day, the links
to them for a minute."""
PAGE_ROWS = 10_000
PICTURES_A_REQUEST = 100
SIMULTANEOUS_REQUESTS = 8


class Cleanup(NamedTuple):
    """Of how many pictures the old versions are deleted; of how many others they have to wait."""

    deleted: int
    waiting: int


def delete_old_versions(
    db: Database, storage: Storage, *, hours: int = HOURS, check: Callable[[Cleanup], object] | None = None
) -> Cleanup:
    """Delete the renditions of all versions below the pictures' own, where they moved more than `hours` ago.

    Safe to repeat, and to leave at any moment: what is not recorded as deleted is deleted again. `check` is
    called after each PAGE_ROWS rows, and may raise. Raises StorageUnavailable and DatabaseUnavailable.
    """
    deleted = waiting = after = 0
    with ThreadPoolExecutor(SIMULTANEOUS_REQUESTS) as pool:
        while True:
            page = renditions.find_old_versions(db, after, PAGE_ROWS, hours=hours)
            requests = list(split_into_chunks(page.pictures, PICTURES_A_REQUEST))
            for some, _ in zip(requests, pool.map(storage.delete_old_versions, requests), strict=True):
                deleted += _forget(db, some)
            waiting += page.waiting
            if check is not None:
                check(Cleanup(deleted, waiting))
            if page.end is None:
                return Cleanup(deleted, waiting)
            after = page.end


def _forget(db: Database, pictures: Sequence[RenditionKey]) -> int:
    return db.run_transaction(lambda cursor: renditions.forget_versions(cursor, pictures))

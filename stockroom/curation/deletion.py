"""Deleting pictures: nobody finds them from the commit on, and they can be brought back for a while.

The rows turn `deleted`, and postings and parts of the perceptual hashes go in the same transaction. Objects
stay until the time of restoring is over; then the reaper deletes them, and the rows after them.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING

from pymysql.cursors import Cursor

from stockroom.curation.actor import Actor
from stockroom.images import change_log
from stockroom.images.repository import deletion
from stockroom.images.repository.near_duplicates import delete_bands
from stockroom.images.states import DELETE
from stockroom.runtime.database import Database

if TYPE_CHECKING:
    from stockroom.search.index.writer import IndexWriter


class StalePicture(Exception):
    """A picture that is to be deleted as it was at another revision than the present one."""

    def __init__(self, revision: int) -> None:
        super().__init__(revision)
        self.revision = revision


def delete_pictures(
    db: Database,
    index: "IndexWriter",
    image_ids: Collection[int],
    *,
    actor: Actor,
    seconds: int,
    revisions: AbstractSet[int] | None = None,
) -> dict[int, datetime]:
    """Until when each picture can be restored, by id; an id without one is not that of a picture.

    A picture that was deleted before stays as it is: the same request again changes nothing, and gets the
    same answer. `seconds` is the time of restoring. With `revisions`, StalePicture is raised for a picture at
    another one. Round trips hardly grow with the number of pictures.
    """
    if not image_ids:
        return {}

    def delete(cursor: Cursor) -> dict[int, datetime]:
        rows = deletion.lock(cursor, image_ids, actor.only_owner)
        doomed = [row for row in rows.values() if row.state in DELETE.sources]
        for row in doomed:
            if revisions is not None and row.revision not in revisions:
                raise StalePicture(row.revision)
        details = {row.image_id: {"revision": row.revision} for row in doomed}
        if details:
            deletion.delete(cursor, list(details), seconds=seconds)
            delete_bands(cursor, details)
            # Late in the transaction: publications wait for the terms that it locks.
            index.remove_all(cursor, details)
            change_log.append(cursor, actor.owner_id, "delete", details)
            rows = deletion.lock(cursor, image_ids, actor.only_owner)
        return {
            row.image_id: row.deadline
            for row in rows.values()
            if row.state == DELETE.target and row.deadline is not None
        }

    return db.run_transaction(delete)

"""Deleting pictures: nobody finds them from the commit on, and they can be brought back for a while.

The rows turn `deleted`, and postings and parts of the perceptual hashes go in the same transaction. Objects
stay until the time of restoring is over; then the reaper deletes them, and the rows after them.
"""

from collections.abc import Collection
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


def delete_pictures(
    db: Database,
    index: "IndexWriter",
    image_ids: Collection[int],
    *,
    actor: Actor,
    seconds: int,
) -> dict[int, datetime]:
    """Until when each picture can be restored, by id; an id without one is not that of a picture.

    A picture that was deleted before stays as it is:
    the same request again changes nothing, and gets the same answer. `seconds` is the time of restoring.
    Statements do not grow with the number of pictures.
    """
    if not image_ids:
        return {}

    def delete(cursor: Cursor) -> dict[int, datetime]:
        rows = deletion.lock(cursor, image_ids, actor.only_owner)
        details = {
            row.image_id: {"revision": row.revision} for row in rows.values() if row.state in DELETE.sources
        }
        if details:
            deletion.delete(cursor, list(details), seconds=seconds)
            index.remove_all(cursor, details)
            delete_bands(cursor, details)
            change_log.append(cursor, actor.owner_id, "delete", details)
            rows = deletion.lock(cursor, image_ids, actor.only_owner)
        return {
            row.image_id: row.deadline
            for row in rows.values()
            if row.state == DELETE.target and row.deadline is not None
        }

    return db.run_transaction(delete)

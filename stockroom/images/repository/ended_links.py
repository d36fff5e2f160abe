"""The statements on links that were ended while an attempt at the original could still write under them.

A row of `image` knows its present link key alone. Whatever a late attempt writes under a former one is found
by the table `ended_link`, until no attempt can write there any more.
"""

from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.states import ATTEMPT_SECONDS
from stockroom.runtime.database import Database


class EndedLink(NamedTuple):
    """A former link key of a picture, under which nothing is written any more."""

    image_id: int
    link_key: str


def record(cursor: Cursor, image_id: int, link_key: str) -> None:
    """Record a link key that a row has just given up, if an attempt may still write under it.

    Primary key. An attempt that was under way when the renditions were deleted may be over by now: neither an
    attempt nor whoever deletes takes longer than ATTEMPT_SECONDS, so that twice as many are looked back.
    """
    cursor.execute(
        "INSERT INTO ended_link (image_id, link_key, written_until) "
        f"SELECT id, %s, attempted_at + INTERVAL {ATTEMPT_SECONDS} SECOND FROM image "
        f"WHERE id = %s AND attempted_at > UTC_TIMESTAMP(3) - INTERVAL {2 * ATTEMPT_SECONDS} SECOND",
        (link_key, image_id),
    )


def find_due(db: Database, limit: int) -> list[EndedLink]:
    """Up to `limit` ended links under which nothing is written any more. Index due, `limit` entries."""
    rows = db.query(
        "SELECT image_id, link_key FROM ended_link WHERE written_until < UTC_TIMESTAMP(3) "
        "ORDER BY written_until LIMIT %s",
        (limit,),
    )
    return [EndedLink(*row) for row in rows]


def forget(db: Database, ended: EndedLink) -> None:
    """Forget an ended link, once its renditions are deleted. Primary key."""
    db.execute("DELETE FROM ended_link WHERE image_id = %s AND link_key = %s", ended)

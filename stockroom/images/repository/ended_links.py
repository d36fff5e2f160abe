"""The statements on links that were ended while somebody could still write renditions under them.

A row of `image` knows its present link key alone. Whatever an attempt at the original, or a job, writes late
under a former one is found by the table `ended_link`, until nobody can write there any more.
"""

from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.repository.renditions import JOB_WRITES_UNTIL
from stockroom.images.states import ATTEMPT_SECONDS
from stockroom.runtime.database import Database


class EndedLink(NamedTuple):
    """A former link key of a picture, under which nothing is written any more."""

    image_id: int
    link_key: str


def record(cursor: Cursor, image_id: int, link_key: str) -> None:
    """Record a link key that a row has just given up, if an attempt or a job may still write under it.

    Primary key. An attempt that was under way when the renditions were deleted may be over by now: neither an
    attempt nor whoever deletes takes longer than ATTEMPT_SECONDS, so that twice as many are looked back.
    """
    attempt = (
        f"IF(attempted_at > UTC_TIMESTAMP(3) - INTERVAL {2 * ATTEMPT_SECONDS} SECOND, "
        f"attempted_at + INTERVAL {ATTEMPT_SECONDS} SECOND, NULL)"
    )
    cursor.execute(
        "INSERT INTO ended_link (image_id, link_key, written_until) "
        "SELECT id, %s, GREATEST(COALESCE(attempt, job), COALESCE(job, attempt)) "
        f"FROM (SELECT id, {attempt} AS attempt, {JOB_WRITES_UNTIL} AS job FROM image WHERE id = %s) AS ends "
        "WHERE attempt IS NOT NULL OR job IS NOT NULL",
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

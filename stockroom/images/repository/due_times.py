"""The statements that read when the reaper is needed, and for how long it has been.

Every moment in these statements is the database's: rows are compared by the clock that wrote them.
"""

from datetime import UTC, datetime, timedelta

from stockroom.images.due_times import HORIZON
from stockroom.images.repository.lifecycle import SETTLE_SECONDS
from stockroom.runtime.database import Database

_DAY_SECONDS = 86_400


def find_expired(db: Database, limit: int) -> list[int]:
    """Up to `limit` ready pictures that have expired, those that expired first. Index expiring."""
    rows = db.query(
        "SELECT id FROM image WHERE state = 'ready' AND expires <= UTC_TIMESTAMP(3) "
        "ORDER BY expires LIMIT %s",
        (limit,),
    )
    return [image_id for (image_id,) in rows]


def find_due_times(db: Database, after: timedelta, until: timedelta) -> set[datetime]:
    """When the reaper is needed between two moments from now on, for what everybody sees: full hours, UTC.

    These are the ends of embargoes, of pictures' time, and of the time in which deleted pictures can be
    restored. Rounded up; a day has few of them, however many pictures it has. Index due and index expiring,
    one entry for each picture between the moments.
    """
    # In whole numbers: a quotient of `/` has four digits in MySQL, and more in MariaDB. What comes just after
    # a full hour would be lost.
    full_hour = (
        "TIMESTAMPADD(HOUR, (TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'2000-01-01 00:00:00', {0}) + 3599999999) "
        "DIV 3600000000, TIMESTAMP'2000-01-01 00:00:00')"
    )
    between = "{0} > UTC_TIMESTAMP(3) + INTERVAL %s SECOND AND {0} <= UTC_TIMESTAMP(3) + INTERVAL %s SECOND"
    rows = db.query(
        " UNION ".join(
            f"SELECT {full_hour} FROM image WHERE state = '{state}' AND {between}".format(column)
            for state, column in (("deleted", "deadline"), ("hidden", "deadline"), ("ready", "expires"))
        ),
        (int(after.total_seconds()), int(until.total_seconds())) * 3,
    )
    return {moment.replace(tzinfo=UTC) for (moment,) in rows}


def find_near_times(db: Database) -> set[datetime]:
    """When the reaper is needed soon for what somebody may still see, or waits for, in UTC.

    These are the ends of attempts that may still write under ended links, the deadlines of hidden pictures
    that nobody has settled, and those of pictures that are going and at whose originals attempts may be under
    way. The latest moment of each kind is enough where they are minutes apart: each run does all that is due.
    Of those that may be hours apart, the first moment is told, too, and its run tells the next.

    The next moment at which a run tries again what has failed before is one of them, also at what could be
    restored until then, and at what is to be announced, such as a picture that was just shown. Ended links
    that are still there are tried again after as long as they have been due, so the time doubles. Index due
    of both tables, one read for each of these rows that is due until HORIZON.
    """
    horizon = int(HORIZON.total_seconds())
    soon = "deadline > UTC_TIMESTAMP(3) AND deadline <= UTC_TIMESTAMP(3) + INTERVAL %s SECOND"
    due_for = "TIMESTAMPDIFF(SECOND, MAX(written_until), UTC_TIMESTAMP(3))"
    again = f"LEAST(GREATEST({due_for}, {SETTLE_SECONDS}), {_DAY_SECONDS})"
    going = f"FROM image WHERE state = 'deleting' AND version > 0 AND failures = 0 AND {soon}"
    rows = db.query(
        "SELECT MAX(written_until) FROM ended_link WHERE written_until > UTC_TIMESTAMP(3) UNION "
        f"SELECT UTC_TIMESTAMP(3) + INTERVAL {again} SECOND "
        "FROM ended_link WHERE written_until <= UTC_TIMESTAMP(3) UNION "
        f"SELECT MAX(deadline) FROM image WHERE state = 'hidden' AND {soon} UNION "
        f"SELECT MIN(deadline) {going} UNION SELECT MAX(deadline) {going} UNION "
        "SELECT MIN(deadline) FROM image "
        f"WHERE state IN ('hidden', 'deleting', 'deleted', 'pending') AND failures > 0 AND {soon}",
        (SETTLE_SECONDS, horizon, horizon, horizon),
    )
    return {moment.replace(tzinfo=UTC) for (moment,) in rows if moment is not None}


def measure_lateness(db: Database) -> int:
    """For how many seconds the reaper has been needed for what people wait for; 0 where it is not.

    That is what could be restored until then, was to be hidden or was to be shown. Index due and index
    expiring, one entry each.
    """
    ((seconds,),) = db.query(
        "SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, due, UTC_TIMESTAMP(3))), 0) FROM ("
        "SELECT MIN(deadline) AS due FROM image WHERE state = 'deleted' UNION "
        "SELECT MIN(deadline) FROM image WHERE state = 'hidden' UNION "
        "SELECT MIN(expires) FROM image WHERE state = 'ready') AS due_times"
    )
    return max(0, int(seconds))


def measure_oldest_pending(db: Database) -> int:
    """For how many seconds no upload has been able to reach the pending row that has waited longest.

    0 without such a row. Its original has landed and is not processed yet, or no reaper has purged it. Index
    due, one row for each pending upload.
    """
    ((seconds,),) = db.query(
        "SELECT COALESCE(TIMESTAMPDIFF(SECOND, MIN(uploads_until), UTC_TIMESTAMP(3)), 0) FROM image "
        "WHERE state = 'pending' AND uploads_until < UTC_TIMESTAMP(3)"
    )
    return int(seconds)

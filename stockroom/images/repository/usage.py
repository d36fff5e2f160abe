"""The statements on `upload_usage`: what owners announce on the present day, and what is pending."""

from typing import NamedTuple

from pymysql.cursors import Cursor

STAGE = 0
"""In the place of an owner's id: all owners together."""


class Usage(NamedTuple):
    """What an owner and the whole stage have under way. The counts stop at the bounds that were asked for."""

    owner_bytes: int
    """Bytes announced on the present day, in UTC."""
    owner_files: int
    """Files announced on the present day."""
    stage_bytes: int
    stage_files: int
    owner_pending: int
    stage_pending: int
    seconds_left: int
    """Seconds until the next day begins."""


def add(cursor: Cursor, owner_id: int, *, size: int, files: int) -> None:
    """Add bytes and files to the present day of an owner and of the stage; both rows are locked until the
    commit.

    The owner's row comes first, always, so that two batches never wait for each other. Primary key, one row
    each. `day` is assigned last: servers assign from left to right.
    """
    cursor.execute(
        "INSERT INTO upload_usage (owner_id, day, bytes, files) "
        f"VALUES (%s, UTC_DATE(), %s, %s), ({STAGE}, UTC_DATE(), %s, %s) "
        "ON DUPLICATE KEY UPDATE bytes = IF(day = UTC_DATE(), bytes, 0) + %s, "
        "files = IF(day = UTC_DATE(), files, 0) + %s, day = UTC_DATE()",
        (owner_id, size, files, size, files, size, files),
    )


def read(cursor: Cursor, owner_id: int, *, owner_bound: int, stage_bound: int) -> Usage:
    """The usage as it is with the rows of this transaction; pending rows are counted up to the bounds.

    Two primary-key reads; indexes owner_state and due, at most as many entries as the bounds.
    """
    cursor.execute(
        "SELECT owners.bytes, owners.files, everybodys.bytes, everybodys.files, "
        "(SELECT COUNT(*) FROM "
        "(SELECT 1 FROM image WHERE owner_id = %s AND state = 'pending' LIMIT %s) pending), "
        "(SELECT COUNT(*) FROM (SELECT 1 FROM image WHERE state = 'pending' LIMIT %s) pending), "
        "TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), UTC_DATE() + INTERVAL 1 DAY) "
        "FROM upload_usage owners STRAIGHT_JOIN upload_usage everybodys "
        f"WHERE owners.owner_id = %s AND everybodys.owner_id = {STAGE}",
        (owner_id, owner_bound, stage_bound, owner_id),
    )
    return Usage(*map(int, cursor.fetchall()[0]))

"""The statements on the versions of renditions: which pictures have an older one, and the move to a new one.

A picture moves to a new version when all its renditions of that version are stored. The renditions of the
version before stay for a while, because answers that are cached somewhere link to them.
"""

import time
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.states import FORGET_VERSIONS, JOB_SECONDS, MOVE
from stockroom.images.storage import RenditionKey
from stockroom.runtime.database import Database, placeholders
from stockroom.runtime.job_runs import RERENDER, held_within

LAST_ID = (1 << 64) - 1
_COUNTED_ROWS = 10_000
"""Rows that one statement of `count_sources` reads, so that none takes long."""

# A job may have read a row just before its links end, and writes for JOB_SECONDS at the most after that. It
# reads no rows once its lease has ended for so long: that it has lost the lease, it notices before.
JOB_WRITES_UNTIL = (
    f"IF({held_within(RERENDER, 2 * JOB_SECONDS)}, UTC_TIMESTAMP(3) + INTERVAL {JOB_SECONDS} SECOND, NULL)"
)
"""Until when a job may still write renditions under links that end now, as SQL; NULL without such a job."""


class Source(NamedTuple):
    """A ready picture whose renditions have the older version `version`.

    `size` and `type` are those of its original. `read_at` is when the row was read, in seconds since 1970:
    nobody writes renditions of the new version later than JOB_SECONDS after that.
    """

    image_id: int
    link_key: str
    version: int
    size: int
    type: str
    read_at: float


class SourcePage(NamedTuple):
    """The sources among some rows. The next page begins after the id `end`; None at the end of the table."""

    sources: list[Source]
    end: int | None


class SourceCount(NamedTuple):
    """How many sources there are, and how many bytes their originals have together.

    `newest` is the highest version that any ready picture has, whoever its owner is; 0 where there is none.
    """

    pictures: int
    bytes: int
    newest: int = 0


class Move(NamedTuple):
    """A picture with stored renditions of a new version: what was read of it, and its further formats.

    The formats are separated by commas.
    """

    image_id: int
    link_key: str
    from_version: int
    formats: str


class OldVersions(NamedTuple):
    """Pictures whose renditions of older versions may go, of some rows. `waiting`: those that moved lately.

    The next page begins after the id `end`; None at the end of the table.
    """

    pictures: list[RenditionKey]
    waiting: int
    end: int | None


def find_sources(
    db: Database,
    below_version: int,
    after: int,
    limit: int,
    *,
    until: int | None = None,
    owner: int | None = None,
) -> SourcePage:
    """The ready pictures with an older version among the next `limit` rows above the id `after`.

    `until` is the last id, `owner` the only owner. A page may be empty before the end. Primary key, `limit`
    entries.
    """
    read_at = time.time()
    wanted, arguments = _wanted(below_version, owner)
    rows = db.query(
        f"SELECT id, link_key, version, size, type, {wanted} FROM image "
        "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
        (*arguments, after, LAST_ID if until is None else until, limit),
    )
    sources = [Source._make((*row[:-1], read_at)) for row in rows if row[-1]]
    return SourcePage(sources, rows[-1][0] if len(rows) == limit else None)


def count_sources(
    db: Database, below_version: int, *, after: int = 0, until: int | None = None, owner: int | None = None
) -> SourceCount:
    """How many pictures `find_sources` finds on all pages.

    Primary key, all rows of the range, in statements of _COUNTED_ROWS.
    """
    wanted, arguments = _wanted(below_version, owner)
    pictures = size = newest = 0
    while True:
        ((rows, some, their_size, highest, last),) = db.query(
            "SELECT COUNT(*), COALESCE(SUM(is_wanted), 0), COALESCE(SUM(IF(is_wanted, size, 0)), 0), "
            "COALESCE(MAX(IF(state = 'ready', version, 0)), 0), MAX(id) "
            f"FROM (SELECT id, size, state, version, {wanted} AS is_wanted FROM image "
            "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) AS page",
            (*arguments, after, LAST_ID if until is None else until, _COUNTED_ROWS),
        )
        pictures, size, newest = pictures + int(some), size + int(their_size), max(newest, int(highest))
        if rows < _COUNTED_ROWS:
            return SourceCount(pictures, size, newest)
        after = last


def move(cursor: Cursor, moves: Sequence[Move], version: int) -> set[int]:
    """Move pictures to a new version, at most some hundred; the ids of those that have it now.

    A picture stays as it is when it is not ready, when it has other links or another version than those that
    were read, or when its renditions are being completed. Its metadata and its revision are not touched.
    Primary key, two reads each.
    """
    if not moves:
        return set()
    table, arguments = _join(("id", "link_key", "version", "formats"), moves)
    cursor.execute(
        f"UPDATE image {table} SET image.formats = new.formats, image.moved = UTC_TIMESTAMP(3), "
        f"image.version = %s WHERE {MOVE.condition}",
        (*arguments, version),
    )
    # Those that had moved before are among them: the answer of an earlier commit may have been lost.
    cursor.execute(
        f"SELECT image.id FROM image {table} WHERE image.link_key = new.link_key AND image.version = %s",
        (*arguments, version),
    )
    return {image_id for (image_id,) in cursor.fetchall()}


def find_dead(db: Database, links: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those of some pictures' link keys that no picture has any more, and none will ever have again.

    The row is gone or going, or is hidden, after which it gets other links, or has got them. Primary key, one
    read each.
    """
    wanted = sorted(set(links))
    if not wanted:
        return []
    rows = db.query(
        "SELECT id, link_key FROM image "
        f"WHERE id IN ({placeholders(wanted)}) AND state NOT IN ('deleting', 'hidden')",
        [image_id for image_id, _ in wanted],
    )
    alive = set(rows)
    return [each for each in wanted if each not in alive]


def find_old_versions(db: Database, after: int, limit: int, *, hours: int) -> OldVersions:
    """The ready pictures among the next `limit` rows that moved to a new version more than `hours` ago.

    Primary key, `limit` entries.
    """
    rows = db.query(
        "SELECT id, link_key, version, state = 'ready' AND moved IS NOT NULL, "
        "COALESCE(moved < UTC_TIMESTAMP(3) - INTERVAL %s HOUR, 0) FROM image "
        "WHERE id > %s ORDER BY id LIMIT %s",
        (hours, after, limit),
    )
    moved = [row for row in rows if row[3]]
    pictures = [RenditionKey(*row[:3]) for row in moved if row[4]]
    return OldVersions(pictures, len(moved) - len(pictures), rows[-1][0] if len(rows) == limit else None)


def forget_versions(cursor: Cursor, pictures: Sequence[RenditionKey]) -> int:
    """Record that no renditions of older versions are left; of how many pictures. Primary key."""
    table, arguments = _join(("id", "link_key", "version"), pictures)
    return cursor.execute(
        f"UPDATE image {table} SET image.moved = NULL WHERE {FORGET_VERSIONS.condition}", arguments
    )


def _wanted(below_version: int, owner: int | None) -> tuple[str, tuple[int, ...]]:
    """Whether a row is one of the sources, as SQL with its arguments."""
    if owner is None:
        return "state = 'ready' AND version < %s", (below_version,)
    return "state = 'ready' AND version < %s AND owner_id = %s", (below_version, owner)


def _join(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> tuple[str, tuple[object, ...]]:
    """A JOIN of `image` with rows that are called `new`, by their ids, and its arguments."""
    first = f"SELECT {', '.join(f'%s AS {column}' for column in columns)}"
    further = f"SELECT {', '.join(['%s'] * len(columns))}"
    return (
        f"JOIN ({' UNION ALL '.join([first] + [further] * (len(rows) - 1))}) new ON new.id = image.id",
        tuple(chain.from_iterable(sorted(rows))),
    )

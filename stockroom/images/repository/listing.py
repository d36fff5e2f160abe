"""The statements that show contributors where their uploads have got to."""

import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from stockroom.images.repository.upload_time import LATEST_DEADLINE
from stockroom.images.states import FailureCode, State
from stockroom.runtime.database import Database, Row, placeholders


class UploadRow(NamedTuple):
    """Where an upload has got to. `file_name` is the file's own, `name` may be a title.

    `failure_code` and `failure_detail` are set exactly when it has failed, and `restorable_until` exactly
    when its picture is deleted.
    """

    image_id: int
    name: str
    file_name: str
    state: State
    is_overdue: bool
    failure_code: FailureCode | None
    failure_detail: str | None
    restorable_until: datetime | None


# A row that has come to its latest deadline may still have a ticket that is valid.
_UPLOAD = (
    "id, name, COALESCE(file_name, name), state, deadline < UTC_TIMESTAMP(3) AND NOT "
    f"(COALESCE(uploads_until > UTC_TIMESTAMP(3), 0) AND {LATEST_DEADLINE} <= UTC_TIMESTAMP(3)), "
    "failure_code, failure_detail, IF(state = 'deleted', deadline, NULL)"
)
# It tells characters beyond the basic plane apart, and both MySQL and MariaDB have it.
_ANY_CASE = "utf8mb4_unicode_520_ci"
_IS_LISTED = (
    "(state IN ('pending', 'ready', 'failed', 'hidden') OR state = 'deleted' AND deadline > UTC_TIMESTAMP(3))"
)
"""A picture that can be restored no longer has gone for its owner, whenever the reaper looks."""


class Order(NamedTuple):
    """In which order uploads are listed, by their ids, as parts of statements.

    `first_cursor` is the cursor behind which the first page begins, and `farthest` the last id there can be.
    """

    behind: Literal["<", ">"]
    up_to: Literal[">=", "<="]
    direction: Literal["DESC", "ASC"]
    first_cursor: int
    farthest: int


_MAX_ID = (1 << 64) - 1
NEWEST_FIRST = Order("<", ">=", "DESC", first_cursor=_MAX_ID, farthest=0)
OLDEST_FIRST = Order(">", "<=", "ASC", first_cursor=0, farthest=_MAX_ID)


def find_uploads(db: Database, owner_id: int, image_ids: Sequence[int]) -> list[UploadRow]:
    """The owner's uploads among `image_ids`, newest first. Primary key, one read each."""
    rows = db.query(
        f"SELECT {_UPLOAD} FROM image WHERE id IN ({placeholders(image_ids)}) "
        f"AND owner_id = %s AND {_IS_LISTED} ORDER BY id DESC",
        (*image_ids, owner_id),
    )
    return [_upload(row) for row in rows]


def find_uploads_in_order(
    db: Database,
    owner_id: int,
    cursor: int,
    limit: int,
    *,
    state: State | None = None,
    order: Order = NEWEST_FIRST,
) -> list[UploadRow]:
    """The owner's first uploads behind the cursor, in any state or in one.

    Index owner_newest, or owner_state, `limit` entries.
    """
    index, in_state, arguments = _by_state(state)
    rows = db.query(
        f"SELECT {_UPLOAD} FROM image FORCE INDEX ({index}) WHERE owner_id = %s AND id {order.behind} %s "
        f"{in_state}AND {_IS_LISTED} ORDER BY id {order.direction} LIMIT %s",
        (owner_id, cursor, *arguments, limit),
    )
    return [_upload(row) for row in rows]


def find_named_uploads(
    db: Database,
    owner_id: int,
    cursor: int,
    reach: int | None,
    limit: int,
    *,
    text: str,
    state: State | None,
    order: Order = NEWEST_FIRST,
) -> list[UploadRow]:
    """The owner's first uploads behind the cursor whose own or whose file's name contains the text.

    Up to and with the id `reach`, if it is given. Case and accents do not count. Index owner_newest, or
    owner_state, and the rows up to there until `limit` of them match.
    """
    # File systems store accents in two ways; servers compare both character by character.
    patterns = sorted({_make_pattern(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")})
    contains = " OR ".join(
        f"{column} COLLATE {_ANY_CASE} LIKE %s ESCAPE '!'"
        for _ in patterns
        for column in ("COALESCE(file_name, '')", "name")
    )
    index, in_state, arguments = _by_state(state)
    last = order.farthest if reach is None else reach
    rows = db.query(
        f"SELECT {_UPLOAD} FROM image FORCE INDEX ({index}) WHERE owner_id = %s AND id {order.behind} %s "
        f"AND id {order.up_to} %s {in_state}AND ({contains}) AND {_IS_LISTED} "
        f"ORDER BY id {order.direction} LIMIT %s",
        (owner_id, cursor, last, *arguments, *(each for each in patterns for _ in range(2)), limit),
    )
    return [_upload(row) for row in rows]


def find_reach(
    db: Database,
    owner_id: int,
    cursor: int,
    number: int,
    *,
    state: State | None,
    order: Order = NEWEST_FIRST,
) -> int | None:
    """The id of the last of the owner's first `number` rows behind the cursor, in any state or in one.

    None where no others come after them. Index owner_newest, or owner_state, `number` entries and no rows.
    """
    index, in_state, arguments = _by_state(state)
    rows = db.query(
        f"SELECT id FROM image FORCE INDEX ({index}) WHERE owner_id = %s AND id {order.behind} %s {in_state}"
        f"ORDER BY id {order.direction} LIMIT 2 OFFSET %s",
        (owner_id, cursor, *arguments, number - 1),
    )
    return rows[0][0] if len(rows) == 2 else None


def _by_state(state: State | None) -> tuple[str, str, tuple[State, ...]]:
    """The index by which an owner's rows are read in order, with the condition and its arguments."""
    return ("owner_newest", "", ()) if state is None else ("owner_state", "AND state = %s ", (state,))


def _make_pattern(text: str) -> str:
    """The pattern of LIKE for what contains the text; `!` escapes."""
    return f"%{text.translate({ord(char): f'!{char}' for char in '!%_'})}%"


def count_by_state(db: Database, owner_id: int, states: Sequence[State], most: int) -> dict[State, int]:
    """How many of the owner's rows are in each state; `most` where there are as many or more.

    Index owner_state, at most `most` entries a state.
    """
    select = (
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM image WHERE owner_id = %s AND state = %s LIMIT {most:d}) c)"
    )
    ((*counts,),) = db.query(
        f"SELECT {', '.join([select] * len(states))}",
        [value for state in states for value in (owner_id, state)],
    )
    return dict(zip(states, counts, strict=True))


def find_expiring(db: Database, owner_id: int, days: int, limit: int) -> list[UploadRow]:
    """The owner's ready pictures that expire within so many days, those first that expire first.

    Index owner_expiring, one entry and its row for each picture that expires until then.
    """
    rows = db.query(
        f"SELECT {_UPLOAD} FROM image FORCE INDEX (owner_expiring) WHERE state = 'ready' "
        "AND expires > UTC_TIMESTAMP(3) AND expires <= UTC_TIMESTAMP(3) + INTERVAL %s DAY AND owner_id = %s "
        "ORDER BY expires, id LIMIT %s",
        (days, owner_id, limit),
    )
    return [_upload(row) for row in rows]


def find_failed(db: Database, code: FailureCode | None, after: int, limit: int) -> list[int]:
    """The ids above `after` of failed uploads whose originals were kept, in order; of any failure without a
    code.

    Index due, one entry for each failed upload.
    """
    condition = "" if code is None else "AND failure_code = %s "
    rows = db.query(
        "SELECT id FROM image WHERE state = 'failed' AND failed_sha256 IS NOT NULL AND id > %s "
        f"{condition}ORDER BY id LIMIT %s",
        (after, limit) if code is None else (after, code, limit),
    )
    return [image_id for (image_id,) in rows]


def find_own(db: Database, owner_id: int, image_ids: Collection[int]) -> set[int]:
    """Which of these rows are the owner's, without those that are deleted or deleting. Primary key."""
    rows = db.query(
        f"SELECT id FROM image WHERE id IN ({placeholders(image_ids)}) AND owner_id = %s "
        "AND state NOT IN ('deleting', 'deleted')",
        (*sorted(image_ids), owner_id),
    )
    return {image_id for (image_id,) in rows}


class EndingRow(NamedTuple):
    """A row that was to be cancelled. `has_begun`: something may have been rendered under its link key."""

    image_id: int
    state: State
    link_key: str
    has_begun: bool


def find_ending(db: Database, image_ids: Collection[int]) -> dict[int, EndingRow]:
    """What has become of rows that were to be cancelled, by id. Primary key."""
    rows = db.query(
        "SELECT id, state, link_key, attempted_at IS NOT NULL FROM image "
        f"WHERE id IN ({placeholders(image_ids)})",
        tuple(sorted(image_ids)),
    )
    return {
        image_id: EndingRow(image_id, state, link_key, bool(has_begun))
        for image_id, state, link_key, has_begun in rows
    }


def _upload(row: Row) -> UploadRow:
    """The columns of _UPLOAD."""
    image_id, name, file_name, state, is_overdue, *others = row
    return UploadRow(image_id, name, file_name, state, bool(is_overdue), *others)

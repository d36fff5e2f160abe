"""What happened to published pictures: who did what, and when. All SQL of the table `change_log` is here.

Entries are only ever added: the accounts of the functions may neither change nor delete one
(`stockroom.runtime.accounts`). Whoever changes a picture appends the entry in the transaction of the change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from pymysql.cursors import Cursor

from stockroom.runtime.database import Database, placeholders

Action = Literal["publish", "edit", "delete", "restore", "take-down", "lift", "purge", "hide", "show"]
"""What was done. The log keeps its rows for good, so an action never changes its meaning.

"purge": the row has gone, and its objects before it. "lift": the content of a take-down is accepted again."""

LIBRARY = 0
"""The actor of what the library does by itself; every other actor is an owner's id."""
NO_PICTURE = 0
"""The picture of an entry that is about a content alone."""
LAST_ENTRY = (1 << 64) - 1
"""Above the id of every entry."""
ACTIONS: tuple[Action, ...] = get_args(Action)
MAX_READ = 1000
"""Entries of a picture that one page reads, where not all of them are asked for."""
_KEYS = {
    (): "PRIMARY",
    ("image_id",): "picture",
    ("actor",): "actor",
    ("action",): "action",
    ("actor", "action"): "actor_action",
}
"""The keys along which entries are read, by what is asked for."""


class Entry(NamedTuple):
    """One change. `actor_name` is what others see of the actor now; `detail` depends on the action."""

    entry_id: int
    at: datetime
    image_id: int
    actor: int
    actor_name: str
    action: Action
    detail: dict[str, Any]


class Page(NamedTuple):
    """Entries, the newest first, and the `before` of the page that follows, if one does."""

    entries: list[Entry]
    next: int | None


def append(cursor: Cursor, actor: int, action: Action, details: Mapping[int, Mapping[str, object]]) -> None:
    """Note an action on some pictures, in the transaction that does it; `details` are JSON by image id.

    One statement; rows are only ever added.
    """
    if not details:
        return
    arguments: list[object] = []
    for image_id, detail in sorted(details.items()):
        arguments += (image_id, actor, action, msgspec.json.encode(detail).decode())
    values = placeholders(details, "(UTC_TIMESTAMP(3), %s, %s, %s, %s)")
    cursor.execute(
        f"INSERT INTO change_log (at, image_id, actor, action, detail) VALUES {values}", tuple(arguments)
    )


def append_purge(cursor: Cursor, image_id: int) -> None:
    """Note that a picture has gone, if the log knows it. Key picture, one entry."""
    cursor.execute(
        "INSERT INTO change_log (at, image_id, actor, action, detail) "
        f"SELECT UTC_TIMESTAMP(3), %s, {LIBRARY}, 'purge', '{{}}' FROM DUAL "
        "WHERE EXISTS (SELECT 1 FROM change_log l WHERE l.image_id = %s)",
        (image_id, image_id),
    )


def find_page(
    db: Database,
    before: int,
    limit: int,
    *,
    image_id: int | None = None,
    actor: int | None = None,
    action: Action | None = None,
) -> Page:
    """The newest entries with ids below `before`: of one picture, person, or action; of all that are given.

    A page reads `limit` entries along an index. Of one picture by one person, or of one action, it reads as
    many as MAX_READ of the picture's, and may have fewer than `limit`, though another one follows.
    """
    given = {"image_id": image_id, "actor": actor, "action": action}
    conditions = {column: value for column, value in given.items() if value is not None}
    key = _KEYS.get(tuple(conditions))
    if key is None:
        return _find_page_of_picture(db, before, limit, conditions)
    # `key`, backwards, limit + 1 entries. Unforced, MySQL may rather read the primary key backwards until it
    # has met enough entries of somebody who has done little.
    entries = _find_entries(
        db,
        f"FORCE INDEX ({key})",
        "".join(f"l.{column} = %s AND " for column in conditions)
        + "l.entry_id < %s ORDER BY l.entry_id DESC LIMIT %s",
        (*conditions.values(), before, limit + 1),
    )
    return Page(entries[:limit], entries[limit - 1].entry_id if len(entries) > limit else None)


def _find_page_of_picture(db: Database, before: int, limit: int, conditions: Mapping[str, object]) -> Page:
    # Key picture, backwards, MAX_READ entries.
    read = db.query(
        f"SELECT entry_id, {', '.join(conditions)} FROM change_log FORCE INDEX (picture) "
        f"WHERE image_id = %s AND entry_id < %s ORDER BY entry_id DESC LIMIT {MAX_READ:d}",
        (conditions["image_id"], before),
    )
    found = [entry_id for entry_id, *values in read if values == list(conditions.values())]
    if len(found) > limit:
        found, position = found[:limit], found[limit - 1]
    else:
        position = read[-1][0] if len(read) == MAX_READ else None
    if not found:
        return Page([], position)
    # Primary key, one probe an entry.
    of_these = f"l.entry_id IN ({placeholders(found)}) ORDER BY l.entry_id DESC"
    return Page(_find_entries(db, "", of_these, tuple(found)), position)


def _find_entries(db: Database, index: str, condition: str, arguments: tuple[object, ...]) -> list[Entry]:
    rows = db.query(
        "SELECT l.entry_id, l.at, l.image_id, l.actor, COALESCE(o.name, ''), l.action, l.detail "
        f"FROM change_log l {index} LEFT JOIN owner o ON o.owner_id = l.actor WHERE {condition}",
        arguments,
    )
    return [
        Entry(entry_id, at, image_id, actor, name, action, msgspec.json.decode(detail))
        for entry_id, at, image_id, actor, name, action, detail in rows
    ]

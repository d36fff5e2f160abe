"""What happened to published pictures: who did what, and when. All SQL of the table `change_log` is here.

Entries are only ever added: the accounts of the functions may neither change nor delete one
(`stockroom.runtime.accounts`). Whoever changes a picture appends the entry in the transaction of the change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

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


class Entry(NamedTuple):
    """One change. `actor_name` is what others see of the actor now; `detail` depends on the action."""

    entry_id: int
    at: datetime
    image_id: int
    actor: int
    actor_name: str
    action: Action
    detail: dict[str, Any]


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


def find_page(db: Database, image_id: int | None, before: int, limit: int) -> list[Entry]:
    """The newest entries with ids below `before`, of one picture or of all. Primary key, or key picture."""
    of_picture, arguments = ("", ()) if image_id is None else ("l.image_id = %s AND ", (image_id,))
    rows = db.query(
        "SELECT l.entry_id, l.at, l.image_id, l.actor, COALESCE(o.name, ''), l.action, l.detail "
        "FROM change_log l LEFT JOIN owner o ON o.owner_id = l.actor "
        f"WHERE {of_picture}l.entry_id < %s ORDER BY l.entry_id DESC LIMIT %s",
        (*arguments, before, limit),
    )
    return [
        Entry(entry_id, at, image_id, actor, name, action, msgspec.json.decode(detail))
        for entry_id, at, image_id, actor, name, action, detail in rows
    ]

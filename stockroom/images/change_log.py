"""The change log: who did what to which picture, and when. All SQL of the table `change_log` is here.

Entries are only ever added: the accounts of the functions may neither change nor delete one
(`stockroom.runtime.accounts`). Whoever changes a picture appends the entry in the transaction of the change.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pymysql.cursors import Cursor

from stockroom.runtime.database import Database, placeholders

Action = Literal["publish", "edit", "delete", "restore", "take-down", "lift", "purge", "hide", "show"]
"""What was done. "purge": the row has gone, and its objects before it. "lift": the content of a take-down is
accepted again."""

LIBRARY = 0
"""The actor where the library itself has done something."""
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
    """Add an entry for each picture in `details`, with one statement."""
    if not details:
        return
    arguments: list[object] = []
    for image_id, detail in details.items():
        arguments += (image_id, actor, action, json.dumps(detail, ensure_ascii=False))
    cursor.execute(
        "INSERT INTO change_log (at, image_id, actor, action, detail) "
        f"VALUES {placeholders(details, '(UTC_TIMESTAMP(3), %s, %s, %s, %s)')}",
        tuple(arguments),
    )


def append_purge(cursor: Cursor, image_id: int) -> None:
    """Add the last entry of a picture that has others. Key picture, one entry."""
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
    return [Entry(*row[:-1], detail=json.loads(row[-1])) for row in rows]

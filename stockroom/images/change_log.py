"""What happened to published pictures: who did what, and when. All SQL of the table `change_log` is here."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from pymysql.cursors import Cursor

from stockroom.runtime.database import placeholders

Action = Literal["publish", "edit", "delete", "restore", "take-down", "purge", "hide", "show"]
"""What was done. The log keeps its rows for good, so an action never changes its meaning."""

LIBRARY = 0
"""The actor of what the library does by itself; every other actor is an owner's id."""


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

"""The statement that reads rows in the order of their ids, to be compared with the objects in storage."""

from typing import NamedTuple

from stockroom.images.states import State
from stockroom.runtime.database import Database


class InventoryRow(NamedTuple):
    """What a row says of its objects.

    `lacks_renditions`: a ready picture whose renditions are being completed.
    """

    image_id: int
    state: State
    link_key: str
    version: int
    formats: tuple[str, ...]
    lacks_renditions: bool


def find_rows(db: Database, after: int, up_to: int, limit: int) -> list[InventoryRow]:
    """Rows in any state with ids above `after` and at most `up_to`, in order.

    Primary key, `limit` entries.
    """
    rows = db.query(
        "SELECT id, state, link_key, version, formats, state = 'ready' AND deadline IS NOT NULL FROM image "
        "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
        (after, up_to, limit),
    )
    return [
        InventoryRow(
            image_id, state, link_key, version, tuple(formats.split(",")) if formats else (), bool(lacks)
        )
        for image_id, state, link_key, version, formats, lacks in rows
    ]

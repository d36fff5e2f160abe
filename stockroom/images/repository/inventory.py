"""The statement that reads rows in the order of their ids, to be compared with the objects in storage."""

from typing import NamedTuple

from stockroom.images.repository.lifecycle import SETTLE_SECONDS
from stockroom.images.states import State
from stockroom.runtime.database import Database

OVERDUE_DAYS = 3
"""Where the database pauses, the reaper runs once a day."""


class InventoryRow(NamedTuple):
    """What a row says of its objects.

    `has_changing_renditions`: a ready picture whose renditions are being completed, or a hidden one whose
    renditions are being deleted. `has_old_versions`: renditions of older versions are still to be deleted.
    `is_long_overdue`: no reaper has seen to the row for OVERDUE_DAYS.
    """

    image_id: int
    state: State
    link_key: str
    version: int
    formats: tuple[str, ...]
    has_changing_renditions: bool
    has_old_versions: bool
    is_long_overdue: bool


def find_rows(db: Database, after: int, up_to: int, limit: int) -> list[InventoryRow]:
    """Rows in any state with ids above `after` and at most `up_to`, in order.

    Primary key, `limit` entries.
    """
    rows = db.query(
        "SELECT id, state, link_key, version, formats, "
        "state = 'ready' AND deadline IS NOT NULL "
        f"OR state = 'hidden' AND deadline < UTC_TIMESTAMP(3) + INTERVAL {SETTLE_SECONDS} SECOND, "
        "moved IS NOT NULL, "
        f"COALESCE(deadline < UTC_TIMESTAMP(3) - INTERVAL {OVERDUE_DAYS} DAY, 0) FROM image "
        "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
        (after, up_to, limit),
    )
    return [
        InventoryRow(
            image_id,
            state,
            link_key,
            version,
            tuple(formats.split(",")) if formats else (),
            *(bool(flag) for flag in flags),
        )
        for image_id, state, link_key, version, formats, *flags in rows
    ]

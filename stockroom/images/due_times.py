"""Due times: when the reaper is needed, where its own schedule would come up to a day too late.

A database that pauses is looked at once a day. Whoever sets a time for the reaper is inside the network,
which leads to storage alone, and so tells it by an empty object whose key is the time. Storage announces the
object to a function outside the network, which has the reaper called then (`images/reaper_schedule.py`).

A time is rounded up, so that there are few of them, and told only when it is near. The reaper tells the later
ones as they come near. When a time is lost, the reaper's next run does what was due.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.timestamps import now

if TYPE_CHECKING:
    from stockroom.images.storage import Storage

PREFIX = "due/"
"""The prefix of the objects, in the uploads bucket. S3 deletes what lies there after a day."""
NEAR = timedelta(hours=1)
"""Somebody has just used the database, so it is awake for most of what comes within this time."""
SMALL_STEP = timedelta(minutes=5)
LARGE_STEP = timedelta(hours=1)
HORIZON = timedelta(hours=26)
"""Each run of the reaper tells the moments between NEAR and HORIZON after it. The runs are a day apart, so
each moment is told by one of them, even where it is an hour late."""
SOON = timedelta(minutes=1)
"""As much later is told what is due at once: a time that passes while it is told would be told to nobody."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def round_up(moment: datetime, step: timedelta) -> datetime:
    """The first moment of the clock, in steps, that is not before this one. A naive one is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _EPOCH - (_EPOCH - aware) // step * step


def due_key(due: datetime) -> str:
    """The key of the object that tells a due time. The order of keys is that of the times."""
    return f"{PREFIX}{due.astimezone(UTC):%Y-%m-%dT%H-%M}"


def read_due_key(key: str, at: datetime) -> datetime | None:
    """The due time that a key tells at a moment; None for a key that nobody writes at that moment.

    Whoever can write objects can therefore have the reaper called every five minutes, and no more often.
    """
    try:
        due = datetime.strptime(key.removeprefix(PREFIX), "%Y-%m-%dT%H-%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    is_near = at - LARGE_STEP < due <= at + HORIZON + 2 * LARGE_STEP
    # The last minutes of the calendar cannot be rounded up.
    return due if is_near and due_key(due) == key and due == round_up(due, SMALL_STEP) else None


class DueTimes:
    """Has the reaper called at due times; each is told once by a process."""

    def __init__(self, storage: "Storage") -> None:
        self._storage = storage
        self._told: set[str] = set()

    def call_reaper_at(self, moments: Iterable[datetime | None]) -> None:
        """Have the reaper called at these moments, or a little after. Never fails; None is no moment."""
        at = now()
        dues = set()
        for moment in moments:
            if moment is not None:
                due = round_up(moment, SMALL_STEP)
                dues.add(due if due <= at + NEAR else round_up(moment, LARGE_STEP))
        self.call_reaper_exactly_at(dues)

    def call_reaper_soon(self) -> None:
        """Have the reaper called within some minutes. Never fails."""
        self.call_reaper_at([now() + SOON])

    def call_reaper_exactly_at(self, dues: Iterable[datetime]) -> None:
        """Have the reaper called at these due times, as far as they are near. Never fails."""
        at = now()
        # What has passed is told no more.
        self._told = {key for key in self._told if key > due_key(at)}
        for due in sorted(set(dues)):
            key = due_key(due)
            if at < due <= at + HORIZON + LARGE_STEP and key not in self._told:
                try:
                    self._storage.mark_due(key)
                except StorageUnavailable:
                    logger.exception("due time not told", extra={"due": key})
                    return
                self._told.add(key)

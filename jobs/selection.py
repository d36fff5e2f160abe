"""Which pictures a job is about, in few words: `from=2026-01-01 to=2026-03 owner=7`."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from jobs.errors import JobError
from stockroom.images import ids
from stockroom.images.owners import MAX_OWNER_ID

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Selection(NamedTuple):
    """The pictures with ids above `after`, up to `until`, of one owner; None stands for any."""

    after: int = 0
    until: int | None = None
    owner: int | None = None


def parse_selection(text: str) -> Selection:
    """The selection that a text stands for; an empty text stands for all pictures. Raises JobError.

    `from=` and `to=` take an id, a day, a month or a year, when a picture was announced, in UTC. Both ends
    belong to the selection. `owner=` takes the number that the API calls `owner_id`.
    """
    selection = Selection()
    seen: set[str] = set()
    for word in text.split():
        name, _, value = word.partition("=")
        if name in seen:
            raise JobError(f"WHERE names {name}= twice")
        seen.add(name)
        match name:
            case "from":
                selection = selection._replace(after=_first_id(value) - 1)
            case "to":
                selection = selection._replace(until=_last_id(value))
            case "owner":
                selection = selection._replace(owner=_owner(value))
            case _:
                raise JobError(f"WHERE takes from=, to= and owner=, separated by blanks, and not {word!r}")
    if selection.until is not None and selection.until <= selection.after:
        raise JobError(f"WHERE: to= ends before from= begins in {text!r}, so no picture can be meant")
    return selection


def _first_id(value: str) -> int:
    image_id = ids.decode(value)
    return ids.first_id(_period(value)[0]) if image_id is None else image_id


def _last_id(value: str) -> int:
    image_id = ids.decode(value)
    return ids.first_id(_period(value)[1]) - 1 if image_id is None else image_id


def _period(value: str) -> tuple[datetime, datetime]:
    """Where a day, month or year begins, and where the next one does."""
    parts = _DATE.fullmatch(value)
    try:
        if parts is None or not parts[1]:
            raise ValueError
        year, month, day = int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)
        first = date(year, month, day)
        if parts[3]:
            after = first + timedelta(days=1)
        else:
            after = date(year, month + 1, 1) if parts[2] and month < 12 else date(year + 1, 1, 1)
        begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, after))
        if begin.timestamp() < 0:
            raise ValueError
    except (ValueError, OverflowError):
        raise JobError(
            f"WHERE: {value!r} is no id, and no date such as 2026-01-31, 2026-01 or 2026"
        ) from None
    return begin, end


def _owner(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= MAX_OWNER_ID:
        raise JobError(
            f"WHERE: owner={value} must be the number of a contributor (`make ask QUESTION=owners`)"
        )
    return int(value)

"""Days as people write them, read as ranges of picture ids.

The forms are `20-5-2016`, `5-2016` and `2016`, with `*` for any part (`20-*-2016`), and `2016-05-20` and
`2016-05`. Days are UTC.
"""

from datetime import UTC, date, datetime, timedelta

from stockroom.images import ids
from stockroom.search.index.id_ranges import ALL_IDS, MAX_ID, IdRange

MAX_RANGES = 62
FIRST_YEAR = 2000
"""The first year that `*` stands for; the last one is the present year."""

DayRange = tuple[date, date]
"""From the first day, inclusive, to the second, exclusive."""

_FORMS = "write 20-5-2016, 5-2016, 2016 or 2016-05-20"


class InvalidDate(ValueError):
    """A text that is no date, or the date of a day that does not exist; the message says which."""


def parse_date(text: str, today: date) -> list[IdRange]:
    """The id ranges of a date, newest first, with adjacent days merged; more than one only with `*`."""
    day, month, year = split_date(text)
    if year == "*" and month == "*" and day == "*":
        return [ALL_IDS]
    years = range(FIRST_YEAR, today.year + 1) if year == "*" else [int(year)]
    months = range(1, 13) if month == "*" else [int(month)]
    day_ranges = [
        day_range for y in years for m in months if (day_range := _find_days_of_month(y, m, day)) is not None
    ]
    if not day_ranges:
        raise InvalidDate(f"There is no such day as {text}")
    merged = _merge_adjacent(day_ranges)
    if len(merged) > MAX_RANGES:
        raise InvalidDate(f"{text} stands for {len(merged)} separate days; name the month or the year")
    return [(_find_first_id(start), _find_first_id(end)) for start, end in reversed(merged)]


def parse_single_date(text: str, today: date) -> IdRange:
    """The id range of a date without `*`."""
    if "*" in text:
        raise InvalidDate(f"{text} needs to be one date, without *")
    (id_range,) = parse_date(text, today)
    return id_range


def split_date(text: str) -> tuple[str, str, str]:
    """Day, month and year, each `*` or digits of the right length and within its limits; or InvalidDate."""
    parts = text.split("-")
    if len(parts) > 1 and len(parts[0]) == 4:
        parts.reverse()
    day, month, year = ["*"] * (3 - len(parts)) + parts if len(parts) <= 3 else ["", "", ""]
    for part, length in ((day, 2), (month, 2), (year, 4)):
        is_number = part.isascii() and part.isdigit() and len(part) <= length
        if not (part == "*" or (is_number and (length == 2 or len(part) == 4))):
            raise InvalidDate(f"{text[:40]} is not a date; {_FORMS}")
    for part, maximum in ((day, 31), (month, 12), (year, 9999)):
        if part != "*" and not 1 <= int(part) <= maximum:
            raise InvalidDate(f"There is no such day as {text}")
    return day, month, year


def _find_days_of_month(year: int, month: int, day: str) -> DayRange | None:
    """The one day of a month, or all its days for `*`; None when the month has no such day."""
    if day == "*":
        last = date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)
        return date(year, month, 1), _find_next_day(last)
    try:
        only = date(year, month, int(day))
    except ValueError:
        return None
    return only, _find_next_day(only)


def _merge_adjacent(day_ranges: list[DayRange]) -> list[DayRange]:
    merged: list[DayRange] = []
    for start, end in day_ranges:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _find_next_day(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _find_first_id(day: date) -> int:
    if day.year < 1970:
        return 0
    return min(ids.first_id(datetime(day.year, day.month, day.day, tzinfo=UTC)), MAX_ID)

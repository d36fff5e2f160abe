"""Days as people write them, and as ranges of picture ids.

`20-5-2016`, `5-2016`, `2016`, with `*` for any part of the first two (`20-*-2016`), and `2016-05-20`,
`2016-05`. Days are UTC; a range is half open: from its first id, inclusive, to its last, exclusive.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from stockroom.images import ids

Range = tuple[int, int]

MAX_RANGES = 62
FIRST_YEAR = 2000
"""Where `*` for the year begins; it ends with the present year."""
MAX_ID = (1 << 64) - 1
ALWAYS: Range = (0, MAX_ID)

FORMS = "write 20-5-2016, 5-2016, 2016 or 2016-05-20"


class InvalidDate(ValueError):
    """Not a date, or one that does not exist; the message says which."""


def ranges(text: str, today: date) -> list[Range]:
    """The id ranges of a date with or without wildcards, newest first, adjacent ones merged."""
    day, month, year = _parts(text)
    if year == "*" and month == "*" and day == "*":
        return [ALWAYS]
    years = range(FIRST_YEAR, today.year + 1) if year == "*" else [int(year)]
    months = range(1, 13) if month == "*" else [int(month)]
    spans = [span for y in years for m in months if (span := _span(y, m, day))]
    if not spans:
        raise InvalidDate(f"There is no such day as {text}")
    merged = _merged(spans)
    if len(merged) > MAX_RANGES:
        raise InvalidDate(f"{text} stands for {len(merged)} separate days; name the month or the year")
    return [(_first_id(start), _first_id(end)) for start, end in reversed(merged)]


def one_range(text: str, today: date) -> Range:
    """The id range of a date without wildcards."""
    if "*" in text:
        raise InvalidDate(f"{text} needs to be one date, without *")
    (found,) = ranges(text, today)
    return found


def intersection(some: list[Range], others: list[Range]) -> list[Range]:
    """The ranges that lie in both; both newest first, and so is the result."""
    found = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return sorted(((low, high) for low, high in found if low < high), reverse=True)


def _parts(text: str) -> tuple[str, str, str]:
    """(day, month, year), each digits or `*`, checked for their lengths and limits."""
    parts = text.split("-")
    if len(parts) > 1 and len(parts[0]) == 4:
        parts.reverse()
    day, month, year = ["*"] * (3 - len(parts)) + parts if len(parts) <= 3 else ["", "", ""]
    for part, length in ((day, 2), (month, 2), (year, 4)):
        digits = part.isascii() and part.isdigit() and len(part) <= length
        if not (part == "*" or (digits and (length == 2 or len(part) == 4))):
            raise InvalidDate(f"{text[:40]} is not a date; {FORMS}")
    for part, high in ((day, 31), (month, 12), (year, 9999)):
        if part != "*" and not 1 <= int(part) <= high:
            raise InvalidDate(f"There is no such day as {text}")
    return day, month, year


def _span(year: int, month: int, day: str) -> tuple[date, date] | None:
    """First day and the day after the last; None when the month has no such day."""
    days = monthrange(year, month)[1]
    if day != "*" and int(day) > days:
        return None
    first, last = (1, days) if day == "*" else (int(day), int(day))
    return date(year, month, first), _after(date(year, month, last))


def _merged(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for start, end in spans:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _after(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _first_id(day: date) -> int:
    if day.year < 1970:
        return 0
    return min(ids.first_id(datetime(day.year, day.month, day.day, tzinfo=UTC)), MAX_ID)

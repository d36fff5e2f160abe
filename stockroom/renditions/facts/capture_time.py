"""When a picture was taken, from EXIF."""

import re
from datetime import UTC, datetime, timedelta, timezone

FIRST_YEAR = 1000
"""The first year of the column that holds these times, MySQL's DATETIME."""
_MAX_OFFSET = timedelta(hours=14)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def parse_capture_time(date_time: str, offset: str) -> datetime | None:
    """The time of capture, from the texts of EXIF's `DateTimeOriginal` and `OffsetTimeOriginal`.

    In UTC when the offset (EXIF 2.31) makes sense; otherwise naive: the time that the camera's clock showed,
    in a zone that nobody wrote down. None when the date is absent, blank or zero, or not in the years 1000 to
    9999. Never an error, as a wrong clock is no reason to reject a picture.
    """
    try:
        moment = datetime.strptime(date_time.strip(" \0"), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        zone = _parse_offset(offset)
        if zone is not None:
            moment = moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        # There is no such date, or not in UTC: 9999 is the last year there is.
        return None
    return moment if moment.year >= FIRST_YEAR else None


def _parse_offset(text: str) -> timezone | None:
    match = _OFFSET.fullmatch(text.strip(" \0"))
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _MAX_OFFSET:
        return None
    return timezone(-offset if sign == "-" else offset)

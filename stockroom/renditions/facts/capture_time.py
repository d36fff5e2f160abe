"""When a picture was taken: the times of EXIF, XMP and IIM."""

import re
from datetime import UTC, datetime, timedelta, timezone

FIRST_YEAR = 1000
"""The first year of the column that holds these times, MySQL's DATETIME."""
_MAX_OFFSET = timedelta(hours=14)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_XMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
_IIM_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_IIM_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?", re.ASCII)


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


def parse_xmp_time(text: str) -> datetime | None:
    """A time of XMP (ISO 8601, "2024-05-01T10:00:00+02:00") as `parse_capture_time` gives it.

    A day without a time is its midnight; a month or a year alone is no time of capture.
    """
    match = _XMP.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    return parse_capture_time(
        f"{year}:{month}:{day} {hour or '00'}:{minute or '00'}:{second or '00'}",
        "+00:00" if zone == "Z" else zone or "",
    )


def parse_iim_time(date: str, time: str) -> datetime | None:
    """The two texts of IIM ("20240501", "100000+0200") as `parse_capture_time` gives them."""
    day, clock = _IIM_DATE.fullmatch(date.strip()), _IIM_TIME.fullmatch(time.strip())
    if day is None:
        return None
    hour, minute, second, zone_hour, zone_minute = clock.groups() if clock else ("00", "00", "00", None, None)
    offset = f"{zone_hour}:{zone_minute}" if zone_hour else ""
    return parse_capture_time(f"{':'.join(day.groups())} {hour}:{minute}:{second}", offset)


def _parse_offset(text: str) -> timezone | None:
    match = _OFFSET.fullmatch(text.strip(" \0"))
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _MAX_OFFSET:
        return None
    return timezone(-offset if sign == "-" else offset)

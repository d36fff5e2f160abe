"""When a picture was taken, from EXIF."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

_FIRST_YEAR = 1000
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def taken(exif: Mapping[str, str]) -> datetime | None:
    """The time of capture from EXIF's text values by tag name (`DateTimeOriginal`, `OffsetTimeOriginal`).

    Aware when the camera wrote its offset from UTC (EXIF 2.31), otherwise naive: the time on the camera's
    clock, wherever it was. None when absent, blank, zeros, or not a date of the last thousand years. Never an
    error: a camera's bad clock is no reason to refuse its picture.
    """
    try:
        moment = datetime.strptime(exif.get("DateTimeOriginal", "").strip(" \0"), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    if moment.year < _FIRST_YEAR:
        return None
    zone = _OFFSET.fullmatch(exif.get("OffsetTimeOriginal", "").strip(" \0"))
    if zone is None:
        return moment
    sign, hours, minutes = zone.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > timedelta(hours=14):
        return moment
    try:
        return moment.replace(tzinfo=timezone(-offset if sign == "-" else offset)).astimezone(UTC)
    except OverflowError:
        return None

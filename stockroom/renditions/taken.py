"""When a picture was taken, from EXIF."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def taken(exif: Mapping[str, str]) -> datetime | None:
    """The time of capture from EXIF's text values by tag name (`DateTimeOriginal`, `OffsetTimeOriginal`).

    Aware when the camera wrote its offset from UTC (EXIF 2.31), otherwise naive: the time on the camera's
    clock, wherever it was. None when absent, blank, zeros, or not a date. Never an error: a camera's bad
    clock is no reason to refuse its picture.
    """
    try:
        moment = datetime.strptime(exif.get("DateTimeOriginal", "").strip(" \0"), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    zone = _OFFSET.fullmatch(exif.get("OffsetTimeOriginal", "").strip(" \0"))
    if zone is None:
        return moment
    sign, hours, minutes = zone.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > timedelta(hours=14):
        return moment
    return moment.replace(tzinfo=timezone(-offset if sign == "-" else offset))

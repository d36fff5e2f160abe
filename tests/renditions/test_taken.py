from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.renditions.taken import taken

WALL = datetime(2021, 12, 31, 23, 59, 58)  # noqa: DTZ001 - a camera's clock without a zone


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("+02:00", WALL.replace(tzinfo=timezone(timedelta(hours=2)))),
        ("-09:30", WALL.replace(tzinfo=timezone(-timedelta(hours=9, minutes=30)))),
        ("+00:00", WALL.replace(tzinfo=timezone(timedelta()))),
        (" +02:00\0", WALL.replace(tzinfo=timezone(timedelta(hours=2)))),
        ("", WALL),
        ("   :  ", WALL),
        ("Z", WALL),
        ("+99:00", WALL),
    ],
)
def test_offsets(offset: str, expected: datetime) -> None:
    result = taken({"DateTimeOriginal": "2021:12:31 23:59:58", "OffsetTimeOriginal": offset})
    assert result == expected
    assert result.tzinfo == (expected.tzinfo and UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2021-12-31T23:59:58",
        "2021:02:30 10:00:00",
        "yesterday",
    ],
)
def test_no_date_is_no_error(text: str) -> None:
    assert taken({"DateTimeOriginal": text}) is None


def test_absent() -> None:
    assert taken({}) is None


@given(st.text(), st.text())
def test_any_text(date: str, offset: str) -> None:
    taken({"DateTimeOriginal": date, "OffsetTimeOriginal": offset})

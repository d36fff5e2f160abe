from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.renditions.facts.capture_time import parse_capture_time

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
    result = parse_capture_time("2021:12:31 23:59:58", offset)
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
    assert parse_capture_time(text, "+02:00") is None


@given(st.text(), st.text())
def test_any_text(date: str, offset: str) -> None:
    assert parse_capture_time(date, offset) is None


@given(st.datetimes(), st.sampled_from(["", "+14:00", "-14:00"]))
def test_any_date(date: datetime, offset: str) -> None:
    """What comes out fits into the database: the years 1000 to 9999, in UTC."""
    moment = parse_capture_time(f"{date.year:04}:{date:%m:%d %H:%M:%S}", offset)
    if moment is None:
        assert date.year <= 1000 or date.year == 9999
    else:
        assert moment.year >= 1000
        assert (moment.tzinfo is None) == (offset == "")


@pytest.mark.parametrize("date", ["0001:01:01 00:00:00", "0999:12:31 23:59:59"])
def test_a_year_before_1000_is_none(date: str) -> None:
    assert parse_capture_time(date, "") is None


def test_the_year_counts_in_utc() -> None:
    assert parse_capture_time("1000:01:01 00:00:00", "+14:00") is None
    assert parse_capture_time("9999:12:31 23:59:59", "-14:00") is None

"""Dates as people write them."""

from datetime import UTC, date, datetime

import pytest

from stockroom.images import ids
from stockroom.search.index.id_ranges import ALL_IDS, MAX_ID
from stockroom.search.query.dates import InvalidDate, parse_date, parse_single_date

TODAY = date(2026, 5, 1)


def days(text: str) -> list[tuple[str, str]]:
    """First day and the day after the last, of each range."""
    return [
        (ids.created_at(low).date().isoformat(), ids.created_at(high).date().isoformat())
        for low, high in parse_date(text, TODAY)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20-5-2016", [("2016-05-20", "2016-05-21")]),
        ("02-05-2016", [("2016-05-02", "2016-05-03")]),
        ("2016-05-20", [("2016-05-20", "2016-05-21")]),
        ("5-2016", [("2016-05-01", "2016-06-01")]),
        ("2016-05", [("2016-05-01", "2016-06-01")]),
        ("2016", [("2016-01-01", "2017-01-01")]),
        ("*-*-2016", [("2016-01-01", "2017-01-01")]),
        ("*-2-2016", [("2016-02-01", "2016-03-01")]),
        ("31-12-2016", [("2016-12-31", "2017-01-01")]),
        ("29-2-2016", [("2016-02-29", "2016-03-01")]),
    ],
)
def test_one_range(text: str, expected: list[tuple[str, str]]) -> None:
    assert days(text) == expected


def test_wildcards() -> None:
    assert len(days("20-*-2016")) == 12
    assert days("20-*-2016")[0] == ("2016-12-20", "2016-12-21")  # newest first
    assert len(days("31-*-2016")) == 7
    assert len(days("29-2-*")) == 7  # 2000, 2004, … 2024
    assert len(days("*-5-*")) == 27
    assert parse_date("*", TODAY) == parse_date("*-*-*", TODAY) == [ALL_IDS]


@pytest.mark.parametrize(
    "text",
    [
        "31-4-2016", "29-2-2015", "30-2-*", "0-1-2016", "1-13-2016", "1-0-2016", "0000",
        "1-1-1-2016", "1-1-16",
        "001-1-2016", "yesterday", "", "-", "20-5-", "\uff12\uff10-5-2016", "1.5.2016", "20-*-*", "1-1-20160",
    ],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse_date(text, TODAY)


def test_a_range_is_one_range() -> None:
    with pytest.raises(InvalidDate):
        parse_single_date("20-*-2016", TODAY)


def test_days_are_utc_and_whole() -> None:
    low, high = parse_single_date("20-5-2016", TODAY)
    assert low == ids.first_id(datetime(2016, 5, 20, tzinfo=UTC))
    assert low <= ids.first_id(datetime(2016, 5, 20, 23, 59, 59, 999000, tzinfo=UTC)) < high
    assert high == ids.first_id(datetime(2016, 5, 21, tzinfo=UTC))


def test_far_away_years_stay_within_ids() -> None:
    assert parse_single_date("1066", TODAY) == (0, 0)
    assert parse_single_date("9999", TODAY) == (MAX_ID, MAX_ID)

from datetime import UTC, datetime, timedelta, timezone

import pytest

from stockroom.runtime.timestamps import now, rfc3339, to_column_value

NAIVE = datetime(2026, 5, 1, 12, 0, 0, 120000)  # noqa: DTZ001  as it comes from the database
AWARE = NAIVE.replace(tzinfo=UTC)
EARLIER_CLOCK = AWARE.astimezone(timezone(timedelta(hours=-5)))


def test_now_is_utc_in_whole_milliseconds() -> None:
    before = datetime.now(UTC)
    moment = now()
    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0
    assert before - timedelta(milliseconds=1) < moment <= datetime.now(UTC)


@pytest.mark.parametrize("moment", [NAIVE, AWARE, EARLIER_CLOCK])
def test_rfc3339(moment: datetime) -> None:
    assert rfc3339(moment) == "2026-05-01T12:00:00.120Z"


@pytest.mark.parametrize("moment", [NAIVE, AWARE, EARLIER_CLOCK])
def test_a_column_is_naive_utc(moment: datetime) -> None:
    assert to_column_value(moment) == NAIVE
    assert to_column_value(moment).tzinfo is None

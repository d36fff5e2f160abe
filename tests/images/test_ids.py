from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.images import ids

NOON = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)


@given(st.integers(0, (1 << 64) - 1))
def test_text_and_back(number: int) -> None:
    text = ids.encode(number)
    assert len(text) == ids.LENGTH
    assert ids.decode(text) == number


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=2))
def test_text_sorts_as_the_numbers_do(numbers: list[int]) -> None:
    assert sorted(map(ids.encode, numbers)) == [ids.encode(number) for number in sorted(numbers)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0" * 12,
        "0" * 14,
        "U" * 13,
        "00000-0000000",
        "Z" * 13,
        "0O00000000IL1",
        "000000000000a",
        "é" * 13,
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert ids.decode(text) is None


def test_ids_carry_their_time() -> None:
    numbers = ids.draw(NOON, 500)
    assert len(numbers) == 500
    assert {ids.created(number) for number in numbers} == {NOON}
    assert ids.at(NOON) <= numbers[0]
    assert numbers[-1] < ids.at(NOON + timedelta(milliseconds=1))


def test_two_draws_of_one_millisecond_differ() -> None:
    assert len({ids.draw(NOON, 1)[0] for _ in range(20)}) > 15

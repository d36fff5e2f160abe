from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.images import ids

NOON = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)


@given(st.integers(0, (1 << 64) - 1))
def test_text_and_back(image_id: int) -> None:
    text = ids.encode(image_id)
    assert len(text) == ids.LENGTH
    assert ids.decode(text) == image_id


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=2))
def test_text_sorts_as_the_numbers_do(image_ids: list[int]) -> None:
    assert sorted(map(ids.encode, image_ids)) == [ids.encode(image_id) for image_id in sorted(image_ids)]


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
def test_other_texts_are_no_ids(text: str) -> None:
    assert ids.decode(text) is None


def test_ids_carry_their_time() -> None:
    image_ids = ids.draw(NOON, 500)
    assert len(image_ids) == 500
    assert {ids.created_at(image_id) for image_id in image_ids} == {NOON}
    assert ids.first_id(NOON) <= image_ids[0]
    assert image_ids[-1] < ids.first_id(NOON + timedelta(milliseconds=1))


def test_two_draws_of_one_millisecond_differ() -> None:
    assert len({ids.draw(NOON, 1)[0] for _ in range(20)}) > 15

"""Pictures are found by what their files say of them: title, creator, place, camera, day of capture."""

from datetime import datetime

import pytest

from stockroom.runtime.database import Database
from stockroom.search.service import SearchIndex, parse
from tests.search.pictures import Picture, at, image_ids, stock

FIRST, SECOND, THIRD = (at(2020, number=number) for number in range(3))
PICTURES = [
    Picture(
        id=FIRST,
        name="1.jpg",
        description="harbour",
        title="Night watch",
        creator="Ann Ólafs",
        place="Bryggen, Bergen, Norway",
        camera="Canon EOS 5D",
        taken=datetime(2016, 5, 20, 23, 59, 59),  # noqa: DTZ001  as the database stores it
    ),
    Picture(
        id=SECOND,
        name="2.jpg",
        description="harbour",
        creator="Bergen Smith",
        camera="Canon EOS 6D",
        taken=datetime(2016, 5, 21),  # noqa: DTZ001
    ),
    Picture(id=THIRD, name="3.jpg", description="a Canon of music, by Ann, taken 2016 in Norway"),
]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("night", [FIRST]),
        ('"night watch"', [FIRST]),
        ('"watch night"', []),
        ('"ann olafs" "bergen norway"', [FIRST]),
        ("desc:night", []),
        ("norway", [THIRD, FIRST]),
        ("bergen", [SECOND, FIRST]),
        ("by:bergen", [SECOND]),
        ("place:bergen", [FIRST]),
        ('by:"olafs ANN"', [FIRST]),
        ("camera:canon", [SECOND, FIRST]),
        ('camera:"5d canon"', [FIRST]),
        ("camera:canon -camera:5d", [SECOND]),
        ('camera:canon -camera:"canon 6d"', [FIRST]),
        ('camera:canon -camera:"canon 7d"', [SECOND, FIRST]),
        ("harbour -place:norway", [SECOND]),
        ("taken:2016", [SECOND, FIRST]),
        ("taken:5-2016", [SECOND, FIRST]),
        ("taken:2016-05-20", [FIRST]),
        ("taken:2017", []),
        ("camera:nikon", []),
        # The filter is not guessed at: a word of another field is no answer.
        ("by:canon harbour", []),
    ],
)
def test_each_field(database: Database, q: str, expected: list[int]) -> None:
    stock(database, PICTURES)
    page = SearchIndex(database).find_images(parse(q))
    assert image_ids(page.pictures) == expected


def test_parameters_ask_for_the_same(database: Database) -> None:
    stock(database, PICTURES)
    index = SearchIndex(database)
    for filters, expected in (
        ({"by": "Ólafs"}, [FIRST]),
        ({"camera": "eos canon"}, [SECOND, FIRST]),
        ({"place": "bergen", "taken": "2016-05"}, [FIRST]),
    ):
        assert image_ids(index.find_images(parse(filters=filters)).pictures) == expected

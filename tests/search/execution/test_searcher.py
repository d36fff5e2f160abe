"""What must and must not be found: one picture, one query, one answer."""

from datetime import date
from typing import Any

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution import page
from stockroom.search.query.parse import parse
from tests.search.pictures import Picture, at, stock

TODAY = date(2026, 5, 1)

MUST = [
    ("running", "run", ()),
    ("a man runs", "running", ()),
    ("she ran home", "run", ()),
    ("run", "ran", ()),
    ("children at play", "child", ()),
    ("a child", "children", ()),
    ("three mice", "mouse", ()),
    ("something blue", "some", ()),
    ("something blue", "somethi", ()),
    ("sunflower", "sunfl", ()),
    ("Café Zürich", "cafe zurich", ()),
    ("cafe", "CAFÉ", ()),
    ("Straße", "strasse", ()),
    ("Øresund", "oresund", ()),
    ("Łódź", "lodz", ()),
    ("ﬁne ligature", "fine", ()),
    ("it's raining", "it's", ()),
    ("it’s raining", "it's", ()),  # noqa: RUF001 - the typographic one is the point
    ("it's raining", "its", ()),
    ("the dog's bone", "dog", ()),
    ("O'Brien's pub", "obrien", ()),
    ("a well-known place", "well-known", ()),
    ("a well-known place", "known", ()),
    ("a well known place", "well-known", ()),
    ("a well-known place", "wellknown", ()),
    ("blue t-shirt", "tshirt", ()),
    ("blue tshirt", "t-shirt", ()),
    ("I like C++ and cats", "c++", ()),
    ("C# in nutshells", "c#", ()),
    ("cat on a mat", "cat++", ()),
    ("a 4K wallpaper", "4k", ()),
    ("in 2016", "2016", ()),
    ("f/3.5 lens", "3.5", ()),
    ("made in the U.S.A.", "usa", ()),
    ("made in the USA", "u.s.a.", ()),
    ("東京タワー", "東京", ()),
    ("東京タワー", "東", ()),
    ("東京タワー", "京タワ", ()),
    ("서울에서", "서울", ()),
    ("Москва река", "МОСКВА", ()),  # noqa: RUF001 - Cyrillic
    ("ёлка", "елка", ()),
    ("हिन्दी", "हिन्दी", ()),
    ("party 🎉", "🎉", ()),
    ("to be or not to be", "to be", ()),
    ("to be or not to be", '"to be or not to be"', ()),
    ("a naïve painting", "naive", ()),
    ("a naive painting", "naïve", ()),
    ("rock 'n' roll", "rock roll", ()),
    ("fish & chips", "fish chips", ()),
    ("24/7 open", "24 7", ()),
    ("50% off", "50%", ()),
    ("sunset 🌅🌅", "🌅", ()),
    ("東京 2020", "東京2020", ()),
    ("ｆｕｌｌ ｗｉｄｔｈ", "full width", ()),  # noqa: RUF001
    ("Ελλάδα", "ελλαδα", ()),
    ("שָׁלוֹם", "שלום", ()),
    ("wolves in snow", "wolf", ()),
    ("men at work", "man", ()),
    ("sea and sand", "the sea", ()),
    ("the end", "the", ()),
    ("summer #été", "#été", ()),
    ("summer #été", "#ETE", ()),
    ("summer #été", "tag:été", ()),
    ("spring #東京", "#東京", ()),
    ("no hashtag", "#sea", ("sea",)),
    ("no hashtag", "tags:dog,sea", ("sea",)),
    ("no hashtag", "tags:sun,sea", ("sea",)),
    ("no hashtag", 'tags:"new york"', ("new york",)),
    ("no hashtag", "york", ("new york",)),
    ("the Berlin Wall fell", 'desc:"Berlin wall"', ()),
    ("the Berlin Wall fell", '"berlin walls"', ()),
    ("the Berlin Wall fell", '"berlin wall', ()),
    ("the Berlin Wall fell", "berlin -munich", ()),
    ("the Berlin Wall fell", "wall desc:berlin", ()),
    ("a cute thing", "tags:cute,dog date:20-*-2016 thing", ("dog",)),
    ("ratio 3:4", "3:4", ()),
    ("see https://example.org", "https://example.org", ()),
    ("note: this", "note:", ()),
    ("sun", 'sun date: from: tags: # - "" desc:', ()),
    ("picture file", "picture.jpg", ()),
    ("x" * 200, "x" * 200, ()),
]

MUST_NOT = [
    ("a wall in Berlin", '"berlin wall"', ()),
    ("a wall in Berlin", 'desc:"berlin wall"', ()),
    ("walls", "desc:harbour", ("harbour",)),
    ("vitamin c", "c++", ()),
    ("c++ books", "c#", ()),
    ("the Berlin Wall", "berlin -wall", ()),
    ("the Berlin Wall", 'berlin -"berlin wall"', ()),
    ("walking", "-walk", ()),
    ("sea", "#sea", ()),
    ("sea", "sea -#blue", ("blue",)),
    ("sea", "sea -tag:blue", ("blue",)),
    ("か", "が", ()),
    ("to be or not to be", '"to be not"', ()),
    ("picture of a boat", '-"of a" boat', ()),
    ("sunset 🌅", "🌄", ()),
    ("4k", "#4k", ()),
    ("京東", "東京", ()),
    ("東京 京都", "東京都", ()),
    ("thing", "tags:cute,dog", ("cat",)),
    ("thing", "date:21-*-2016", ()),
    ("university", "universe", ()),
    ("car", "boat", ()),
    ("a#b", "#b", ()),
    ("thing", "color:red", ()),
    ("a wall", '"a wall" desc:picture', ()),
]


@pytest.mark.parametrize(("description", "q", "tags"), MUST)
def test_must_match(database: Database, description: str, q: str, tags: tuple[str, ...]) -> None:
    (number,) = stock(database, [Picture(id=at(2016, 5, 20), description=description, tags=tags)])
    found = page.search(database, parse(q, today=TODAY), None)
    assert [image.metadata.description for image in found.pictures] == [description], number
    assert not found.relaxed
    assert found.next is None


@pytest.mark.parametrize(("description", "q", "tags"), MUST_NOT)
def test_must_not_match(database: Database, description: str, q: str, tags: tuple[str, ...]) -> None:
    stock(database, [Picture(id=at(2016, 5, 20), description=description, tags=tags)])
    found = page.search(database, parse(q, today=TODAY), None)
    assert found.pictures == []
    assert found.next is None


def test_a_whole_word_is_no_beginning_while_it_is_known(database: Database) -> None:
    stock(database, [Picture(id=at(2016), description="cat"), Picture(id=at(2017), description="cathedral")])
    assert [image.metadata.description for image in page.search(database, parse("cat"), None).pictures] == [
        "cat"
    ]


def test_a_stop_word_also_begins_others(database: Database) -> None:
    stock(database, [Picture(id=at(2016), description="some"), Picture(id=at(2017), description="something")])
    found = page.search(database, parse("some"), None)
    assert [image.metadata.description for image in found.pictures] == ["something", "some"]


def test_the_beginning_is_tried_before_any_one_word(database: Database) -> None:
    stock(
        database,
        [
            Picture(id=at(2016), description="sun"),
            Picture(id=at(2017), description="red sunflower"),
            Picture(id=at(2018), description="red"),
        ],
    )
    found = page.search(database, parse("red sun"), None)
    assert [image.metadata.description for image in found.pictures] == ["red sunflower"]
    assert not found.relaxed


def test_any_one_word_when_nothing_has_all(database: Database) -> None:
    stock(database, [Picture(id=at(2016), description="red"), Picture(id=at(2017), description="boat")])
    found = page.search(database, parse("red boat"), None, limit=1)
    assert [image.metadata.description for image in found.pictures] == ["boat"]
    assert found.relaxed


def test_filters(database: Database) -> None:
    stock(
        database,
        [
            Picture(id=at(2016), description="a", width=100, height=100, color="#ff0000"),
            Picture(id=at(2017), description="b", width=100, height=200, license="CC0-1.0"),
        ],
    )

    def found(**parameters: Any) -> list[str]:
        return [i.metadata.description for i in page.search(database, parse(**parameters), None).pictures]

    assert found(orientation="square") == ["a"]
    assert found(orientation="Portrait") == ["b"]
    assert found(color="red") == ["a"]
    assert found(license_="cc0-1.0") == ["b"]
    assert found(license_="CC0-1.0", color="red") == []
    assert found() == ["b", "a"]


def test_an_empty_library(database: Database) -> None:
    assert page.search(database, parse(), None).pictures == []
    assert page.search(database, parse("anything -at #all"), None).pictures == []

"""Related words of a library: what a word is taken for that no picture has, and what is suggested."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.related.words import MAX_ALTERNATIVES
from stockroom.search.service import SearchIndex, parse
from tests.factories import Statements
from tests.search.pictures import Picture, at, image_ids, stock

TEXTS = ("a gull on a post", "two herons", "red boat", "dog at the beach", "mountain lake", "street musician")


@pytest.fixture
def numbers(database: Database) -> list[int]:
    return stock(database, [Picture(id=at(2000 + n), name="x", description=t) for n, t in enumerate(TEXTS)])


def find(index: SearchIndex, q: str, **options: str) -> tuple[list[int], dict[str, tuple[str, ...]]]:
    page = index.find_images(parse(q, **options))  # type: ignore[arg-type]
    return image_ids(page.pictures), dict(page.related_words)


def test_a_wider_word_finds_its_kinds(index: SearchIndex, numbers: list[int]) -> None:
    gull, herons, _, dog, *_ = numbers
    assert find(index, "bird") == ([herons, gull], {"bird": ("gull", "herons")})
    assert find(index, "animals") == ([dog, herons, gull], {"animals": ("dog", "gull", "herons")})
    page = index.find_images(parse("bird"))
    assert (page.is_relaxed, page.corrected_query, page.count) == (False, "", None)


def test_other_languages(index: SearchIndex, numbers: list[int]) -> None:
    _, _, boat, dog, mountain, _ = numbers
    assert find(index, "Berge") == ([mountain], {"berge": ("mountain",)})
    assert find(index, "rotes Boot") == ([boat], {"rotes": ("red",), "boot": ("boat",)})
    assert find(index, "Strand") == ([dog], {"strand": ("beach",)})


def test_a_library_in_another_language(database: Database, index: SearchIndex) -> None:
    (number,) = stock(database, [Picture(id=at(2016), name="x", description="Berg im Nebel")])
    assert find(index, "mountain") == ([number], {"mountain": ("berg",)})


def test_words_that_pictures_have_stay_required(index: SearchIndex, numbers: list[int]) -> None:
    gull, *_ = numbers
    assert find(index, "bird post") == ([gull], {"bird": ("gull", "herons")})
    page = index.find_images(parse("bird beach"))
    assert page.is_relaxed
    assert set(image_ids(page.pictures)) == {numbers[0], numbers[1], numbers[3]}


def test_a_word_that_some_picture_has_is_taken_literally(database: Database, index: SearchIndex) -> None:
    pictures = [Picture(id=at(2016 + n), name="x", description=t) for n, t in enumerate(["bird", "gull"])]
    bird, _ = stock(database, pictures)
    assert find(index, "bird") == ([bird], {})
    assert find(index, "#bird")[1] == find(index, '"bird of prey"')[1] == {}


def test_a_wider_word_where_there_is_nothing_nearer(index: SearchIndex, numbers: list[int]) -> None:
    *_, musician = numbers
    assert find(index, "spaniel")[1] == {"spaniel": ("dog",)}
    assert find(index, "violinist") == ([musician], {"violinist": ("musician",)})


def test_related_words_come_before_words_that_are_spelled_alike(
    database: Database, index: SearchIndex
) -> None:
    _, mountain = stock(
        database,
        [
            Picture(id=at(2016), name="x", description="barge"),
            Picture(id=at(2017), name="x", description="mountain"),
        ],
    )
    assert find(index, "berge") == ([mountain], {"berge": ("mountain",)})
    page = index.find_images(parse("berge montain"))
    assert (page.corrected_query, page.related_words) == ("berge mountain", {"berge": ("mountain",)})


@pytest.mark.usefixtures("numbers")
def test_names_come_before_related_words(database: Database, index: SearchIndex) -> None:
    database.execute("UPDATE owner SET name = 'Robin Bird', folded_name = 'robin bird'")
    page = index.find_images(parse("bird"))
    assert page.related_words == {}
    assert "by:" in page.corrected_query


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_pages(database: Database, index: SearchIndex, sort: str) -> None:
    texts = ["gull", "heron", "gull heron", "swan", "a dog"] * 3
    numbers = stock(
        database, [Picture(id=at(2000 + n), name="x", description=t) for n, t in enumerate(texts)]
    )
    query = parse("birds", sort=sort)
    seen: list[int] = []
    page = index.find_images(query, None, 2)
    while True:
        seen += image_ids(page.pictures)
        assert page.related_words == {"birds": ("gull", "heron", "swan")}
        if page.next is None:
            break
        page = index.find_images(query, page.next, 2)
    assert sorted(seen) == sorted(
        number for number, text in zip(numbers, texts, strict=True) if "dog" not in text
    )
    if sort == "relevance":
        assert {seen.index(number) for number in numbers[2::5]} == {0, 1, 2}


def test_of_many_the_commonest(database: Database, index: SearchIndex) -> None:
    words = ["bass", "carp", "cod", "eel", "goby", "grouper", "haddock", "hake", "halibut", "herring"]
    words += ["mackerel", "perch", "pike", "roach", "salmon", "shark", "trout"]
    stock(
        database,
        [Picture(id=at(2000 + n), name="x", description=" ".join(words[n:])) for n in range(len(words))],
    )
    related = find(index, "animal")[1]["animal"]
    assert len(related) == MAX_ALTERNATIVES < len(words)
    assert related[0] == "trout"


@pytest.mark.usefixtures("numbers")
def test_suggestions(index: SearchIndex) -> None:
    assert index.suggest_related_words("Bird") == [("gull", 1), ("herons", 1)]
    assert index.suggest_related_words("birds", 1) == [("gull", 1)]
    assert index.suggest_related_words("Hund") == [("dog", 1)]
    assert index.suggest_related_words("gull") == []
    assert [index.suggest_related_words(word) for word in ("", " ", "xqzzy", "x" * 1000, "\0", "#sea")] == [
        []
    ] * 6


@pytest.mark.usefixtures("numbers")
def test_one_statement_for_all_words(database: Database, index: SearchIndex) -> None:
    index.find_images(parse("xqzzy"))
    with Statements(database) as statements:
        index.suggest_related_words("animal")
    assert statements.count == 1


@pytest.mark.usefixtures("numbers")
def test_how_many_words_are_looked_up(index: SearchIndex) -> None:
    page = index.find_images(parse("xqzza xqzzb xqzzc bird"))
    assert (page.pictures, page.related_words) == ([], {})

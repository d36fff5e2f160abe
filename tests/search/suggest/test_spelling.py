"""Words that no picture has, as the nearest that some have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.analysis.slips import compute_distance
from stockroom.runtime.database import Database
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.factories import Statements
from tests.search.pictures import Picture, at, descriptions, stock


def pictures(*texts: str) -> list[Picture]:
    return [Picture(id=at(2016, number=n), name="x", description=text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("harbuor", "harbour"),
        ("harbur", "harbour"),
        ("harrbour", "harbour"),
        ("jarbour", "harbour"),
        ("hrabuor", "harbour"),
        ("HARBUOR!", "harbour!"),
        ("lghthouse", "lighthouse"),
        ("zurihc", "zurich"),
        ("red -car habrour", "red -car harbour"),
        ("brigde", "bridge"),
        ("tets", "test"),
        ("moutain", "mountain"),
    ],
)
def test_one_or_two_slips(database: Database, index: SearchIndex, typed: str, corrected: str) -> None:
    stock(database, pictures("red harbour", "lighthouse", "Zürich", "bridge", "test", "mountains"))
    found = index.find_images(parse(typed))
    assert (len(found.pictures), found.corrected_query, found.is_relaxed) == (1, corrected, False)


@pytest.mark.parametrize("typed", ["te", "tan", "harbourxy", "bargde", "harbour", "ther", "日本"])
def test_nothing_near(database: Database, index: SearchIndex, typed: str) -> None:
    stock(database, pictures("the red harbour", "bridge", "ten"))
    found = index.find_images(parse(typed))
    assert found.corrected_query == ""
    assert len(found.pictures) == (typed == "harbour")


@pytest.mark.parametrize(
    "typed",
    [
        *("heute", "Früher", "frueher", "unter", "wieder", "sieben", "Woche"),
        *("whether", "went", "during", "towards"),
    ],
)
def test_a_common_word_is_no_misspelling(database: Database, index: SearchIndex, typed: str) -> None:
    stock(
        database,
        # In Spanish, "noche" is the night.
        pictures(
            "Leute", "father", "hunter", "winter", "sweden", "night", "weather", "west", "drink", "towers"
        ),
    )
    found = index.find_images(parse(typed))
    assert (found.pictures, found.corrected_query) == ([], "")


def test_a_number_is_no_misspelling(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("Berlin 2022", "201606"))
    assert [index.find_images(parse(number)).pictures for number in ("2026", "201616")] == [[], []]


@pytest.mark.parametrize("typed", ["qx4712", "qx47111", "boeing737", "route67", "ab-12346-x", "b-747"])
def test_a_code_is_no_misspelling_of_another(database: Database, index: SearchIndex, typed: str) -> None:
    stock(database, pictures("SKU QX4711", "SKU AB-12345-X", "boeing-747", "Route66"))
    found = index.find_images(parse(typed))
    assert (found.pictures, found.corrected_query) == ([], "")


@pytest.mark.parametrize(
    ("typed", "text", "corrected"),
    [
        ("o'brein pub", "O'Brien pub", "obrien pub"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brein", "O'Brien pub", "obrien"),
        ("fishermn's harbour", "The fisherman's harbour", "fishermans harbour"),
        ("dgo`s breakfast", "dog's breakfast", "dogs breakfast"),
        ("'harbuor' pub", "harbour pub", "'harbour' pub"),
    ],
)
def test_a_word_with_an_apostrophe(
    database: Database, index: SearchIndex, typed: str, text: str, corrected: str
) -> None:
    stock(database, pictures(text, "pub", "harbour"))
    found = index.find_images(parse(typed))
    assert descriptions(found.pictures) == [text]
    assert (found.corrected_query, found.is_relaxed) == (corrected, False)


def test_a_code_keeps_its_letters(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("Boeing 747", "Windows 1995"))
    found = [index.find_images(parse(code)) for code in ("b747", "xy1995")]
    assert [(page.pictures, page.corrected_query) for page in found] == [([], ""), ([], "")]


def test_letters_of_a_code_may_be_misspelt(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("Boeing747"))
    assert index.find_images(parse("Boieng747")).corrected_query == "boeing747"


def test_a_misspelt_word_is_no_compound(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("girl with sunglasses", "glass tower"))
    found = index.find_images(parse("sunglases"))
    assert descriptions(found.pictures) == ["girl with sunglasses"]
    assert found.corrected_query == "sunglasses"


@pytest.mark.parametrize(
    ("typed", "meant", "near"), [("Haustuer", "door", "Haustier"), ("Abendbrot", "Frühstück", "Abendrot")]
)
def test_a_compound_is_no_misspelling(
    database: Database, index: SearchIndex, typed: str, meant: str, near: str
) -> None:
    stock(database, pictures(meant, near))
    found = index.find_images(parse(typed))
    assert (descriptions(found.pictures), found.corrected_query) == ([meant], "")


@pytest.mark.parametrize(
    ("typed", "corrected"), [("brids", "bird"), ("brnaches", "branch"), ("Brids beahces", "bird beach")]
)
def test_one_slip_in_a_word_with_an_ending(
    database: Database, index: SearchIndex, typed: str, corrected: str
) -> None:
    stock(database, pictures("A bird on a branch at the beach", "two beeches", "a bridge"))
    found = index.find_images(parse(typed))
    assert (len(found.pictures), found.corrected_query) == (1, corrected)


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("galxy", "galaxy"),
        ("gallaxy", "galaxy"),
        ("galexyy", "galaxy"),
        ("buterfli", "butterfly"),
        ("laef on a tree", "leaf on a tree"),
        ("galxies", "galaxies"),
    ],
)
def test_a_word_of_which_pictures_have_another_form(
    database: Database, index: SearchIndex, typed: str, corrected: str
) -> None:
    stock(database, pictures("galaxies", "butterflies", "leaves on trees", "the gala", "butter"))
    found = index.find_images(parse(typed))
    assert (len(found.pictures), found.corrected_query, found.is_relaxed) == (1, corrected, False)


def test_a_form_that_pictures_have_is_nearer_than_another_one(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("a bird", "brides", "brides"))
    assert index.find_images(parse("brids")).corrected_query == "brides"


def test_another_form_of_what_only_the_name_of_a_file_has_is_none(
    database: Database, index: SearchIndex
) -> None:
    stock(database, [Picture(id=at(2016), name="galaxies_017.jpg", description="x")])
    assert index.find_images(parse("galxy")).corrected_query == ""
    assert index.find_images(parse("galaxy")).pictures


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [("brige", "bridge"), ("Brige at night", "bridge at night"), ("towes", "towers"), ("flowes", "flowers")],
)
def test_an_ending_that_a_word_cannot_have_is_a_slip(
    database: Database, index: SearchIndex, typed: str, corrected: str
) -> None:
    """No picture has a brig, and some have what is wider: vehicles."""
    stock(database, pictures("bridge at night", "a vehicle", "towers", "flowers"))
    found = index.find_images(parse(typed))
    assert (len(found.pictures), found.corrected_query, found.is_relaxed) == (1, corrected, False)


@pytest.mark.parametrize("typed", ["brige", "brigs"])
def test_an_ending_is_no_slip_where_some_picture_has_the_word(
    database: Database, index: SearchIndex, typed: str
) -> None:
    stock(database, pictures("brig", "bridge", "bridge"))
    found = index.find_images(parse(typed))
    assert (descriptions(found.pictures), found.corrected_query) == (["brig"], "")


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Ende", "Ente"),
        ("Quelle", "Qualle"),
        ("Liste", "Kiste"),
        ("sende", "sand"),
        ("Rinde", "ride"),
        ("Marke", "mare"),
        ("Barke", "bake"),
    ],
)
def test_what_may_be_a_word_of_another_language_has_no_wrong_letter_and_none_too_many(
    database: Database, index: SearchIndex, typed: str, near: str
) -> None:
    stock(database, pictures(near))
    found = index.find_images(parse(typed))
    assert (found.pictures, found.corrected_query) == ([], "")


@pytest.mark.parametrize("typed", ["parrots", "carries", "Hunde", "Hunden", "taller", "withdrawn", "Filme"])
def test_an_ending_that_a_word_has_is_no_slip(database: Database, index: SearchIndex, typed: str) -> None:
    stock(database, pictures("carrots", "carrier", "hound", "hundred", "tables", "wall", "drawn", "flame"))
    found = index.find_images(parse(typed))
    assert found.corrected_query == ""


def test_the_commoner_of_two_that_are_equally_near(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("boat", "coat", "coat", "goat"))
    assert index.find_images(parse("xoat")).corrected_query == "coat"


def test_a_known_word_is_never_corrected(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("boat", "goat", "goat"))
    assert len(index.find_images(parse("boat")).pictures) == 1


def test_correction_comes_before_relaxation_and_helps_it(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("red boat", "red", "green"))
    found = index.find_images(parse("red baot"))
    assert (len(found.pictures), found.corrected_query, found.is_relaxed) == (1, "red boat", False)
    found = index.find_images(parse("gren baot"), None, 1)
    assert (found.corrected_query, found.is_relaxed) == ("green boat", True)
    assert descriptions(found.pictures) == ["green"]
    assert found.next is not None
    found = index.find_images(parse("gren baot"), found.next, 1)
    assert descriptions(found.pictures) == ["red boat"]
    assert (found.corrected_query, found.is_relaxed) == ("green boat", True)


def test_corrections_take_few_statements(database: Database, index: SearchIndex) -> None:
    stock(database, pictures("red boat"))
    with Statements(database) as statements:
        index.find_images(parse("aaaaaaaa bbbbbbbb cccccccc dddddddd"))
    assert statements.count <= 8


words = st.text(alphabet="abc", max_size=8)


@settings(deadline=None)
@given(words, words)
def test_distance(one: str, other: str) -> None:
    slips = compute_distance(one, other, limit=8)
    assert slips == compute_distance(other, one, limit=8)
    assert (slips == 0) == (one == other)
    assert abs(len(one) - len(other)) <= slips <= max(len(one), len(other))
    assert compute_distance(one, other, limit=2) == min(slips, 3)


@pytest.mark.parametrize(("one", "other", "slips"), [("ab", "ba", 1), ("abc", "cab", 2), ("ca", "abc", 3)])
def test_letters_changed_over_are_one_slip(one: str, other: str, slips: int) -> None:
    assert compute_distance(one, other, limit=4) == slips

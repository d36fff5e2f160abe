"""Names of contributors in a query: what `by:` finds, and words that no picture has, which may be names."""

from collections.abc import Mapping

import pytest

from stockroom.images.owners import Owners
from stockroom.runtime.database import Database
from stockroom.search.execution.names import MAX_NAMESAKES, MAX_UNKNOWN_WORDS
from stockroom.search.query.parse import MAX_BY_NAMES, parse
from stockroom.search.service import SearchIndex
from stockroom.search.suggest import contributors
from stockroom.search.suggest.contributors import MAX_WORDS
from tests.factories import Statements
from tests.search.pictures import Picture, at, image_ids, stock

ANNA, BOB, OTHER_ANNA, MADE_BY_ANNA, NAMELESS = (at(2016, number=number) for number in range(5))


@pytest.fixture
def people(database: Database) -> Mapping[int, str]:
    """A picture each of five contributors: two called Anna, and one with a picture that an Anna has made."""
    owners = Owners(database)
    pictures = {
        ANNA: ("Anna Archive", "", "red boat"),
        BOB: ("Bob d'Été", "", "red archive"),
        OTHER_ANNA: ("Berg-Hansen, ÁNNA", "", "blue harbour"),
        MADE_BY_ANNA: ("Carl", "Anna Smith", "green harbour"),
        NAMELESS: ("", "", "white harbour"),
    }
    stock(
        database,
        [
            Picture(
                id=image_id,
                name="1.jpg",
                description=description,
                creator=creator,
                owner_id=owners.find_or_insert("test", name, name),
            )
            for image_id, (name, creator, description) in pictures.items()
        ],
    )
    return {image_id: name for image_id, (name, *_) in pictures.items()}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("by:anna", [MADE_BY_ANNA, OTHER_ANNA, ANNA]),
        ('by:"Anna Archive"', [ANNA]),
        ('by:"archive ANNA"', [ANNA]),
        ("by:hansen", [OTHER_ANNA]),
        ("by:berg-hansen", [OTHER_ANNA]),
        ("by:d'été", [BOB]),
        ("by:d’été", [BOB]),  # noqa: RUF001
        ("by:été", [BOB]),
        ("by:anna harbour", [MADE_BY_ANNA, OTHER_ANNA]),
        ("by:anna by:bob", []),
        ("harbour -by:anna", [NAMELESS]),
        ('harbour -by:"anna berg"', [NAMELESS, MADE_BY_ANNA]),
        ("by:ann", []),
        ("by:!", []),
        ("by:%", []),
        ("by:contributor", [NAMELESS]),
    ],
)
def test_by_finds_the_names_of_contributors_too(index: SearchIndex, q: str, expected: list[int]) -> None:
    assert image_ids(index.find_images(parse(q)).pictures) == expected


@pytest.mark.usefixtures("people")
def test_the_parameter_means_the_same(index: SearchIndex) -> None:
    found = index.find_images(parse("harbour", filters={"by": "Anna"}), None, 1)
    assert image_ids(found.pictures) == [MADE_BY_ANNA]
    found = index.find_images(parse("harbour", filters={"by": "Anna"}), found.next, 1)
    assert image_ids(found.pictures) == [OTHER_ANNA]
    assert found.previous is not None


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("q", "read_as", "expected"),
    [
        ("Bob", "by:Bob", [BOB]),
        ("Hansen harbour", "by:Hansen harbour", [OTHER_ANNA]),
        # A known word that belongs to the same name is read so, too.
        ("bob red", "by:bob red", [BOB]),
        ("Carl Hansen", "by:Carl by:Hansen", []),
        ("hansen, habrour", "by:hansen, harbour", [OTHER_ANNA]),
        ('hansen "blue harbour" -hansen', 'by:hansen "blue harbour" -hansen', [OTHER_ANNA]),
        ("berg-hansen", "by:berg-hansen", [OTHER_ANNA]),
        ("d'été red", "by:d'été red", [BOB]),
        # An own word of a picture counts more than a name.
        ("anna", "", [MADE_BY_ANNA]),
        ("contributor", "", []),
        ("hansen-smithers", "", []),
        ("zebra", "", []),
    ],
)
@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_word_that_no_picture_has_may_be_a_name(
    index: SearchIndex, q: str, read_as: str, expected: list[int], sort: str
) -> None:
    found = index.find_images(parse(q, sort=sort))
    assert image_ids(found.pictures) == expected
    assert found.corrected_query == (read_as if expected else "")
    if expected and read_as:
        assert image_ids(index.find_images(parse(read_as)).pictures) == expected


def test_a_known_word_of_the_same_name_is_part_of_it(
    database: Database, index: SearchIndex, people: Mapping[int, str]
) -> None:
    """The archive is a word of Bob's picture, and the word that no picture has is the rest of the name."""
    owner_id = Owners(database).find_or_insert("test", people[BOB], "Zoë Archive")
    found = index.find_images(parse("Zoë Archive"))
    assert image_ids(found.pictures) == [BOB]
    assert found.corrected_query == "by:Zoë by:Archive"
    assert found.pictures[0].owner_id == owner_id


@pytest.mark.usefixtures("people")
def test_any_word_is_enough_beside_a_name(index: SearchIndex) -> None:
    found = index.find_images(parse("hansen red blue"))
    assert (image_ids(found.pictures), found.is_relaxed) == ([OTHER_ANNA], True)
    assert found.corrected_query == "by:hansen red blue"


def test_the_contributors_of_a_name_with_the_most_pictures_count(
    database: Database, index: SearchIndex
) -> None:
    owners = Owners(database)
    owner_ids = [owners.find_or_insert("test", str(n), f"Ada {n}") for n in range(MAX_NAMESAKES + 1)]
    pictures = [Picture(id=at(2016, number=n), owner_id=owner_id) for n, owner_id in enumerate(owner_ids)]
    last = Picture(id=at(2017), owner_id=owner_ids[-1])
    stock(database, [*pictures, last])
    found = image_ids(index.find_images(parse("by:ada")).pictures)
    assert found[:2] == [last.id, pictures[-1].id]
    assert len(found) == MAX_NAMESAKES + 1
    assert pictures[MAX_NAMESAKES - 1].id not in found


@pytest.mark.usefixtures("people")
def test_a_name_costs_two_statements(index: SearchIndex, database: Database) -> None:
    counts = []
    for q in (
        "place:bergen",
        "by:anna",
        " ".join(f"by:anna{n} -by:bob{n}" for n in range(2 * MAX_BY_NAMES)),
    ):
        with Statements(database) as statements:
            index.find_images(parse(q))
        counts.append(statements.count)
    # Nothing is read of pictures where no picture has the place, nor where nobody has the names.
    assert counts == [1, 5, 2]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("words_before", "expected"),
    [(MAX_WORDS - 1, [NAMELESS]), (MAX_WORDS, [NAMELESS, OTHER_ANNA])],
)
def test_the_words_of_all_names_of_a_query_are_limited(
    index: SearchIndex, words_before: int, expected: list[int]
) -> None:
    """Behind the limit a name is the creator's alone. Names of the same words count once."""
    name = " ".join(f"word{number}" for number in range(words_before))
    found = index.find_images(parse(f'harbour -by:"{name}" -by:"{name}." -by:anna'))
    assert image_ids(found.pictures) == expected


@pytest.mark.usefixtures("people")
def test_the_first_unknown_words_alone_are_looked_up_as_names(index: SearchIndex) -> None:
    unknown = [f"qqq{number}qqq" for number in range(MAX_UNKNOWN_WORDS)]
    found = index.find_images(parse(" ".join([*unknown[1:], "hansen harbour"])))
    assert image_ids(found.pictures) == [OTHER_ANNA]
    assert found.corrected_query.endswith(" by:hansen harbour")
    found = index.find_images(parse(" ".join([*unknown, "hansen harbour"])))
    assert image_ids(found.pictures) == [NAMELESS, MADE_BY_ANNA, OTHER_ANNA]
    assert found.corrected_query == ""


def test_names_of_other_scripts_are_read_whole(database: Database, index: SearchIndex) -> None:
    owner_id = Owners(database).find_or_insert("test", "mohan", "मोहन दास")
    stock(database, [Picture(id=at(2016), owner_id=owner_id)])
    for q in ("by:मोहन", "मोहन", 'by:"मोहन दास"'):
        assert image_ids(index.find_images(parse(q)).pictures) == [at(2016)]
    assert index.find_images(parse("by:हन")).pictures == []


def test_first_words_of_names_are_found_in_a_library_of_any_size(
    database: Database, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contributors, "MAX_SCANNED", 2)
    owners = Owners(database)
    for name in ("Adam", "Bea"):
        owners.find_or_insert("test", name, name)
    owner_id = owners.find_or_insert("test", "Zoe", "Zoe Young")
    stock(database, [Picture(id=at(2016), owner_id=owner_id, description="boat")])
    for q in ("by:zoe", "zoe", "by:zoe boat", 'by:"young zoe"', 'by:"zoe young"'):
        assert image_ids(index.find_images(parse(q)).pictures) == [at(2016)], q
    assert index.find_images(parse("boat -by:zoe")).pictures == []


def test_all_of_a_name_are_excluded(database: Database, index: SearchIndex) -> None:
    owners = Owners(database)
    owner_ids = [owners.find_or_insert("test", str(n), f"Ada {n}") for n in range(MAX_NAMESAKES + 4)]
    stock(database, [Picture(id=at(2016, number=n), owner_id=id_) for n, id_ in enumerate(owner_ids)])
    assert index.find_images(parse("-by:ada")).pictures == []


def test_a_word_that_thousands_of_names_have_costs_little(database: Database, index: SearchIndex) -> None:
    values = ", ".join(f"('test', '{n}', 'Member {n}', 'member {n}')" for n in range(4000))
    database.execute(f"INSERT INTO owner (issuer, subject, name, folded_name) VALUES {values}")
    names = " ".join(f"by:member{end} -by:member{end}" for end in ("", ".", "!", "?"))
    with Statements(database) as statements:
        assert index.find_images(parse(names)).pictures == []
    assert statements.count <= 5

"""What candidates are checked for on the pictures themselves."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution.post_filter import filter_candidates
from stockroom.search.index.conjunction import Clause
from stockroom.search.query.parse import Phrase, parse
from stockroom.search.query.plan import PostConditions
from stockroom.search.service import SearchIndex
from tests.factories import Statements
from tests.search.pictures import Picture, at, image_ids, stock


def never() -> bool:
    return False


def phrase(text: str, *, is_description_only: bool = False) -> Phrase:
    return Phrase(tuple(text.split()), tuple(text.split()), is_description_only)


def clause(*names: str) -> Clause:
    return Clause(names, tuple(range(len(names))), 1)


@pytest.fixture
def candidates(database: Database) -> list[int]:
    """A red boat in the description, in the name, in a tag; and the words in another order."""
    return stock(
        database,
        [
            Picture(id=at(2016, number=1), name="x", description="a red boats", color="#ff0000"),
            Picture(id=at(2016, number=2), name="red-boat", description="x"),
            Picture(id=at(2016, number=3), name="x", description="x", tags=("blue", "red boat")),
            Picture(id=at(2016, number=4), name="boat", description="boat red", tags=("red",)),
        ],
    )


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (PostConditions(phrases=(phrase("red boat"),)), [1, 2, 3]),
        (PostConditions(phrases=(phrase("red boat", is_description_only=True),)), [1]),
        (PostConditions(phrases=(phrase("boat", is_description_only=True),)), [1, 4]),
        (PostConditions(excluded_phrases=(phrase("red boat"),)), [4]),
        (PostConditions(phrases=(phrase("red boat"), phrase("a red"))), [1]),
        (PostConditions(required=(clause("#blue", "color:red"),)), [1, 3]),
        (PostConditions(excluded_terms=("boat",)), []),
        (PostConditions(excluded_terms=("#red", "color:red")), [2, 3]),
        (PostConditions(phrases=(phrase("red boat"),), required=(clause("license:CC-BY-4.0"),)), [1, 2, 3]),
        (PostConditions(excluded_together=(("red", "#blue"), ("boat", "a"))), [2, 4]),
        (PostConditions(), [1, 2, 3, 4]),
    ],
)
def test_conditions(
    database: Database, candidates: list[int], conditions: PostConditions, expected: list[int]
) -> None:
    found, checked = filter_candidates(database, conditions, candidates[::-1], never)
    assert found == [at(2016, number=number) for number in reversed(expected)]
    assert checked == 4


@pytest.mark.parametrize(
    ("conditions", "found", "checked"),
    [
        (PostConditions(phrases=(phrase("red boat"),)), [1], 1),
        (PostConditions(excluded_phrases=(phrase("red boat"),)), [], 1),
        (PostConditions(required=(clause("#blue"),)), [], 1),
    ],
)
def test_one_candidate_is_looked_at_where_it_is_late(
    database: Database, candidates: list[int], conditions: PostConditions, found: list[int], checked: int
) -> None:
    image_ids = [at(2016, number=number) for number in found]
    assert filter_candidates(database, conditions, candidates, lambda: True) == (image_ids, checked)


def test_those_before_the_first_that_was_not_looked_at_are_decided(
    database: Database, candidates: list[int]
) -> None:
    """Three have the phrase; it gets late when the second of these is looked at for its terms."""
    answers = iter([False] * 4 + [False, True])
    conditions = PostConditions(phrases=(phrase("red boat"),), excluded_terms=("nothing",))
    newest_first = candidates[::-1]
    found, checked = filter_candidates(database, conditions, newest_first, lambda: next(answers))
    assert found == [at(2016, number=3), at(2016, number=2)]
    # The fourth has no phrase, so it is decided, too.
    assert newest_first[checked:] == [at(2016, number=1)]


def test_a_picture_that_is_no_longer_ready_meets_no_condition(
    database: Database, candidates: list[int]
) -> None:
    database.execute("UPDATE image SET state = 'deleting' WHERE id = %s", (candidates[0],))
    for conditions in (
        PostConditions(phrases=(phrase("red"),)),
        PostConditions(required=(clause("*"),)),
        PostConditions(excluded_terms=("nothing",)),
    ):
        assert candidates[0] not in filter_candidates(database, conditions, candidates, never)[0]


def test_each_kind_of_condition_is_one_statement(database: Database, candidates: list[int]) -> None:
    conditions = PostConditions(phrases=(phrase("red boat"),), excluded_terms=("#blue",))
    with Statements(database) as statements:
        filter_candidates(database, conditions, candidates, never)
    assert statements.count == 2
    with Statements(database) as statements:
        assert filter_candidates(database, conditions, [], never) == ([], 0)
    assert statements.count == 0


def test_more_words_than_one_statement_probes(database: Database, index: SearchIndex) -> None:
    words = [f"word{number}" for number in range(90)]
    all_but_one = Picture(id=at(2018), description=" ".join(words[:-1]))
    stock(database, [Picture(id=at(2016), description=" ".join(words)), all_but_one])
    assert image_ids(index.find_images(parse(" ".join(words))).pictures) == [at(2016)]
    without = "picture " + " ".join(f"-{word}" for word in words[45:])
    assert index.find_images(parse(without)).pictures == []
    assert len(index.find_images(parse("picture -word99")).pictures) == 2

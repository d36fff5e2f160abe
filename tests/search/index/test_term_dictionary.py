"""Which terms are remembered, and that rare and new ones are always read."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index import term_dictionary
from stockroom.search.index.term_dictionary import Term, TermDictionary, find_commonest
from tests.factories import Statements


@pytest.fixture
def now() -> list[float]:
    """The time that the dictionary's clock shows."""
    return [100.0]


@pytest.fixture
def dictionary(database: Database, now: list[float]) -> TermDictionary:
    database.execute("INSERT INTO term (term, df) VALUES ('*', 5000), ('sea', 1000), ('boat', 999)")
    return TermDictionary(database, lambda: now[0])


def find(database: Database, dictionary: TermDictionary, *terms: str) -> tuple[dict[str, int], int]:
    """The df of each term that is found, and the statements that it took."""
    with Statements(database) as statements:
        found = dictionary.find(terms)
    return {name: term.df for name, term in found.items()}, statements.count


def test_common_terms_are_read_once_a_minute(
    database: Database, dictionary: TermDictionary, now: list[float]
) -> None:
    assert find(database, dictionary, "*", "sea") == ({"*": 5000, "sea": 1000}, 1)
    now[0] = 159
    assert find(database, dictionary, "*", "sea") == ({"*": 5000, "sea": 1000}, 0)
    database.execute("UPDATE term SET df = 1001 WHERE term = 'sea'")
    now[0] = 161
    assert find(database, dictionary, "*", "sea") == ({"*": 5000, "sea": 1001}, 1)


def test_rare_and_unknown_terms_are_always_read(database: Database, dictionary: TermDictionary) -> None:
    assert find(database, dictionary, "boat", "ship") == ({"boat": 999}, 1)
    database.execute("UPDATE term SET df = 7 WHERE term = 'boat'")
    database.execute("INSERT INTO term (term, df) VALUES ('ship', 1)")
    assert find(database, dictionary, "boat", "ship") == ({"boat": 7, "ship": 1}, 1)


def test_what_is_remembered_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_dictionary, "MAX_REMEMBERED", 1)
    database.execute("INSERT INTO term (term, df) VALUES ('sea', 1000), ('sky', 1000)")
    dictionary = TermDictionary(database)
    assert [find(database, dictionary, term)[1] for term in ("sea", "sea", "sky", "sea")] == [1, 0, 1, 1]


def test_forgetting(database: Database, dictionary: TermDictionary) -> None:
    dictionary.find(["sea"])
    database.execute("UPDATE term SET term_id = 77 WHERE term = 'sea'")
    assert dictionary.find(["sea"])["sea"].term_id != 77
    dictionary.forget()
    assert dictionary.find(["sea"]) == {"sea": Term(77, 1000)}


def test_forms_come_with_the_terms(database: Database, dictionary: TermDictionary) -> None:
    database.execute("INSERT INTO lexicon (surface, term_id) VALUES ('seas', 2), ('seas', 3), ('sea', 2)")
    with Statements(database) as statements:
        terms, pairs = dictionary.find_with_forms(["sea"], {b"seas", b"boats"})
    assert statements.count == 1
    assert terms.keys() == {"sea"}
    assert pairs == {(b"seas", 2), (b"seas", 3)}


def test_terms_are_created_once(database: Database, dictionary: TermDictionary) -> None:
    created = dictionary.create(["wind", "air"])
    assert created["air"].term_id < created["wind"].term_id
    assert dictionary.create(["wind", "sea"])["wind"] == created["wind"] == Term(created["wind"].term_id, 0)
    assert database.query("SELECT COUNT(*) FROM term") == ((5,),)


def test_the_commonest_of_some_terms(database: Database, dictionary: TermDictionary) -> None:
    dictionary.create(["wind"])
    ids = {
        bytes(name).decode(): term_id for name, term_id in database.query("SELECT term, term_id FROM term")
    }
    found = find_commonest(database, list(ids.values()), 2)
    assert found == [Term(ids["*"], 5000), Term(ids["sea"], 1000)]
    assert len(find_commonest(database, list(ids.values()), 9)) == 3

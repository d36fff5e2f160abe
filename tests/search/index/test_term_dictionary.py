"""What is remembered of terms, and that what is rare or new is always asked."""

from collections.abc import Iterator

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index import terms as vocabulary
from stockroom.search.query.plan import Term
from tests.factories import Statements
from tests.servers import Server


@pytest.fixture
def db(mariadb: Server) -> Iterator[Database]:
    db = Database(mariadb.settings())
    db.execute("TRUNCATE TABLE term")
    db.execute("INSERT INTO term (term, df) VALUES ('*', 5000), ('sea', 1000), ('boat', 999)")
    yield db
    db.close()


def counted(db: Database, *wanted: str, at: float) -> tuple[dict[str, int], int]:
    with Statements(db) as statements:
        found = vocabulary.terms(db, wanted, lambda: at)
    return {name: term.df for name, term in found.items()}, statements.count


def test_common_terms_are_asked_once_a_minute(db: Database) -> None:
    every = {"*": 5000, "sea": 1000}
    assert counted(db, "sea", at=100) == (every, 1)
    assert counted(db, "sea", at=159) == (every, 0)
    db.execute("UPDATE term SET df = 1001 WHERE term = 'sea'")
    assert counted(db, "sea", at=161) == ({"*": 5000, "sea": 1001}, 1)


def test_rare_and_unknown_ones_are_always_asked(db: Database) -> None:
    assert counted(db, "boat", "ship", at=100) == ({"*": 5000, "boat": 999}, 1)
    db.execute("UPDATE term SET df = 7 WHERE term = 'boat'")
    db.execute("INSERT INTO term (term, df) VALUES ('ship', 1)")
    assert counted(db, "boat", "ship", at=101) == ({"*": 5000, "boat": 7, "ship": 1}, 1)


def test_memory_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MAX_TERMS", 1)
    assert counted(db, "sea", at=100)[1] == 1
    assert counted(db, "boat", at=101)[1] == 1
    assert counted(db, "sea", at=102)[1] == 1


def test_each_database_has_its_own(db: Database, mariadb: Server) -> None:
    other = Database(mariadb.settings())
    assert vocabulary.terms(db, ["sea"])["sea"] == vocabulary.terms(other, ["sea"])["sea"] != Term(0, 0)
    db.execute("UPDATE term SET df = 2000 WHERE term = 'sea'")
    third = Database(mariadb.settings())
    assert [vocabulary.terms(each, ["sea"])["sea"].df for each in (db, other, third)] == [1000, 1000, 2000]
    other.close()
    third.close()

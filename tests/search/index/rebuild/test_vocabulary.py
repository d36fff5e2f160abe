from stockroom.runtime.database import Database
from stockroom.search.index.rebuild.vocabulary import Vocabulary
from tests.factories import Statements


def test_terms_are_found_or_made_and_remembered(database: Database) -> None:
    for name, df in (("sea", 2), ("boat", 0)):
        database.execute("INSERT INTO term (term, df, created) VALUES (%s, %s, '2001-01-01')", (name, df))
    vocabulary = Vocabulary(database)
    numbers = vocabulary.number({"sea", "boat", "new"})
    assert numbers == {
        bytes(name).decode(): term_id for name, term_id in database.query("SELECT term, term_id FROM term")
    }
    # What no picture has is new, so that nobody sweeps it; the rest is as it was.
    is_old: dict[bytes, int] = dict(database.query("SELECT term, created = '2001-01-01' FROM term"))
    assert is_old == {b"sea": 1, b"boat": 0, b"new": 0}
    with Statements(database) as statements:
        assert vocabulary.number(["new", "sea"]) == numbers
        assert vocabulary.number([]) == numbers
    assert statements.count == 0
    assert vocabulary.number(["new", "another"]).keys() == {*numbers, "another"}

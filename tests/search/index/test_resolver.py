"""From documents to entries: terms and surface forms are created once, and df buckets follow the df."""

from stockroom.runtime.database import Database
from stockroom.search.index.lexicon import compute_df_bucket
from stockroom.search.index.resolver import Resolver
from stockroom.search.index.term_dictionary import TermDictionary
from tests.factories import Statements
from tests.search.index.library import resolve, write
from tests.search.pictures import Picture, at, stock


def test_entries_have_the_ids_the_weights_and_the_terms(database: Database) -> None:
    picture = Picture(id=at(2016), description="Schöne Boote", tags=("été",))
    entries = resolve(database, picture)
    rows = database.query("SELECT term_id, term FROM term")
    assert dict(entries.terms) == {term_id: bytes(term).decode() for term_id, term in rows}
    weights = {entries.terms[term_id]: weight for term_id, weight in entries.weights.items()}
    assert weights == picture.document().term_weights()


def test_resolving_again_creates_nothing(database: Database) -> None:
    picture = Picture(id=at(2016), description="Schöne Boote", tags=("été",))
    first = resolve(database, picture)
    tables = database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon")
    assert resolve(database, picture) == first
    assert list(first.weights) == sorted(first.weights)
    assert tables == (database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon"))


def test_the_df_bucket_follows_the_df(database: Database) -> None:
    def read_buckets(surface: str) -> list[int]:
        rows = database.query("SELECT magnitude FROM lexicon WHERE surface = %s", (surface,))
        return [bucket for (bucket,) in rows]

    stock(database, [Picture(id=at(2015), description="boats")])
    for number in range(1, 20):
        picture = Picture(id=at(2016, number=number), description="boat")
        write(database, picture.id, resolve(database, picture))
        assert read_buckets("boat") == read_buckets("boats") == [compute_df_bucket(number + 1)]
    assert read_buckets("boat") == [3]


def test_known_terms_and_forms_take_one_statement_and_then_none(database: Database) -> None:
    picture = Picture(id=at(2016), description="red boat")
    stock(database, [picture])
    # Twenty pictures more would still leave every term in its df bucket.
    database.execute("UPDATE term SET df = 5000")
    resolver = Resolver(database, TermDictionary(database))
    for expected in (1, 0):
        with Statements(database) as statements:
            resolver.resolve(picture.document())
        assert statements.count == expected
    resolver.forget()
    with Statements(database) as statements:
        resolver.resolve(picture.document())
    assert statements.count == 1


def test_forms_are_remembered_for_a_minute(database: Database) -> None:
    now = [0.0]
    picture = Picture(id=at(2016), description="boat")
    resolver = Resolver(database, TermDictionary(database, lambda: now[0]), lambda: now[0])
    resolver.resolve(picture.document())
    database.execute("DELETE FROM lexicon")
    now[0] = 59
    resolver.resolve(picture.document())
    assert database.query("SELECT COUNT(*) FROM lexicon") == ((0,),)
    now[0] = 61
    resolver.resolve(picture.document())
    assert database.query("SELECT surface FROM lexicon WHERE surface = 'boat'") == ((b"boat",),)

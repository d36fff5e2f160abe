"""The lexicon: the commonest forms behind a prefix, exact forms, and df buckets."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index import lexicon
from stockroom.search.index.lexicon import compute_df_bucket
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.search.index.library import delete
from tests.search.pictures import Picture, at, stock


@pytest.fixture
def library(database: Database) -> Database:
    """Sun in five pictures, sunflowers in two, a sunset in one."""
    texts = ["sun sunflowers", "sun sunflower", "suns sunset", "sun", "sun"]
    stock(
        database, [Picture(id=at(2016, number=n), name="x", description=text) for n, text in enumerate(texts)]
    )
    SearchIndex(database).recount()
    return database


@pytest.mark.parametrize(
    ("df", "bucket"),
    [(0, 0), (1, 1), (3, 1), (4, 2), (15, 2), (16, 3), (1023, 5), (1024, 6), (2**32 - 1, 16)],
)
def test_df_buckets(database: Database, df: int, bucket: int) -> None:
    assert compute_df_bucket(df) == bucket
    database.execute("INSERT INTO term (term_id, term, df) VALUES (1, 'a', %s)", (df,))
    lexicon.insert_forms(database, [(b"a", 1, 7)])
    database.run_transaction(lambda cursor: lexicon.recompute_df_buckets(cursor, [1]))
    assert database.query("SELECT magnitude FROM lexicon") == ((bucket,),)


def test_the_commonest_forms_come_first(library: Database) -> None:
    assert [surface for surface, _ in lexicon.find_forms(library, "SU", 2)] == [b"suns", b"sun"]
    assert len(lexicon.find_forms(library, "su", 100)) == 5
    assert lexicon.find_forms(library, "z", 100) == []


def test_the_commonest_terms_come_first(library: Database) -> None:
    terms = lexicon.find_terms(library, "su", max_forms=50, limit=2)
    assert [(e.name, e.surface, e.term.df) for e in terms] == [("sun", "sun", 5), ("sunflow", "sunflower", 2)]
    assert [e.name for e in lexicon.find_terms(library, "su", max_forms=2, limit=5)] == ["sun"]


def test_exact_forms(library: Database) -> None:
    entries = lexicon.find_entries(library, ["sunflowers", "sunset", "moon"])
    assert {(e.surface, e.name, e.term.df) for e in entries} == {
        ("sunflowers", "sunflow", 2),
        ("sunset", "sunset", 1),
    }
    assert lexicon.find_entries(library, []) == []


def test_forms_by_their_length(library: Database) -> None:
    entries = lexicon.find_entries_by_length(library, "s", shortest=4, longest=6, max_forms=100)
    assert {entry.surface for entry in entries} == {"suns", "sunset"}


def test_forms_that_are_there_are_left_as_they_are(library: Database) -> None:
    before = library.query("SELECT * FROM lexicon ORDER BY surface")
    lexicon.insert_forms(library, [(bytes(surface), term_id, 9) for surface, term_id, _ in before])
    assert library.query("SELECT * FROM lexicon ORDER BY surface") == before


@pytest.mark.parametrize("df", [4**bucket - side for bucket in range(16) for side in (0, 1)])
def test_a_df_that_comes_to_another_bucket_takes_the_forms_along(database: Database, df: int) -> None:
    database.execute("INSERT INTO term (term_id, term, df) VALUES (1, 'a', %s), (2, 'b', 7)", (df,))
    lexicon.insert_forms(database, [(b"a", 1, 9), (b"b", 2, 9)])
    database.run_transaction(lambda cursor: lexicon.update_df_buckets(cursor, [1, 2]))
    rows = database.query("SELECT magnitude FROM lexicon ORDER BY surface")
    assert rows == ((compute_df_bucket(df),), (9,))


def test_unused_forms_hide_no_others(database: Database, index: SearchIndex) -> None:
    many = [
        Picture(id=at(2016, number=n), description=" ".join(f"sunx{n}{k}" for k in range(80))) for n in (1, 2)
    ]
    stock(database, many)
    for picture in many:
        delete(database, picture.id)
    database.execute("DELETE FROM image")
    stock(database, [Picture(id=at(2017), description="sunflower")])
    assert index.complete_words("sun") == [("sunflower", 1)]
    assert len(index.find_images(parse("sun")).pictures) == 1
    index.recount()
    assert index.complete_words("sun") == [("sunflower", 1)]
    # They come back with the next picture that has them.
    stock(database, [Picture(id=at(2018), description="sunx11")])
    assert index.complete_words("sunx") == [("sunx11", 1)]

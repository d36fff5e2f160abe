"""The search index as one object: what it remembers, and that a restored database makes it forget."""

from collections.abc import Iterator

import pytest

from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.execution.cursor import PageCursor
from stockroom.search.execution.page import Page
from stockroom.search.execution.searcher import Searcher
from stockroom.search.index.posting_writer import StaleEntries
from stockroom.search.service import Query, SearchIndex, parse
from tests.factories import Statements
from tests.search.index.library import assert_consistent, make_ready
from tests.search.pictures import Picture, at, descriptions, stock

TABLES = ("image", "term", "posting", "posting_skip", "lexicon")


@pytest.fixture
def other(settings: Settings) -> Iterator[Database]:
    """Another process's connection to the same server."""
    db = Database(settings)
    yield db
    db.close()


def restore(other: Database, pictures: list[Picture]) -> None:
    """Replace the database's content: the same terms have other ids from now on."""
    for table in TABLES:
        other.execute(f"TRUNCATE TABLE {table}")
    other.execute("INSERT INTO term (term) VALUES ('filler-a'), ('filler-b'), ('boat'), ('filler-c')")
    stock(other, pictures)
    make_common(other)


def make_common(db: Database) -> None:
    """Have every term remembered by whoever reads it."""
    db.execute("UPDATE term SET df = df + 5000")


def lose_connection(database: Database, other: Database) -> None:
    """End `database`'s connection from the server's side, as stopping the server does."""
    ((connection,),) = database.query("SELECT CONNECTION_ID()")
    other.execute(f"KILL {connection}")


WARM_STATEMENTS = 3
"""The ids in the estimated id range, the ids in all of it, the pictures; nothing for terms."""
OLD = [Picture(id=at(2016, number=n), name="x", description="red boat") for n in range(3)]
NEW = [Picture(id=at(2017, number=n), name="x", description="boat green sea") for n in range(2)]


@pytest.fixture
def warm(database: Database) -> SearchIndex:
    """The index of a process that remembers terms, surface forms and the library's ids."""
    stock(database, OLD)
    make_common(database)
    index = SearchIndex(database)
    index.find_images(parse("red boat"))
    index.find_images(parse("boat"))
    index.resolve(OLD[0].document())
    with Statements(database) as statements:
        assert len(index.find_images(parse("boat")).pictures) == 3
        index.resolve(OLD[0].document())
    assert statements.count == WARM_STATEMENTS
    return index


def test_after_a_restore_the_first_search_is_right(
    database: Database, other: Database, warm: SearchIndex
) -> None:
    restore(other, NEW)
    lose_connection(database, other)
    assert descriptions(warm.find_images(parse("boat")).pictures) == ["boat green sea"] * 2
    assert warm.find_images(parse("red")).pictures == []
    (picture,) = find_ready(database, [NEW[0].id])
    assert [similar.picture.image_id for similar in warm.find_similar(picture)] == [NEW[1].id]
    assert [word for word, _ in warm.complete_words("b")] == ["boat"]


def write(index: SearchIndex, database: Database, picture: Picture) -> None:
    """Index a picture as the ingest does."""
    entries = index.resolve(picture.document())
    make_ready(database, picture.id)
    database.run_transaction(lambda cursor: index.add(cursor, picture.id, entries))


@pytest.mark.parametrize("is_noticed_at_once", [True, False])
def test_after_a_restore_a_picture_is_indexed_right_or_not_at_all(
    database: Database, other: Database, warm: SearchIndex, is_noticed_at_once: bool
) -> None:
    """A connection that is lost without notice is found lost in the middle: then the event comes again."""
    restore(other, NEW)
    picture = Picture(id=at(2018), name="x", description="red boat")
    if is_noticed_at_once:
        database.close()
    else:
        lose_connection(database, other)
        with pytest.raises(StaleEntries):
            write(warm, database, picture)
    write(warm, database, picture)
    rows = database.query(
        "SELECT t.term FROM posting p JOIN term t ON t.term_id = p.term_id WHERE p.image_id = %s",
        (picture.id,),
    )
    assert sorted(bytes(term).decode() for (term,) in rows) == picture.document().terms()
    assert len(database.query("SELECT surface FROM lexicon WHERE surface IN ('red', 'boat')")) == 2


@pytest.mark.parametrize("loses_connection", [True, False])
def test_what_was_resolved_before_a_restore_is_not_written_after_it(
    database: Database, other: Database, warm: SearchIndex, loses_connection: bool
) -> None:
    """Not even when the tables were replaced under an open connection, so that nothing told the process."""
    picture = Picture(id=at(2018), name="x", description="red boat")
    entries = warm.resolve(picture.document())
    restore(other, NEW)
    other.execute("UPDATE term SET df = df - 5000")
    if loses_connection:
        lose_connection(database, other)
    make_ready(other, picture.id)
    with pytest.raises(StaleEntries):
        database.run_transaction(lambda cursor: warm.add(cursor, picture.id, entries))
    assert database.query("SELECT COUNT(*) FROM posting WHERE image_id = %s", (picture.id,)) == ((0,),)
    # The refusal has made the process forget, so that the next attempt succeeds.
    fresh = warm.resolve(picture.document())
    database.run_transaction(lambda cursor: warm.add(cursor, picture.id, fresh))
    assert_consistent(database)


def test_an_idle_process_connects_before_it_looks_at_what_it_remembers(
    database: Database, other: Database, warm: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the search, which would otherwise have to be done again, is done once."""
    searches: list[Query] = []
    find_page = Searcher.find_page

    def note_search(searcher: Searcher, query: Query, cursor: PageCursor | None, limit: int) -> Page:
        searches.append(query)
        return find_page(searcher, query, cursor, limit)

    monkeypatch.setattr(Searcher, "find_page", note_search)
    restore(other, NEW)
    database.close()
    assert len(warm.find_images(parse("boat")).pictures) == 2
    assert len(searches) == 1
    lose_connection(database, other)
    warm.find_images(parse("boat"))
    assert len(searches) == 3


def test_a_lost_connection_alone_changes_no_answer(
    database: Database, other: Database, warm: SearchIndex
) -> None:
    lose_connection(database, other)
    assert len(warm.find_images(parse("boat")).pictures) == 3


def test_each_index_remembers_for_itself(database: Database, other: Database, warm: SearchIndex) -> None:
    other.execute("UPDATE term SET df = 2000 WHERE term = 'boat'")
    cold = SearchIndex(other)
    with Statements(other) as statements:
        cold.find_images(parse("boat"))
    assert statements.count > WARM_STATEMENTS
    with Statements(database) as statements:
        warm.find_images(parse("boat"))
    assert statements.count == WARM_STATEMENTS


def test_what_is_remembered_is_forgotten_after_a_minute(database: Database) -> None:
    now = [0.0]
    stock(database, OLD)
    make_common(database)
    index = SearchIndex(database, clock=lambda: now[0])
    counts = []
    for now[0] in (0.0, 1.0, 59.0, 61.0):
        with Statements(database) as statements:
            index.find_images(parse("boat"))
        counts.append(statements.count)
    assert counts[1] == counts[2] == WARM_STATEMENTS
    assert counts[0] == counts[3] > WARM_STATEMENTS


def test_recounting_corrects_the_document_frequencies(database: Database) -> None:
    stock(database, OLD)
    database.execute("UPDATE term SET df = 9 WHERE term = 'boat'")
    assert SearchIndex(database).recount() == 1
    assert SearchIndex(database).recount() == 0

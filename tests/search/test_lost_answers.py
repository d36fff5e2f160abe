"""Every write of the index counts once, even when it happened and its answer was lost with the connection."""

from collections.abc import Callable

import pytest
from pymysql.cursors import Cursor

from stockroom.images.picture import Metadata
from stockroom.images.repository import lifecycle
from stockroom.images.repository.metadata import FilledMetadata
from stockroom.renditions import Rendered
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.service import SearchIndex
from tests.proxy import DatabaseProxy
from tests.search.index.library import assert_consistent, make_ready, read_df, read_recorded_terms, read_terms
from tests.search.pictures import Picture, at, stock

BOAT = Picture(id=at(2016), description="red boat")
EDITED = Picture(id=BOAT.id, description="green boat")
NEW = Picture(id=at(2018), description="red car")
RENDERED = Rendered(
    media_type="image/png",
    width=NEW.width,
    height=NEW.height,
    renditions={},
    color=NEW.color,
    thumbhash=b"x",
    phash=1,
    pixel_hash=bytes(32),
    capture_time=None,
)
FILLED = FilledMetadata(
    Metadata(name=NEW.name, description=NEW.description, license=NEW.license), (), Embedded()
)
Operation = Callable[[Database, SearchIndex], object]


@pytest.fixture
def lose_commit(settings: Settings, database: Database) -> Callable[[Operation], None]:
    """Does something on a connection that is lost when the first COMMIT is answered; two pictures exist."""
    stock(database, [BOAT, Picture(id=at(2017), description="red boat")])
    database.execute("UPDATE term SET created = '2020-01-01'")

    def run(operation: Operation) -> None:
        with DatabaseProxy(settings, "\x03COMMIT", lose_answer=True) as proxy:
            db = Database(proxy.settings)
            index = SearchIndex(db)
            db.connect()
            operation(db, index)
            db.close()
        assert_consistent(database)

    return run


def test_publishing(database: Database, lose_commit: Callable[[Operation], None]) -> None:
    make_ready(database, NEW.id)
    database.execute("UPDATE image SET state = 'pending' WHERE id = %s", (NEW.id,))

    def publish(db: Database, index: SearchIndex) -> None:
        entries = index.resolve(NEW.document())

        def work(cursor: Cursor) -> None:
            lifecycle.publish(
                cursor,
                NEW.id,
                RENDERED,
                FILLED,
                revision=0,
                version=1,
                link_key="",
                has_further_formats=False,
            )
            index.add(cursor, NEW.id, entries)

        db.run_transaction(work)

    lose_commit(publish)
    assert read_terms(database, NEW.id) == read_recorded_terms(database, NEW.id) == NEW.document().terms()
    assert read_df(database)["red"] == 3


def test_an_edit(database: Database, lose_commit: Callable[[Operation], None]) -> None:
    def edit(db: Database, index: SearchIndex) -> None:
        entries = index.resolve(EDITED.document())
        db.run_transaction(lambda cursor: index.add(cursor, BOAT.id, entries))

    lose_commit(edit)
    assert (
        read_terms(database, BOAT.id) == read_recorded_terms(database, BOAT.id) == EDITED.document().terms()
    )
    assert (read_df(database)["red"], read_df(database)["green"]) == (1, 1)


def test_a_removal(database: Database, lose_commit: Callable[[Operation], None]) -> None:
    lose_commit(lambda db, index: db.run_transaction(lambda cursor: index.remove(cursor, BOAT.id)))
    assert read_terms(database, BOAT.id) == []
    assert read_df(database)["red"] == 1


@pytest.mark.parametrize("df", [0, 1, 7])
def test_recounting(database: Database, lose_commit: Callable[[Operation], None], df: int) -> None:
    def recount(_db: Database, index: SearchIndex) -> None:
        database.execute("UPDATE term SET df = %s WHERE term = 'red'", (df,))
        assert index.recount() == 1

    lose_commit(recount)
    assert read_df(database)["red"] == 2


def remove_postings(database: Database) -> None:
    database.execute("DELETE FROM posting WHERE image_id = %s", (BOAT.id,))
    database.execute("DELETE FROM posting_skip WHERE image_id = %s", (BOAT.id,))
    database.execute("UPDATE term SET df = 1")


def make_unready(database: Database) -> None:
    database.execute("UPDATE image SET state = 'deleting' WHERE id = %s", (BOAT.id,))


def record_other_terms(database: Database) -> None:
    database.execute("UPDATE image SET indexed_terms = '1' WHERE id = %s", (BOAT.id,))


def spoil_df(database: Database) -> None:
    database.execute("UPDATE term SET df = 9")


def insert_unused_term(database: Database) -> None:
    database.execute("INSERT INTO term (term) VALUES ('unused')")


@pytest.mark.parametrize(
    "spoil", [remove_postings, make_unready, record_other_terms, spoil_df, insert_unused_term]
)
def test_a_repair(
    database: Database, lose_commit: Callable[[Operation], None], spoil: Callable[[Database], None]
) -> None:
    def repair(_db: Database, index: SearchIndex) -> None:
        spoil(database)
        after = index.audit(repair=True).next
        while after:
            after = index.audit(after, repair=True).next

    lose_commit(repair)
    ready = database.query("SELECT id FROM image WHERE state = 'ready'")
    for (image_id,) in ready:
        assert read_terms(database, image_id) == read_recorded_terms(database, image_id)
    assert read_df(database)["*"] == len(ready)
    assert "unused" not in read_df(database)

"""The writes of postings: df and the skip pointers stay true, and stale ids are never written."""

import threading
from collections.abc import Collection
from dataclasses import replace

import pytest

from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.index import skip_pointers
from stockroom.search.index.posting_writer import StaleEntries, write_postings
from stockroom.search.index.resolver import Entries, Resolver
from stockroom.search.index.term_dictionary import TermDictionary
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.factories import Statements
from tests.search.index.library import (
    assert_consistent,
    delete,
    make_ready,
    read_df,
    read_recorded_terms,
    read_terms,
    resolve,
    write,
)
from tests.search.pictures import Picture, at, image_ids, stock


def test_a_picture_comes_and_goes(database: Database, index: SearchIndex) -> None:
    first = Picture(id=at(2016), description="red boats #sea")
    second = Picture(id=at(2017), description="red car")
    stock(database, [first, second])
    assert_consistent(database)
    assert read_df(database)["*"] == read_df(database)["red"] == 2
    assert read_df(database)["boat"] == read_df(database)["#sea"] == 1

    delete(database, first.id)
    assert_consistent(database)
    assert read_df(database)["red"] == 1
    assert read_df(database)["boat"] == 0
    assert image_ids(index.find_images(parse("red")).pictures) == [second.id]
    assert index.find_images(parse("#sea")).pictures == []


def test_an_edit_writes_what_differs(database: Database, index: SearchIndex) -> None:
    before = Picture(id=at(2016), description="red boats at sea", tags=("old",))
    after = Picture(id=at(2016), description="red red cars at sea", tags=("new",))
    stock(database, [before, Picture(id=at(2017), description="red car")])
    new = resolve(database, after)
    write(database, before.id, new)
    assert_consistent(database)
    rows = database.query("SELECT term_id, weight FROM posting WHERE image_id = %s", (before.id,))
    assert dict(rows) == new.weights
    write(database, before.id, new)
    assert_consistent(database)
    assert dict(rows) == new.weights
    assert index.find_images(parse("boat")).pictures == []


def test_deleting_twice_counts_once(database: Database) -> None:
    picture = Picture(id=at(2016), description="red")
    stock(database, [picture, Picture(id=at(2017), description="red")])
    for _ in range(2):
        delete(database, picture.id)
    assert read_df(database)["red"] == 1
    assert_consistent(database)


def test_the_row_records_under_which_terms_its_picture_is_found(database: Database) -> None:
    picture = Picture(id=at(2016), description="red boat")
    stock(database, [picture])
    assert read_recorded_terms(database, picture.id) == picture.document().terms()
    edited = Picture(id=picture.id, description="green boat")
    write(database, picture.id, resolve(database, edited))
    assert read_recorded_terms(database, picture.id) == edited.document().terms()
    assert read_terms(database, picture.id) == edited.document().terms()


def test_writing_twice_counts_once(database: Database) -> None:
    picture = Picture(id=at(2016), description="red")
    stock(database, [picture])
    tables = ("image", "posting", "term", "lexicon", "posting_skip")
    before = [database.query(f"SELECT * FROM {table}") for table in tables]
    write(database, picture.id, resolve(database, picture))
    assert [database.query(f"SELECT * FROM {table}") for table in tables] == before


def test_only_a_ready_picture_is_indexed(database: Database) -> None:
    entries = resolve(database, Picture(id=at(2016), description="red"))
    make_ready(database, at(2016))
    database.execute("UPDATE image SET state = 'deleting'")
    for image_id in (at(2016), at(2017)):
        database.run_transaction(lambda cursor, n=image_id: write_postings(cursor, {n: entries}))  # type: ignore[misc]
    assert database.query("SELECT COUNT(*) FROM posting") == ((0,),)
    assert set(read_df(database).values()) == {0}


def test_a_removal_follows_what_was_written(database: Database) -> None:
    """Not what the same picture would give today."""
    picture = Picture(id=at(2016), description="red boat")
    stock(database, [picture, Picture(id=at(2017), description="red")])
    database.execute(
        "UPDATE image SET description = 'something else', owner_id = 99 WHERE id = %s", (picture.id,)
    )
    delete(database, picture.id)
    assert read_terms(database, picture.id) == []
    assert read_df(database)["red"] == 1
    assert_consistent(database)


def test_a_picture_from_before_terms_were_recorded_is_removed_entirely(database: Database) -> None:
    picture = Picture(id=at(2016), description="red boat")
    stock(database, [picture, Picture(id=at(2017), description="red")])
    database.execute("UPDATE image SET indexed_terms = NULL")
    delete(database, picture.id)
    assert read_terms(database, picture.id) == []
    assert_consistent(database)


def test_df_falls_by_what_was_deleted(database: Database) -> None:
    picture = Picture(id=at(2016), description="red boat")
    stock(database, [picture, Picture(id=at(2017), description="red")])
    database.execute(
        "DELETE p FROM posting p JOIN term t ON t.term_id = p.term_id "
        "WHERE t.term = 'red' AND p.image_id = %s",
        (picture.id,),
    )
    database.execute("UPDATE term SET df = 1 WHERE term = 'red'")
    delete(database, picture.id)
    assert read_df(database)["red"] == 1
    assert_consistent(database)


def test_df_rises_by_what_was_inserted(database: Database) -> None:
    picture = Picture(id=at(2016), description="red boat")
    entries = resolve(database, picture)
    ((term_id,),) = database.query("SELECT term_id FROM term WHERE term = 'red'")
    database.execute(
        "INSERT INTO posting (term_id, image_id, weight) VALUES (%s, %s, 1)", (term_id, picture.id)
    )
    database.execute("UPDATE term SET df = 1 WHERE term = 'red'")
    write(database, picture.id, entries)
    assert read_df(database)["red"] == 1
    assert_consistent(database)
    assert dict(database.query("SELECT term_id, weight FROM posting")) == entries.weights


def test_df_never_falls_below_zero(database: Database) -> None:
    picture = Picture(id=at(2016), description="red")
    stock(database, [picture])
    database.execute("UPDATE term SET df = 0")
    delete(database, picture.id)
    assert set(read_df(database).values()) == {0}


def test_a_very_long_description(database: Database, index: SearchIndex) -> None:
    """Four thousand terms take several statements."""
    text = "".join(chr(0x4E00 + number) for number in range(2000))
    expected = stock(database, [Picture(id=at(2016), description=text)])
    assert image_ids(index.find_images(parse(text[500:600])).pictures) == expected
    assert index.find_images(parse(text[600] + text[500])).pictures == []
    assert_consistent(database)


def test_writers_at_the_same_time_agree(database: Database, settings: Settings) -> None:
    failures: list[Exception] = []
    stock(database, [])

    def write_pictures(writer: int) -> None:
        db = Database(settings)
        try:
            for number in range(15):
                words = " ".join(f"w{(writer * 7 + number * step) % 23}" for step in range(1, 9))
                picture = Picture(id=at(2016, number=writer * 100 + number), description=words)
                write(db, picture.id, resolve(db, picture))
        except Exception as error:  # noqa: BLE001 - reported by the test
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=write_pictures, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_consistent(database)
    assert read_df(database)["*"] == 60


@pytest.fixture
def stale(database: Database) -> Entries:
    """Entries of a picture whose term ids stand for other terms by now."""
    entries = resolve(database, Picture(id=at(2016), description="red boat"))
    database.execute("TRUNCATE TABLE term")
    stock(database, [Picture(id=at(2015), description="green cars in a garden")])
    return entries


def test_stale_entries_are_never_written(database: Database, stale: Entries) -> None:
    tables = ("posting", "posting_skip", "term")
    before = [database.query(f"SELECT * FROM {table}") for table in tables]
    with pytest.raises(StaleEntries):
        write(database, at(2016), stale)
    with pytest.raises(StaleEntries):
        write(database, at(2015), stale)
    assert [database.query(f"SELECT * FROM {table}") for table in tables] == before


def test_one_stale_id_is_enough(database: Database) -> None:
    entries = resolve(database, Picture(id=at(2016), description="red boat"))
    database.execute("UPDATE term SET term = 'beat' WHERE term = 'boat'")
    with pytest.raises(StaleEntries):
        write(database, at(2016), entries)
    assert database.query("SELECT COUNT(*) FROM posting") == ((0,),)


def edit_many(db: Database, pictures: Collection[Picture]) -> None:
    """Index several pictures that have rows, as a process does that remembers nothing."""
    resolver = Resolver(db, TermDictionary(db))
    entries = resolver.resolve_all({picture.id: picture.document() for picture in pictures})
    db.run_transaction(lambda cursor: write_postings(cursor, entries))


def test_many_edits_write_what_differs_as_single_ones_do(
    database: Database, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skip_pointers, "STRIDE", 2)
    before = [
        Picture(id=at(2016, number=number), description=f"red boat w{number}", tags=("sea",))
        for number in range(9)
    ]
    stock(database, before)
    after = [replace(picture, description="green boat boat", tags=("sea", "sun")) for picture in before[:7]]
    for _ in range(2):
        edit_many(database, after)
        assert_consistent(database, 2)
        for picture in after:
            assert read_terms(database, picture.id) == picture.document().terms()
            assert read_recorded_terms(database, picture.id) == picture.document().terms()
    df = read_df(database)
    assert (df["green"], df["#sun"], df["red"], df["w1"], df["*"]) == (7, 7, 2, 0, 9)
    many = database.query("SELECT term_id, image_id, weight FROM posting ORDER BY term_id, image_id")
    for picture in after:
        write(database, picture.id, resolve(database, picture))
    assert database.query("SELECT term_id, image_id, weight FROM posting ORDER BY term_id, image_id") == many
    assert image_ids(index.find_images(parse("#sun green")).pictures) == [p.id for p in reversed(after)]


def test_edits_of_many_pictures_cost_as_many_statements_as_those_of_two(database: Database) -> None:
    pictures = [Picture(id=at(2016, number=number), description=f"red w{number}") for number in range(40)]
    stock(database, pictures)
    counts = []
    for some in (pictures[:2], pictures[2:]):
        edited = [replace(picture, description=f"green {picture.id}", tags=("sun",)) for picture in some]
        with Statements(database) as sent:
            edit_many(database, edited)
        counts.append(sent.count)
    assert counts[0] == counts[1]
    assert_consistent(database)


def test_many_edits_leave_pictures_alone_that_are_not_ready(database: Database) -> None:
    pictures = [Picture(id=at(2016, number=number), description="red") for number in range(3)]
    stock(database, pictures)
    delete(database, pictures[1].id)
    database.execute("UPDATE image SET state = 'hidden' WHERE id = %s", (pictures[1].id,))
    edit_many(database, [replace(picture, description="green") for picture in pictures])
    assert read_terms(database, pictures[1].id) == []
    assert read_df(database)["green"] == 2
    assert_consistent(database)


def test_one_stale_term_stops_all_edits(database: Database) -> None:
    pictures = [Picture(id=at(2016, number=number), description="red") for number in range(2)]
    stock(database, pictures)
    resolver = Resolver(database, TermDictionary(database))
    for old, new in (("green", "grain"), ("red", "read")):
        entries = resolver.resolve_all(
            {picture.id: replace(picture, description="red green").document() for picture in pictures}
        )
        database.execute("UPDATE term SET term = %s WHERE term = %s", (new, old))
        with pytest.raises(StaleEntries):
            database.run_transaction(lambda cursor, e=entries: write_postings(cursor, e))  # type: ignore[misc]
        database.execute("UPDATE term SET term = %s WHERE term = %s", (old, new))
        assert {len(read_terms(database, picture.id)) for picture in pictures} == {
            len(pictures[0].document().terms())
        }


def test_edits_of_many_at_the_same_time_agree(database: Database, settings: Settings) -> None:
    pictures = [Picture(id=at(2016, number=number), description="red") for number in range(24)]
    stock(database, pictures)
    failures: list[Exception] = []

    def write_pictures(writer: int) -> None:
        db = Database(settings)
        try:
            for step in range(4):
                words = " ".join(f"w{(writer * 7 + step * number) % 11}" for number in range(1, 7))
                edit_many(db, [replace(picture, description=words) for picture in pictures[writer::3]])
        except Exception as error:  # noqa: BLE001 - reported by the test
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=write_pictures, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_consistent(database)

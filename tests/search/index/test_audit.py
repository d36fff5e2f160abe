"""The audit finds every kind of difference between the index and the rows, and puts each right."""

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import get_args

import pytest
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.index import audit_pictures, audit_terms, skip_pointers
from stockroom.search.index.audit_report import IndexAudit, Kind
from stockroom.search.index.posting_writer import StaleEntries
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.images.looks import make_thumbhash
from tests.proxy import DatabaseProxy
from tests.search.index.library import (
    assert_consistent,
    make_ready,
    read_df,
    read_recorded_terms,
    read_terms,
    resolve,
    write,
)
from tests.search.pictures import Picture, at, image_ids, stock

PICTURES = [Picture(id=at(2016, number=n), description=f"red boat number{n}") for n in range(6)]
FIRST = PICTURES[0]
TABLES = ("owner", "image", "term", "posting", "posting_skip", "lexicon", "phash_band")


def audit(index: SearchIndex, *, repair: bool = False, limit: int = 20_000) -> IndexAudit:
    """All pages of an audit as one."""
    total = IndexAudit()
    after = ""
    for _ in range(500):
        page = index.audit(after, limit=limit, repair=repair)
        for kind, count in page.problems.items():
            total.problems[kind] = total.problems.get(kind, 0) + count
        for kind, count in page.repaired.items():
            total.repaired[kind] = total.repaired.get(kind, 0) + count
        for kind, examples in page.examples.items():
            assert 0 < len(examples) <= 5
            total.examples.setdefault(kind, []).extend(examples)
        after = page.next
        if not after:
            return total
    raise AssertionError("the audit does not end")


def read_tables(db: Database) -> list[object]:
    orders = dict.fromkeys(TABLES, "1, 2") | {
        "owner": "1",
        "image": "1",
        "term": "1",
        "phash_band": "1, 2, 3, 4",
    }
    return [db.query(f"SELECT * FROM {table} ORDER BY {orders[table]}") for table in TABLES]


def term_id(db: Database, term: str) -> int:
    ((found,),) = db.query("SELECT term_id FROM term WHERE term = %s", (term,))
    return int(found)


@pytest.fixture
def library(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Six pictures; each posting is sampled. The first one has a band with the value 0."""
    monkeypatch.setattr(skip_pointers, "STRIDE", 1)
    numbers = stock(database, PICTURES)
    database.execute(
        "UPDATE image SET phash = (id - %s) * 9 << 16, thumbhash = %s", (FIRST.id - 1, make_thumbhash())
    )
    database.run_transaction(lambda cursor: insert_bands(cursor, numbers))
    return database


@pytest.mark.parametrize("limit", [1, 3, 7, 20_000])
def test_nothing_is_wrong(library: Database, index: SearchIndex, limit: int) -> None:
    before = read_tables(library)
    for repair in (False, True):
        report = audit(index, repair=repair, limit=limit)
        assert (report.problems, report.repaired, report.examples) == ({}, {}, {})
    assert read_tables(library) == before


def lose_postings(db: Database) -> None:
    for table in ("posting", "posting_skip"):
        db.execute(
            f"DELETE FROM {table} WHERE image_id = %s AND term_id = %s", (FIRST.id, term_id(db, "red"))
        )
    db.execute("UPDATE term SET df = df - 1 WHERE term = 'red'")


def lose_record(db: Database) -> None:
    db.execute("UPDATE image SET indexed_terms = NULL WHERE id = %s", (FIRST.id,))


def add_posting_of_nothing(db: Database) -> None:
    for table in ("posting", "posting_skip"):
        db.execute(f"INSERT INTO {table} (term_id, image_id) VALUES (%s, 12345)", (term_id(db, "red"),))
    db.execute("UPDATE term SET df = df + 1 WHERE term = 'red'")


def add_posting_of_no_term(db: Database) -> None:
    for table in ("posting", "posting_skip"):
        db.execute(f"INSERT INTO {table} (term_id, image_id) VALUES (999, %s)", (FIRST.id,))


def add_unrecorded_posting(db: Database) -> None:
    for table in ("posting", "posting_skip"):
        db.execute(
            f"INSERT INTO {table} (term_id, image_id) VALUES (%s, %s)", (term_id(db, "number1"), FIRST.id)
        )
    db.execute("UPDATE term SET df = df + 1 WHERE term = 'number1'")


def lose_skip_pointer(db: Database) -> None:
    db.execute(
        "DELETE FROM posting_skip WHERE term_id = %s AND image_id = %s", (term_id(db, "red"), FIRST.id)
    )


def add_skip_pointer(db: Database) -> None:
    db.execute("INSERT INTO posting_skip (term_id, image_id) VALUES (%s, 12345)", (term_id(db, "red"),))


def spoil_df(db: Database) -> None:
    db.execute("UPDATE term SET df = 5 WHERE term = 'red'")


def spoil_bucket(db: Database) -> None:
    db.execute("UPDATE lexicon SET magnitude = 9 WHERE surface = 'red'")


def add_form_of_no_term(db: Database) -> None:
    db.execute("INSERT INTO lexicon (surface, term_id) VALUES ('nothing', 999)")


def add_unused_term(db: Database) -> None:
    db.execute(
        "INSERT INTO term (term_id, term, created) "
        "VALUES (999, 'nothing', UTC_TIMESTAMP() - INTERVAL 25 HOUR)"
    )
    db.execute("INSERT INTO lexicon (surface, term_id, magnitude) VALUES ('nothing', 999, 0)")


def spoil_owner_name(db: Database) -> None:
    db.execute("UPDATE owner SET folded_name = NULL")


def lose_band(db: Database) -> None:
    db.execute("DELETE FROM phash_band WHERE image_id = %s AND band IN (0, 4)", (FIRST.id,))


def add_band_of_nothing(db: Database) -> None:
    db.execute("INSERT INTO phash_band (band, value, owner_id, image_id, phash) VALUES (0, 0, 1, 12345, 7)")


def add_band_with_another_value(db: Database) -> None:
    db.execute(
        "INSERT INTO phash_band (band, value, owner_id, image_id, phash) "
        "SELECT 4, 65535, 1, id, phash FROM image WHERE id = %s",
        (FIRST.id,),
    )


FAULTS: list[tuple[Callable[[Database], None], Kind, str]] = [
    (lose_postings, "missing-posting", ids.encode(FIRST.id)),
    (add_posting_of_nothing, "dangling-posting", ids.encode(12345)),
    (add_posting_of_no_term, "dangling-posting", "term 999"),
    (add_unrecorded_posting, "unrecorded-posting", ids.encode(FIRST.id)),
    (lose_skip_pointer, "missing-skip-pointer", ids.encode(FIRST.id)),
    (add_skip_pointer, "dangling-skip-pointer", ids.encode(12345)),
    (lose_record, "unrecorded-picture", ids.encode(FIRST.id)),
    (spoil_df, "wrong-df", "red"),
    (spoil_bucket, "wrong-df-bucket", "red"),
    (add_form_of_no_term, "dangling-form", "nothing"),
    (add_unused_term, "unused-term", "nothing"),
    (spoil_owner_name, "wrong-owner-name", "1"),
    (lose_band, "missing-band", ids.encode(FIRST.id)),
    (add_band_of_nothing, "dangling-band", ids.encode(12345)),
    (add_band_with_another_value, "dangling-band", f"{ids.encode(FIRST.id)} band 4"),
]


@pytest.mark.parametrize("limit", [1, 20_000])
@pytest.mark.parametrize("fault", FAULTS, ids=[spoil.__name__ for spoil, _, _ in FAULTS])
def test_each_fault_is_found_alone_and_put_right(
    library: Database,
    index: SearchIndex,
    fault: tuple[Callable[[Database], None], Kind, str],
    limit: int,
) -> None:
    spoil, kind, example = fault
    before = read_tables(library)
    spoil(library)
    spoilt = read_tables(library)
    report = audit(index, limit=limit)
    assert (report.problems, report.repaired) == ({kind: 1}, {})
    assert example in report.examples[kind][0]
    assert read_tables(library) == spoilt
    assert audit(index, limit=limit, repair=True).repaired == {kind: 1}
    assert read_tables(library) == before
    assert audit(index, limit=limit).problems == {}


def test_every_kind_of_fault_is_tested() -> None:
    assert {kind for _, kind, _ in FAULTS} == set(get_args(Kind))


def test_a_picture_that_is_not_ready_any_more_loses_its_postings(
    library: Database, index: SearchIndex
) -> None:
    library.execute("UPDATE image SET state = 'deleting' WHERE id = %s", (FIRST.id,))
    report = audit(index, repair=True)
    assert report.repaired == {"dangling-posting": len(FIRST.document().terms()), "dangling-band": 5}
    assert read_terms(library, FIRST.id) == []
    assert read_df(library)["red"] == 5


def test_a_picture_of_before_the_record_loses_the_term_of_its_owners_name(
    library: Database, index: SearchIndex
) -> None:
    library.execute("INSERT INTO term (term_id, term, df) VALUES (999, 'owner:ada', 1)")
    library.execute("INSERT INTO posting (term_id, image_id, weight) VALUES (999, %s, 0)", (FIRST.id,))
    library.execute("UPDATE image SET indexed_terms = NULL")
    report = audit(index, repair=True)
    assert report.repaired["unrecorded-picture"] == len(PICTURES)
    assert report.repaired["unrecorded-posting"] == 1
    assert "owner:ada" not in read_df(library)
    assert read_terms(library, FIRST.id) == read_recorded_terms(library, FIRST.id) == FIRST.document().terms()
    assert_consistent(library, stride=1)


def test_a_page_of_a_repair_indexes_few_pictures_anew(
    library: Database, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pictures, "MAX_REINDEXED", 2)
    library.execute("UPDATE image SET indexed_terms = NULL")
    pages = [index.audit("pictures:0", repair=True)]
    while pages[-1].next.startswith("pictures:"):
        pages.append(index.audit(pages[-1].next, repair=True))
    assert [page.repaired for page in pages] == [{"unrecorded-picture": 2}] * 3
    assert all(page.problems == page.repaired for page in pages)
    assert audit(index).problems == {}


def test_a_picture_without_bands_because_it_is_flat_lacks_none(library: Database, index: SearchIndex) -> None:
    """Bands that such a picture has are taken away."""
    library.execute("UPDATE image SET thumbhash = 'x' WHERE id = %s", (FIRST.id,))
    library.execute("UPDATE image SET phash = 0 WHERE id = %s", (PICTURES[1].id,))
    assert audit(index, repair=True).repaired == {"dangling-band": 10}
    assert audit(index).problems == {}


def test_an_emptied_index_comes_back(library: Database, index: SearchIndex) -> None:
    for table in ("posting", "posting_skip", "lexicon"):
        library.execute(f"TRUNCATE TABLE {table}")
    audit(index, repair=True, limit=50)
    assert_consistent(library, stride=1)
    assert image_ids(index.find_images(parse("red boat")).pictures) == [p.id for p in PICTURES[::-1]]
    assert sorted(index.complete_words("num")) == [(f"number{n}", 1) for n in range(6)]


@pytest.mark.parametrize("after", ["x", "terms", "terms:", "terms:x", "terms:1:2:3", "nothing:0", "terms:-1"])
def test_a_place_that_is_none(index: SearchIndex, after: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        index.audit(after)


def test_recounting(library: Database, index: SearchIndex) -> None:
    assert index.recount() == 0
    right = read_tables(library)
    library.execute("UPDATE term SET df = 7 WHERE term IN ('red', 'boat')")
    library.execute("UPDATE term SET df = 70 WHERE term = '*'")
    library.execute("UPDATE lexicon SET magnitude = 9")
    assert index.recount() == 3
    assert read_tables(library) == right


def test_ranges_of_terms_are_small_where_terms_are_common(
    library: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasts: list[int] = []
    after = 0
    while after != audit_terms.LAST_ID:
        after = audit_terms.choose_last(library, after, 12)
        lasts.append(after)
    for first, last in pairwise([0, *lasts[:-1]]):
        counts = [
            df
            for (df,) in library.query(
                "SELECT df FROM term WHERE term_id > %s AND term_id <= %s ORDER BY term_id", (first, last)
            )
        ]
        assert sum(counts[:-1]) < 12 <= sum(counts)
    assert len(lasts) > 2
    assert audit_terms.choose_last(library, 0, 10**9) == audit_terms.LAST_ID
    monkeypatch.setattr(audit_terms, "TERMS_PER_PAGE", 3)
    ((third,),) = library.query("SELECT term_id FROM term ORDER BY term_id LIMIT 1 OFFSET 2")
    assert audit_terms.choose_last(library, 0, 10**9) == third


def test_counts_are_right_while_pictures_are_published(library: Database, settings: Settings) -> None:
    """A picture is published between the first look at a count and the second one."""
    library.execute("UPDATE term SET df = 9 WHERE term = 'red'")

    def publish() -> None:
        write(library, at(2018), resolve(library, Picture(id=at(2018), description="red sun")))

    with DatabaseProxy(settings, "FOR UPDATE", before=publish) as proxy:
        db = Database(proxy.settings)
        SearchIndex(db).recount()
        db.close()
    assert_consistent(library, stride=1)
    assert read_df(library)["red"] == 7


def resolve_new(index: SearchIndex) -> object:
    return index.resolve(Picture(id=at(2018), description="green sun").document())


def test_a_term_that_is_about_to_be_published_is_not_swept(library: Database, index: SearchIndex) -> None:
    resolve_new(index)
    assert audit(index, repair=True).problems == {}
    assert "green" in read_df(library)


def test_a_term_that_is_swept_before_it_is_published_comes_back(
    library: Database, index: SearchIndex, settings: Settings
) -> None:
    picture = Picture(id=at(2018), description="green sun")
    make_ready(library, picture.id)
    library.execute("UPDATE image SET state = 'pending' WHERE id = %s", (picture.id,))
    entries = index.resolve(picture.document())
    library.execute("UPDATE term SET created = '2020-01-01'")
    db = Database(settings)
    assert audit(SearchIndex(db), repair=True).repaired["unused-term"] == 2
    db.close()
    library.execute("UPDATE image SET state = 'ready' WHERE id = %s", (picture.id,))
    with pytest.raises(StaleEntries):
        library.run_transaction(lambda cursor: index.add(cursor, picture.id, entries))
    assert read_terms(library, picture.id) == []
    again = index.resolve(picture.document())
    library.run_transaction(lambda cursor: index.add(cursor, picture.id, again))
    assert read_terms(library, picture.id) == picture.document().terms()
    assert index.complete_words("gre") == [("green", 1)]
    assert_consistent(library, stride=1)


def test_a_remembered_form_is_written_again_for_a_term_that_was_swept(
    library: Database, index: SearchIndex
) -> None:
    resolve_new(index)
    library.execute("DELETE FROM lexicon WHERE surface = 'green'")
    library.execute("DELETE FROM term WHERE term = 'green'")
    resolve_new(index)
    assert library.query("SELECT surface FROM lexicon WHERE surface = 'green'") == ((b"green",),)


def test_a_picture_that_is_just_published_keeps_its_terms(
    library: Database, index: SearchIndex, settings: Settings
) -> None:
    """The sweep has found the terms and is about to lock them when the picture is published."""
    picture = Picture(id=at(2018), description="green sun")
    entries = index.resolve(picture.document())
    make_ready(library, picture.id)
    library.execute("UPDATE term SET created = '2020-01-01'")

    def publish() -> None:
        library.run_transaction(lambda cursor: index.add(cursor, picture.id, entries))

    with DatabaseProxy(settings, "AND t.df = 0 FOR UPDATE", before=publish) as proxy:
        db = Database(proxy.settings)
        report = SearchIndex(db).audit("terms:0", repair=True)
        db.close()
    assert report.problems["unused-term"] == 2
    assert "unused-term" not in report.repaired
    assert read_terms(library, picture.id) == picture.document().terms()
    assert_consistent(library, stride=1)


def test_the_sweep_waits_for_a_transaction_that_publishes(
    library: Database, index: SearchIndex, settings: Settings
) -> None:
    picture = Picture(id=at(2018), description="green sun")
    entries = index.resolve(picture.document())
    make_ready(library, picture.id)
    library.execute("UPDATE term SET created = '2020-01-01'")
    reports: list[IndexAudit] = []
    locking = threading.Event()

    def sweep() -> None:
        # The proxy tells when the sweep asks for the lock, which the transaction has.
        with DatabaseProxy(settings, "AND t.df = 0 FOR UPDATE", before=locking.set) as proxy:
            db = Database(proxy.settings)
            reports.append(SearchIndex(db).audit("terms:0", repair=True))
            db.close()

    thread = threading.Thread(target=sweep)

    def publish(cursor: Cursor) -> None:
        index.add(cursor, picture.id, entries)
        thread.start()
        assert locking.wait(60)

    library.run_transaction(publish)
    thread.join()
    (report,) = reports
    assert report.problems["unused-term"] == 2
    assert "unused-term" not in report.repaired
    assert read_terms(library, picture.id) == picture.document().terms()
    assert_consistent(library, stride=1)

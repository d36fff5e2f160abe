"""The index's writes: terms, postings, counts and the lexicon stay true."""

import threading

import pytest

from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.execution import page
from stockroom.search.index import reader as reads
from stockroom.search.index import recount as counts
from stockroom.search.index import skip_pointers as skips
from stockroom.search.index import writer as postings
from stockroom.search.index.document import Document
from stockroom.search.query.dates import ALWAYS
from stockroom.search.query.parse import parse
from stockroom.search.suggest import completion
from tests.search.pictures import Picture, at, stock


def frequencies(db: Database) -> dict[str, int]:
    return {bytes(term).decode(): df for term, df in db.query("SELECT term, df FROM term")}


def assert_true(db: Database) -> None:
    """df is the number of postings of each term."""
    wrong = db.query(
        "SELECT t.term, t.df, COUNT(p.image_id) FROM term t LEFT JOIN posting p ON p.term_id = t.term_id "
        "GROUP BY t.term_id, t.term, t.df HAVING t.df <> COUNT(p.image_id)"
    )
    assert wrong == ()
    sample = f"SELECT term_id, image_id FROM posting WHERE CRC32(image_id) % {skips.STRIDE} = 0"
    rows = db.query(f"{sample.replace('%', '%%')} ORDER BY term_id, image_id")
    assert rows == db.query("SELECT term_id, image_id FROM posting_skip ORDER BY term_id, image_id")


def test_a_picture_comes_and_goes(database: Database) -> None:
    first = Picture(id=at(2016), description="red boats #sea")
    second = Picture(id=at(2017), description="red car")
    stock(database, [first, second])
    assert_true(database)
    assert frequencies(database)["*"] == frequencies(database)["red"] == 2
    assert frequencies(database)["boat"] == frequencies(database)["#sea"] == 1

    term_ids = postings.resolve(database, first.document())
    database.transact(lambda cursor: postings.remove(cursor, first.id, term_ids))
    assert_true(database)
    assert frequencies(database)["red"] == 1
    assert frequencies(database)["boat"] == 0
    found = page.search(database, parse("red"), None)
    assert [image.image_id for image in found.pictures] == [second.id]
    assert page.search(database, parse("#sea"), None).pictures == []


def test_an_edit_writes_what_differs(database: Database) -> None:
    before = Picture(id=at(2016), description="red boats at sea", tags=("old",))
    after = Picture(id=at(2016), description="red red cars at sea", tags=("new",))
    stock(database, [before, Picture(id=at(2017), description="red car")])
    old, new = (postings.resolve(database, picture.document()) for picture in (before, after))
    database.transact(lambda cursor: postings.change(cursor, before.id, old, new))
    assert_true(database)
    rows = database.query("SELECT term_id, weight FROM posting WHERE image_id = %s", (before.id,))
    assert dict(rows) == new
    database.transact(lambda cursor: postings.change(cursor, before.id, new, new))
    assert_true(database)
    assert page.search(database, parse("boat"), None).pictures == []


def test_counts_are_made_true(database: Database) -> None:
    stock(database, [Picture(id=at(2016, number=n), description="red sea") for n in range(20)])
    assert counts.recount(database) == 0
    right = database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon")
    database.execute("UPDATE term SET df = 7 WHERE term IN ('red', 'sea')")
    database.execute("UPDATE term SET df = 70 WHERE term = '*'")
    database.execute("UPDATE lexicon SET magnitude = 9")
    assert counts.recount(database) == 3
    assert right == (database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon"))


def test_the_magnitude_follows_the_count(database: Database) -> None:
    def magnitudes(surface: str) -> list[int]:
        return [
            row[0] for row in database.query("SELECT magnitude FROM lexicon WHERE surface = %s", (surface,))
        ]

    stock(database, [Picture(id=at(2015), description="boats")])
    for number in range(1, 20):
        picture = Picture(id=at(2016, number=number), description="boat")
        entries = postings.resolve(database, picture.document())
        database.transact(lambda cursor, p=picture, e=entries: postings.add(cursor, p.id, e))  # type: ignore[misc]
        assert magnitudes("boat") == magnitudes("boats") == [postings.magnitude(number + 1)]
    assert magnitudes("boat") == [3]


def test_removing_twice_counts_once(database: Database) -> None:
    picture = Picture(id=at(2016), description="red")
    stock(database, [picture, Picture(id=at(2017), description="red")])
    term_ids = postings.resolve(database, picture.document())
    for _ in range(2):
        database.transact(lambda cursor: postings.remove(cursor, picture.id, term_ids))
    assert frequencies(database)["red"] == 1
    assert_true(database)


def test_a_count_never_falls_below_zero(database: Database) -> None:
    picture = Picture(id=at(2016), description="red")
    stock(database, [picture])
    database.execute("UPDATE term SET df = 0")
    term_ids = postings.resolve(database, picture.document())
    database.transact(lambda cursor: postings.remove(cursor, picture.id, term_ids))
    assert set(frequencies(database).values()) == {0}


def test_resolving_twice_makes_nothing_new(database: Database) -> None:
    document = Document(name="a.jpg", description="Schöne Boote", tags=("été",), owner="Ada")
    first = postings.resolve(database, document)
    tables = database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon")
    assert postings.resolve(database, document) == first
    assert list(first) == sorted(first)
    assert tables == (database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon"))


def test_a_very_long_description(database: Database) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(2000))
    (number,) = stock(database, [Picture(id=at(2016), description=text)])
    found = page.search(database, parse(text[500:600]), None)
    assert [image.image_id for image in found.pictures] == [number]
    assert page.search(database, parse(text[600] + text[500]), None).pictures == []
    assert_true(database)


def test_more_words_than_one_statement_probes(database: Database) -> None:
    words = [f"word{number}" for number in range(90)]
    all_but_one = Picture(id=at(2018), description=" ".join(words[:-1]))
    stock(database, [Picture(id=at(2016), description=" ".join(words)), all_but_one])
    found = page.search(database, parse(" ".join(words)), None)
    assert [image.image_id for image in found.pictures] == [at(2016)]
    without = "picture " + " ".join(f"-{word}" for word in words[45:])
    assert page.search(database, parse(without), None).pictures == []
    assert len(page.search(database, parse("picture -word99"), None).pictures) == 2


def test_writers_at_the_same_time_agree(database: Database, settings: Settings) -> None:
    failures: list[Exception] = []
    database.execute("INSERT INTO owner (owner_id, issuer, subject, name) VALUES (1, 'test', 'ada', 'Ada')")

    def write(writer: int) -> None:
        db = Database(settings)
        try:
            for number in range(15):
                words = " ".join(f"w{(writer * 7 + number * step) % 23}" for step in range(1, 9))
                picture = Picture(id=at(2016, number=writer * 100 + number), description=words)
                term_ids = postings.resolve(db, picture.document())
                db.transact(
                    lambda cursor, p=picture, t=term_ids: postings.add(cursor, p.id, t)  # type: ignore[misc]
                )
        except Exception as error:  # noqa: BLE001 - reported by the test
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_true(database)
    assert frequencies(database)["*"] == 60


@pytest.mark.parametrize("stride", [1, 2, 64])
def test_the_sample_follows_the_postings(
    database: Database, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skips, "STRIDE", stride)
    pictures = [Picture(id=at(2016, number=n), description=f"red boat {n}") for n in range(20)]
    stock(database, pictures)
    assert_true(database)
    for picture in pictures[:10]:
        old = postings.resolve(database, picture.document())
        new = postings.resolve(database, Picture(id=picture.id, description="red red cars").document())
        database.transact(lambda cursor, p=picture, a=old, b=new: postings.change(cursor, p.id, a, b))  # type: ignore[misc]
    assert_true(database)
    for picture in pictures[10:]:
        gone = postings.resolve(database, picture.document())
        database.transact(lambda cursor, p=picture, e=gone: postings.remove(cursor, p.id, e))  # type: ignore[misc]
    assert_true(database)
    sampled = database.query("SELECT COUNT(DISTINCT image_id) FROM posting_skip")
    assert sampled == ((sum(map(skips.sampled, (p.id for p in pictures[:10]))),),)


def test_the_sample_says_where_about_the_nth_posting_lies(database: Database) -> None:
    database.execute("INSERT INTO term (term, df) VALUES ('sea', 20000)")
    ((term_id,),) = database.query("SELECT term_id FROM term")
    rows = [(term_id, at(2016) + 7 * number) for number in range(20_000)]
    values = ", ".join(map(str, rows))
    database.execute(f"INSERT INTO posting (term_id, image_id) VALUES {values}")
    sample = ", ".join(str(row) for row in rows if skips.sampled(row[1]))
    database.execute(f"INSERT INTO posting_skip (term_id, image_id) VALUES {sample}")
    everything = reads.Stretch((ALWAYS,))
    for stretch in (everything, reads.Stretch((ALWAYS,), oldest_first=True)):
        for count in (1000, 2500, 5000, 10_000):
            edge = reads.edge_by_sample(database, [term_id], stretch, count)
            assert edge is not None
            inside = stretch.until(edge).spans[0]
            read = sum(inside[0] <= number < inside[1] for _, number in rows)
            assert 0.6 * count < read < 1.4 * count
    assert reads.edge_by_sample(database, [term_id], everything, 30_000) is None
    assert reads.edge(database, [term_id], everything, 100) == rows[-100][1]


def test_forms_that_nobody_has_any_more_hide_no_others(database: Database) -> None:
    many = [
        Picture(id=at(2016, number=n), description=" ".join(f"sunx{n}{k}" for k in range(80))) for n in (1, 2)
    ]
    stock(database, many)
    for picture in many:
        entries = postings.resolve(database, picture.document())
        database.transact(lambda cursor, p=picture, e=entries: postings.remove(cursor, p.id, e))  # type: ignore[misc]
    database.execute("DELETE FROM image")
    database.execute("DELETE FROM owner")
    stock(database, [Picture(id=at(2017), description="sunflower")])
    assert [word for word, _ in completion.complete_words(database, "sun")] == ["sunflower"]
    assert len(page.search(database, parse("sun"), None).pictures) == 1
    counts.recount(database)
    assert [word for word, _ in completion.complete_words(database, "sun")] == ["sunflower"]
    # They come back with the next picture that has them.
    database.execute("DELETE FROM owner")
    stock(database, [Picture(id=at(2018), description="sunx11")])
    assert [word for word, _ in completion.complete_words(database, "sunx")] == ["sunx11"]

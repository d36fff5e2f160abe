"""The index's writes: terms, postings, counts and the lexicon stay true."""

import threading

from stockroom import ids
from stockroom.database import Database
from stockroom.search import counts, page, postings
from stockroom.search.documents import Document
from stockroom.search.query import parse
from stockroom.settings import Settings
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
    assert [image.id for image in found.images] == [ids.encode(second.id)]
    assert page.search(database, parse("#sea"), None).images == []


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
    assert page.search(database, parse("boat"), None).images == []


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
    assert [image.id for image in found.images] == [ids.encode(number)]
    assert page.search(database, parse(text[600] + text[500]), None).images == []
    assert_true(database)


def test_more_words_than_one_statement_probes(database: Database) -> None:
    words = [f"word{number}" for number in range(90)]
    all_but_one = Picture(id=at(2018), description=" ".join(words[:-1]))
    stock(database, [Picture(id=at(2016), description=" ".join(words)), all_but_one])
    found = page.search(database, parse(" ".join(words)), None)
    assert [image.id for image in found.images] == [ids.encode(at(2016))]
    without = "picture " + " ".join(f"-{word}" for word in words[45:])
    assert page.search(database, parse(without), None).images == []
    assert len(page.search(database, parse("picture -word99"), None).images) == 2


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

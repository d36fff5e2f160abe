"""What a search costs, in rows and statements: it must not grow with the library."""

from collections.abc import Iterator

import pytest

from stockroom.database import Database
from stockroom.search import cursor as cursors
from stockroom.search import page, suggestions
from stockroom.search.query import parse
from tests.factories import Statements
from tests.search.pictures import Picture, at, stock
from tests.servers import Server

COUNT = 4000
LIMIT = 24
ANTI = 12_000
"""Pictures in which one of two words occurs and never both."""


@pytest.fixture(scope="module")
def library(mariadb: Server) -> Iterator[Database]:
    """4,000 pictures: half have "common", a third "sea", one in a hundred "rare"."""
    db = Database(mariadb.settings())
    for table in ("owner", "image", "term", "posting", "lexicon"):
        db.execute(f"TRUNCATE TABLE {table}")
    pictures = []
    for number in range(COUNT):
        words = ["common"] if number % 2 == 0 else ["usual"]
        words += ["sea"] if number % 3 == 0 else []
        words += ["rare"] if number % 100 == 0 else []
        shown = ("beach",) if number % 2 else ("harbour", "boat") if number % 3 else ()
        pictures.append(
            Picture(
                id=at(2016, 1 + number // 400, 1 + number % 20, number),
                description=" ".join(words),
                tags=shown,
            )
        )
    stock(db, pictures)
    for chunk, word in enumerate(("never", "togeth")):
        db.execute("INSERT INTO term (term, df) VALUES (%s, %s)", (word, ANTI // 2))
        ((term_id,),) = db.query("SELECT term_id FROM term WHERE term = %s", (word,))
        rows = [(term_id, at(2015) + 2 * number + chunk) for number in range(ANTI // 2)]
        values = ", ".join(f"({term}, {image})" for term, image in rows)
        db.execute(f"INSERT INTO posting (term_id, image_id) VALUES {values}")
    db.execute("ANALYZE TABLE posting, term, lexicon, image")
    yield db
    db.close()


def touched(db: Database) -> int:
    return sum(int(value) for _, value in db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",)))


CASES = [
    # query, rows touched at most for the first page: ids, their pictures and owners, and the terms
    ("", 100),
    ("common", 100),
    ("rare", 100),
    ("common sea", 300),
    ("common rare", 150),
    ("common sea -rare", 300),
    ("tags:beach,harbour,boat", 300),
    ("common tags:harbour,boat", 300),
    ('"common sea"', 900),
    ("date:5-*-2016", 700),
    ("common date:5-*-2016", 700),
    ("comm", 120),
    ("nothing at all", 60),
]


@pytest.mark.parametrize(("q", "most"), CASES)
def test_rows_touched_by_a_page(library: Database, q: str, most: int) -> None:
    query = parse(q)
    before = touched(library)
    with Statements(library) as statements:
        found = page.search(library, query, None, LIMIT)
    rows = touched(library) - before
    assert len(found.images) == LIMIT or q in ("nothing at all",)
    assert rows <= most, f"{q!r} touched {rows} rows"
    assert statements.count <= 4 + ('"' in q)


def test_deep_pages_cost_what_the_first_does(library: Database) -> None:
    query = parse("common sea")
    found = page.search(library, query, None, LIMIT)
    costs = []
    while found.next:
        before = touched(library)
        found = page.search(library, query, cursors.decoded(found.next), LIMIT)
        costs.append(touched(library) - before)
    assert len(costs) > 20
    assert max(costs) <= 300


def test_words_that_never_meet_stop_at_the_budget(library: Database) -> None:
    query = parse("never together")
    before = touched(library)
    with Statements(library) as statements:
        found = page.search(library, query, None, LIMIT)
    rows = touched(library) - before
    assert found.images == []
    assert found.next is not None
    assert page.BUDGET < rows <= 20_100
    assert statements.count <= 5
    # The next page ends the list; as it found nothing, any one of the words has to do.
    last = page.search(library, query, cursors.decoded(found.next), LIMIT)
    assert last.next is not None
    assert last.images == []


def test_tags_cost_no_more_than_their_range(library: Database) -> None:
    before = touched(library)
    found = suggestions.tags(library, "b")
    assert touched(library) - before <= 100
    assert [tag.tag for tag in found.tags] == ["beach", "boat"]

"""What a search costs, in rows and statements: it must not grow with the library."""

from collections.abc import Callable, Iterator

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution import executor as finding
from stockroom.search.execution import page
from stockroom.search.index import skip_pointers as skips
from stockroom.search.query.parse import parse
from stockroom.search.suggest import completion
from stockroom.search.suggest.similar import find_similar
from tests.factories import Statements
from tests.search.pictures import Picture, at, stock
from tests.servers import Server

COUNT = 4000
LIMIT = 24
ANTI = 12_000
"""Pictures in which one of two words occurs and never both."""


def add_postings(db: Database, word: str, numbers: list[int]) -> None:
    """More pictures that have a word, in the index alone."""
    db.execute("INSERT INTO term (term) VALUES (%s) ON DUPLICATE KEY UPDATE term = term.term", (word,))
    ((term_id,),) = db.query("SELECT term_id FROM term WHERE term = %s", (word,))
    for table, some in (("posting", numbers), ("posting_skip", list(filter(skips.sampled, numbers)))):
        values = ", ".join(f"({term_id}, {number})" for number in some)
        db.execute(f"INSERT INTO {table} (term_id, image_id) VALUES {values}")
    db.execute("UPDATE term SET df = df + %s WHERE term_id = %s", (len(numbers), term_id))


@pytest.fixture(scope="module")
def library(mariadb: Server) -> Iterator[Database]:
    """4,000 pictures: half have "common", a third "sea", one in a hundred "rare"."""
    db = Database(mariadb.settings())
    for table in ("owner", "image", "term", "posting", "posting_skip", "lexicon"):
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
    for turn, word in enumerate(("never", "togeth")):
        add_postings(db, word, [at(2015) + 2 * number + turn for number in range(ANTI // 2)])
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
    assert len(found.pictures) == LIMIT or q in ("nothing at all",)
    assert rows <= most, f"{q!r} touched {rows} rows"
    assert statements.count <= 4 + ('"' in q)


def test_deep_pages_cost_what_the_first_does(library: Database) -> None:
    query = parse("common sea")
    found = page.search(library, query, None, LIMIT)
    costs = []
    while found.next:
        before = touched(library)
        found = page.search(library, query, found.next, LIMIT)
        costs.append(touched(library) - before)
    assert len(costs) > 20
    assert max(costs) <= 350


def test_words_that_never_meet_stop_at_the_budget(library: Database) -> None:
    query = parse("never together")
    before = touched(library)
    with Statements(library) as statements:
        found = page.search(library, query, None, LIMIT)
    rows = touched(library) - before
    assert found.pictures == []
    assert found.next is not None
    assert finding.BUDGET < rows <= 20_100
    assert statements.count <= 6
    # The pages after it end the list; as that had nothing, any one of the words has to do.
    pages = 1
    while found.next is not None and not found.relaxed:
        found = page.search(library, query, found.next, LIMIT)
        pages += 1
    assert found.relaxed
    assert pages <= 5


def test_tags_cost_no_more_than_their_range(library: Database) -> None:
    before = touched(library)
    found = completion.complete_tags(library, "b")
    assert touched(library) - before <= 100
    assert [tag for tag, _ in found] == ["beach", "boat"]


def cost(db: Database, ask: Callable[[], object]) -> int:
    before = touched(db)
    ask()
    return touched(db) - before


@pytest.mark.parametrize(
    ("q", "sort"),
    [
        ("common", "relevance"),
        ("common sea", "relevance"),
        ("comm", "relevance"),
        ("cmomon", "newest"),
        ("coomnmn sae", "newest"),
        ("the", "newest"),
        ("-rare", "newest"),
        ("common -sea -beach", "newest"),
        ("common sea rare usual", "newest"),
        ('desc:"common sea"', "newest"),
        ("date:*-*-2016 sea", "newest"),
        (" ".join(f"common{n}" for n in range(50)), "newest"),
    ],
)
def test_whatever_is_asked_costs_little(library: Database, q: str, sort: str) -> None:
    query = parse(q, sort=sort)
    assert cost(library, lambda: page.search(library, query, None, LIMIT)) <= 2500


@pytest.mark.parametrize("limit", [1, 24, 100])
@pytest.mark.parametrize(
    ("q", "sort"),
    [
        ("tags:beach,harbour,boat common", "relevance"),
        ("never together", "newest"),
        ("never together", "relevance"),
        ('"never together"', "newest"),
        ('"never together"', "relevance"),
        ("never together common", "newest"),
        ("never together -common -sea -rare -usual", "newest"),
        ("never tags:together,beach,boat", "newest"),
        ("never -never", "newest"),
        ("togethr nver", "relevance"),
        ("common -common", "relevance"),
        ('"sea common"', "newest"),
    ],
)
def test_no_page_costs_more_than_the_budget(library: Database, q: str, sort: str, limit: int) -> None:
    query = parse(q, sort=sort)
    shown = page.search(library, query, None, limit)
    costs = [cost(library, lambda: page.search(library, query, None, limit))]
    for _ in range(5):
        costs += [
            cost(library, lambda c=cursor: page.search(library, query, c, limit))  # type: ignore[misc]
            for cursor in (shown.next, shown.previous)
            if cursor is not None
        ]
        if shown.next is None:
            break
        shown = page.search(library, query, shown.next, limit)
    assert max(costs) <= 20_100, costs


def test_suggestions_and_similar_pictures_cost_little(library: Database) -> None:
    assert cost(library, lambda: completion.complete_tags(library, "")) <= 1000
    assert cost(library, lambda: completion.complete_words(library, "c")) <= 1000
    image = page.search(library, parse("rare"), None, 1).pictures[0]
    assert cost(library, lambda: find_similar(library, image)) <= 2500


@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("before", [990, 2000, 4000])
def test_words_that_become_common_all_at_once(library: Database, sort: str, before: int) -> None:
    """An import fills a list that was short when it was remembered how long it is."""
    words = (f"alpha{sort[:3]}{before}", f"omega{sort[:3]}{before}")
    for turn, word in enumerate(words):
        add_postings(library, word, [at(2014) + 2 * number + turn for number in range(before)])
    query = parse(" ".join(words), sort=sort)
    page.search(library, query, None, LIMIT)
    for turn, word in enumerate(words):
        add_postings(library, word, [at(2015) + 2 * number + turn for number in range(30_000)])
    assert cost(library, lambda: page.search(library, query, None, LIMIT)) <= 20_100


@pytest.fixture(scope="module")
def alike(library: Database) -> list[str]:
    """Seventeen words with one beginning that always stand together."""
    words = [f"pho{number:02d}" for number in range(17)]
    for word in words:
        add_postings(library, word, [at(2013) + number for number in range(4000)])
    library.execute(
        "INSERT INTO lexicon (surface, term_id, magnitude) SELECT term, term_id, 6 FROM term "
        "WHERE term LIKE 'pho%%'"
    )
    return words


@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("limit", [24, 100])
@pytest.mark.parametrize("more", ["", ' -"sea common"'])
def test_many_words_that_stand_together(
    library: Database, alike: list[str], sort: str, limit: int, more: str
) -> None:
    for q in ("pho", " ".join([*alike, "zzyyxx"]), " ".join(f"#{word}" for word in alike)):
        query = parse(q + more, sort=sort)
        shown = page.search(library, query, None, limit)
        assert cost(library, lambda a=query: page.search(library, a, None, limit)) <= 20_100  # type: ignore[misc]
        if shown.next:
            following = shown.next
            assert cost(library, lambda a=query, c=following: page.search(library, a, c, limit)) <= 20_100  # type: ignore[misc]

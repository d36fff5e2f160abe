"""What a search costs, in rows and statements: it must not grow with the library."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

import pytest

from infra.generate_thesaurus import FOLDER
from stockroom.images.owners import MAX_CANDIDATES, find_candidates_by_words
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database, placeholders
from stockroom.runtime.errors import BadRequest
from stockroom.search.execution.cursor import PageCursor
from stockroom.search.execution.limits import DEFAULT_LIMITS, Limits
from stockroom.search.index.id_ranges import MAX_ID
from stockroom.search.index.skip_pointers import is_sampled
from stockroom.search.query.plan import Mode
from stockroom.search.service import MAX_COMPLETIONS, Query, SearchIndex, parse
from stockroom.search.suggest.contributors import MAX_SCANNED
from tests.factories import Statements
from tests.search.pictures import Picture, at, stock
from tests.servers import Server

COUNT = 4000
LIMIT = 24
MOST_ROWS_OF_A_SCAN = 20_100
"""Rows that the server touches for a request with one scan, whatever is asked."""
MOST_ROWS_OF_NAMES = 25_000
"""Rows that the server touches at most for the names in a query: 4,000 names, 500 more for each of 12 words,
the sorting of all of these, and the 1,000 names that fit best."""
ANTI = 12_000
"""Pictures in which one of two words occurs and never both."""


def add_postings(db: Database, word: str, numbers: list[int]) -> None:
    """More pictures that have a word, in the index alone."""
    db.execute("INSERT INTO term (term) VALUES (%s) ON DUPLICATE KEY UPDATE term = term.term", (word,))
    ((term_id,),) = db.query("SELECT term_id FROM term WHERE term = %s", (word,))
    for table, some in (("posting", numbers), ("posting_skip", list(filter(is_sampled, numbers)))):
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
    # The newest pictures of the two words that never stand together are more than postings.
    pictures += [
        Picture(id=at(2015) + ANTI + number, description=("never", "together")[number % 2])
        for number in range(2 * LIMIT)
    ]
    stock(db, pictures)
    for turn, word in enumerate(("never", "togeth")):
        add_postings(db, word, [at(2015) + 2 * number + turn for number in range(ANTI // 2)])
    db.execute("ANALYZE TABLE posting, term, lexicon, image")
    yield db
    db.close()


@pytest.fixture(scope="module")
def index(library: Database) -> SearchIndex:
    """The index of a process that has been running for a while."""
    return SearchIndex(library)


@pytest.fixture(scope="module")
def one_scan(library: Database) -> SearchIndex:
    """An index that does not go on behind the first scan of a request, though it has found nothing."""
    return SearchIndex(library, limits=Limits(scans=1))


def touched(db: Database) -> int:
    return sum(int(value) for _, value in db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",)))


class Cost(Protocol):
    """Calls a function and says how many rows the server touched for it."""

    def __call__(self, ask: Callable[..., object], *arguments: object) -> int: ...


@pytest.fixture
def cost(library: Database) -> Cost:
    def measure(ask: Callable[..., object], *arguments: object) -> int:
        before = touched(library)
        ask(*arguments)
        return touched(library) - before

    return measure


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
    # One probe for each form that a slip makes of the word.
    ("nothing at all", 800),
]


@pytest.mark.parametrize(("q", "most"), CASES)
def test_rows_touched_by_a_page(library: Database, index: SearchIndex, q: str, most: int) -> None:
    query = parse(q)
    before = touched(library)
    with Statements(library) as statements:
        page = index.find_images(query, None, LIMIT)
    rows = touched(library) - before
    assert len(page.pictures) == LIMIT or q == "nothing at all"
    assert rows <= most, f"{q!r} touched {rows} rows"
    # Words that no picture has are looked up once more, with all that they are related to.
    assert statements.count <= 4 + ('"' in q) + (q == "nothing at all")


def test_deep_pages_cost_what_the_first_does(library: Database, index: SearchIndex) -> None:
    query = parse("common sea")
    page = index.find_images(query, None, LIMIT)
    costs = []
    while page.next:
        before = touched(library)
        page = index.find_images(query, page.next, LIMIT)
        costs.append(touched(library) - before)
    assert len(costs) > 20
    assert max(costs) <= 350


def test_words_that_never_meet_stop_at_the_budget(
    library: Database, one_scan: SearchIndex, cost: Cost
) -> None:
    query = parse("never together")
    page = one_scan.find_images(query, None, LIMIT)
    assert page.pictures == []
    assert page.next is not None
    assert DEFAULT_LIMITS.probe_budget < cost(one_scan.find_images, query, None, LIMIT) <= MOST_ROWS_OF_A_SCAN
    with Statements(library) as statements:
        one_scan.find_images(query, None, LIMIT)
    assert statements.count <= 6
    # The pages after it end the list; as that had nothing, any one of the words has to do.
    pages = 1
    while page.next is not None and not page.is_relaxed:
        page = one_scan.find_images(query, page.next, LIMIT)
        pages += 1
    assert page.is_relaxed
    assert pages <= 5


def test_an_empty_page_goes_on_by_itself(index: SearchIndex, cost: Cost) -> None:
    """Two lists of 6,000 postings without a common picture are read to their ends by one request."""
    query = parse("never together")
    page = index.find_images(query, None, LIMIT)
    assert (len(page.pictures), page.is_relaxed, page.previous) == (LIMIT, True, None)
    assert cost(index.find_images, query, None, LIMIT) <= 2 * MOST_ROWS_OF_A_SCAN


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_request_ends_where_it_has_spent_all_its_scans(library: Database, sort: str, cost: Cost) -> None:
    limits = Limits(probe_budget=500, scans=4)
    index = SearchIndex(library, limits=limits)
    query = parse("never together", sort=sort)
    page = index.find_images(query, None, LIMIT)
    costs = [cost(index.find_images, query, None, LIMIT)]
    while not page.is_relaxed:
        assert page.next is not None
        costs.append(cost(index.find_images, query, page.next, LIMIT))
        page = index.find_images(query, page.next, LIMIT)
    # 6,000 postings at a probe each, half of them a scan where they are ranked, and some for the other modes.
    assert 3 <= len(costs) <= 10
    assert max(costs) <= limits.scans * MOST_ROWS_OF_A_SCAN // 10


def test_tags_cost_no_more_than_their_range(library: Database, index: SearchIndex) -> None:
    before = touched(library)
    found = index.complete_tags("b")
    assert touched(library) - before <= 100
    assert [tag for tag, _ in found] == ["beach", "boat"]


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
def test_whatever_is_asked_costs_little(index: SearchIndex, q: str, sort: str, cost: Cost) -> None:
    query = parse(q, sort=sort)
    assert cost(index.find_images, query, None, LIMIT) <= 2500


WORDS_OF_NAMES = [f"na{number:02d}" for number in range(24)]


@pytest.fixture
def contributors(library: Database) -> Iterator[None]:
    """12,000 contributors with pictures: 500 of whose names begin with each of 24 words, and all have all."""
    name_end = f"é {' '.join(WORDS_OF_NAMES)}"
    for word in WORDS_OF_NAMES:
        names = [f"{word} {number} {name_end}" for number in range(500)]
        values = ", ".join(f"('many', '{name}', '{name}', '{name.replace('é', 'e')}')" for name in names)
        library.execute(f"INSERT INTO owner (issuer, subject, name, folded_name) VALUES {values}")
    library.execute(
        "INSERT INTO term (term, df) SELECT CONCAT('owner:', owner_id), 1 FROM owner WHERE issuer = 'many'"
    )
    library.execute("ANALYZE TABLE owner, term")
    yield
    library.execute(
        "DELETE t FROM term t JOIN owner o ON t.term = CONCAT('owner:', o.owner_id) WHERE o.issuer = 'many'"
    )
    library.execute("DELETE FROM owner WHERE issuer = 'many'")


@pytest.mark.usefixtures("contributors")
@pytest.mark.parametrize(
    "q",
    [
        # Four names of twelve words, and as many excluded ones.
        " ".join(
            f'{by}:"{" ".join([*WORDS_OF_NAMES, *WORDS_OF_NAMES][turn : turn + 12])}"'
            for turn in range(0, 24, 6)
            for by in ("by", "-by")
        ),
        " ".join(f"by:{word} -by:{word}" for word in WORDS_OF_NAMES),
        # Parts of words are looked at, and found to be no words.
        " ".join(
            f'{by}:"{letter} {digit}"'
            for by in ("by", "-by")
            for letter, digit in zip("na0n", "01a2", strict=True)
        ),
        " ".join(WORDS_OF_NAMES),
    ],
)
def test_names_cost_little_however_many_words_they_have(
    library: Database, index: SearchIndex, q: str, cost: Cost
) -> None:
    query = parse(q)
    assert cost(index.find_images, query, None, LIMIT) <= MOST_ROWS_OF_NAMES
    with Statements(library) as statements:
        index.find_images(query, None, LIMIT)
    assert statements.count <= 12


@pytest.mark.usefixtures("contributors")
def test_few_names_are_compared_word_by_word(library: Database) -> None:
    for names in (WORDS_OF_NAMES[:1], WORDS_OF_NAMES[:12], ["n"]):
        assert len(find_candidates_by_words(library, names, MAX_SCANNED)) <= MAX_CANDIDATES


@pytest.mark.thorough
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
def test_no_page_costs_more_than_the_budget(
    one_scan: SearchIndex, q: str, sort: str, limit: int, cost: Cost
) -> None:
    query = parse(q, sort=sort)
    page = one_scan.find_images(query, None, limit)
    costs = [cost(one_scan.find_images, query, None, limit)]
    for _ in range(5):
        costs += [
            cost(one_scan.find_images, query, cursor, limit)
            for cursor in (page.next, page.previous)
            if cursor is not None
        ]
        if page.next is None:
            break
        page = one_scan.find_images(query, page.next, limit)
    assert max(costs) <= MOST_ROWS_OF_A_SCAN, costs


def test_suggestions_and_similar_pictures_cost_little(index: SearchIndex, cost: Cost) -> None:
    assert cost(index.complete_tags, "") <= 1000
    assert cost(index.find_popular_tags, MAX_COMPLETIONS) <= 1500
    assert cost(index.complete_words, "c") <= 1000
    assert cost(index.suggest_related_words, "animal") <= 16_500
    image = index.find_images(parse("rare"), None, 1).pictures[0]
    assert cost(index.find_similar, image) <= 2500


@pytest.fixture
def every_noun(library: Database) -> Iterator[None]:
    """A lexicon with every noun of the thesaurus, in the singular and the plural."""
    nouns = {word for line in (FOLDER / "nouns.txt").read_text().splitlines() for word in line.split()[1:]}
    nouns -= {"animal", "people", "plant"}
    new = sorted(nouns - {bytes(term).decode() for (term,) in library.query("SELECT term FROM term")})
    ((first,),) = library.query("SELECT MAX(term_id) FROM term")
    for words in split_into_chunks(new):
        library.execute(
            f"INSERT INTO term (term, df, created) VALUES {placeholders(words, '(%s, 1, UTC_TIMESTAMP())')}",
            [word.encode() for word in words],
        )
    for ending in ("", "s"):
        library.execute(
            "INSERT INTO lexicon (surface, term_id, magnitude) "
            "SELECT CONCAT(term, %s), term_id, 1 FROM term WHERE term_id > %s",
            (ending, first),
        )
    # Seconds later a server does it by itself. Until then, MySQL may scan an index that it thinks is tiny.
    library.query("ANALYZE TABLE lexicon, term")
    yield
    library.execute("DELETE FROM lexicon WHERE term_id > %s", (first,))
    library.execute("DELETE FROM term WHERE term_id > %s", (first,))


@pytest.mark.usefixtures("every_noun")
@pytest.mark.parametrize("q", ["animal", "people animals plants", "people animals xqzzy"])
def test_words_with_thousands_of_related_words(
    library: Database, index: SearchIndex, q: str, cost: Cost
) -> None:
    assert cost(index.suggest_related_words, q) <= 16_500
    with Statements(library) as statements:
        rows = cost(index.find_images, parse(q), None, LIMIT)
    assert rows <= 16_500
    assert statements.count <= 10


@pytest.mark.thorough
@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("before", [990, 2000, 4000])
def test_words_that_become_common_all_at_once(
    library: Database, one_scan: SearchIndex, sort: str, before: int, cost: Cost
) -> None:
    """An import fills a list that was short when it was remembered how long it is."""
    words = (f"alpha{sort[:3]}{before}", f"omega{sort[:3]}{before}")
    for turn, word in enumerate(words):
        add_postings(library, word, [at(2014) + 2 * number + turn for number in range(before)])
    query = parse(" ".join(words), sort=sort)
    one_scan.find_images(query, None, LIMIT)
    for turn, word in enumerate(words):
        add_postings(library, word, [at(2015) + 2 * number + turn for number in range(30_000)])
    assert cost(one_scan.find_images, query, None, LIMIT) <= MOST_ROWS_OF_A_SCAN


TOGETHER = [f"pho{number:02d}" for number in range(17)]
"""Seventeen words with one beginning that always stand together."""


@pytest.fixture(scope="module")
def words_together(library: Database) -> None:
    for word in TOGETHER:
        add_postings(library, word, [at(2013) + number for number in range(4000)])
    library.execute(
        "INSERT INTO lexicon (surface, term_id, magnitude) SELECT term, term_id, 6 FROM term "
        "WHERE term LIKE 'pho%%'"
    )


@pytest.mark.thorough
@pytest.mark.usefixtures("words_together")
@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("limit", [24, 100])
@pytest.mark.parametrize("more", ["", ' -"sea common"'])
def test_many_words_that_stand_together(
    one_scan: SearchIndex, cost: Cost, sort: str, limit: int, more: str
) -> None:
    for q in ("pho", " ".join([*TOGETHER, "zzyyxx"]), " ".join(f"#{word}" for word in TOGETHER)):
        query = parse(q + more, sort=sort)
        page = one_scan.find_images(query, None, limit)
        assert cost(one_scan.find_images, query, None, limit) <= MOST_ROWS_OF_A_SCAN
        if page.next:
            assert cost(one_scan.find_images, query, page.next, limit) <= MOST_ROWS_OF_A_SCAN


FORGED = [
    PageCursor(mode, before_id, nothing_found_yet, ranked_offset, is_backward, scan_end)
    for mode in Mode
    for before_id, scan_end in (
        (MAX_ID, 0),
        (MAX_ID, 1),
        (at(2015) + ANTI, 1),
        (at(2015, 2), at(2015)),
        (1, 0),
    )
    for nothing_found_yet, is_backward in ((False, False), (True, False), (True, True))
    for ranked_offset in (0, 399)
]


HONEST = ("never together", '"never together"', "never tags:together,beach,boat", "pho", "common sea")


@pytest.mark.thorough
@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.usefixtures("words_together")
def test_a_forged_cursor_costs_no_more_than_an_honest_request(
    library: Database, sort: str, cost: Cost
) -> None:
    """Or it is refused before anything is read. An honest request for hard words is the dearest there is."""
    index = SearchIndex(library, limits=Limits(probe_budget=500, scans=4))
    queries = [parse(q, sort=sort) for q in HONEST]
    honest = []
    for query in queries:
        cursor = None
        for _ in range(6):
            honest.append(cost(index.find_images, query, cursor, LIMIT))
            cursor = index.find_images(query, cursor, LIMIT).next
            if cursor is None:
                break

    def ask(query: Query, cursor: str) -> None:
        with suppress(BadRequest):
            index.find_images(query, cursor, LIMIT)

    forged = [cost(ask, query, cursor.encode()) for query in queries for cursor in FORGED]
    assert max(forged) <= 1.1 * max(honest), (max(honest), max(forged))
    assert 0 < forged.count(0) < len(forged)

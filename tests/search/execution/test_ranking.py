"""Which match is the better one."""

from stockroom.runtime.database import Database
from stockroom.search.execution.ranking import compute_idf
from stockroom.search.index.term_dictionary import Term
from stockroom.search.query.parse import parse
from stockroom.search.query.plan import TermStatistics
from stockroom.search.service import SearchIndex
from tests.search.pictures import Picture, at, descriptions, image_ids, stock


def test_the_rarer_the_term_the_higher_its_idf() -> None:
    terms = {"*": Term(1, 1000), "sea": Term(2, 500), "boat": Term(3, 10), "#sea": Term(4, 5)}
    statistics = TermStatistics(terms, {"boater": Term(5, 10)})
    idf = compute_idf(parse('"sea boat" #sea boa'), statistics)
    assert idf == {2: 69, 3: 456, 5: 228}
    assert compute_idf(parse("sea"), TermStatistics({"*": Term(1, 9), "sea": Term(2, 9)})) == {2: 5}


def walk(index: SearchIndex, q: str, limit: int = 24) -> list[str]:
    query = parse(q, sort="relevance")
    found: list[str] = []
    page = index.find_images(query, None, limit)
    while True:
        assert len(page.pictures) <= limit
        found += descriptions(page.pictures)
        if page.next is None:
            return found
        page = index.find_images(query, page.next, limit)


def test_what_says_more_comes_first(database: Database, index: SearchIndex) -> None:
    texts = [
        "harbour harbour",
        "a harbour among very many other things that have little to do with it at all, such as boats",
        "harbour",
        "harbours in a row",
        "nothing of the kind",
    ]
    pictures = [Picture(id=at(2016 + n), description=text, name="x.jpg") for n, text in enumerate(texts)]
    pictures.append(Picture(id=at(2010), description="tagged harbour", tags=("harbour",), name="x.jpg"))
    stock(database, pictures)
    found = walk(index, "harbour")
    assert found == ["tagged harbour", texts[0], texts[2], texts[3], texts[1]]
    for limit in (1, 2, 4, 5, 6):
        assert walk(index, "harbour", limit) == found


def test_the_rarer_word_says_more(database: Database, index: SearchIndex) -> None:
    common = [Picture(id=at(2016, number=n), description="boat") for n in range(10)]
    stock(database, [*common, Picture(id=at(2010), description="walrus")])
    assert walk(index, "boat walrus")[0] == "walrus"  # nothing has both: any one of the words has to do


def test_a_whole_word_comes_before_one_that_it_begins(database: Database, index: SearchIndex) -> None:
    stock(
        database,
        [Picture(id=at(2016), description="some"), Picture(id=at(2017), description="something")],
    )
    assert walk(index, "some") == ["some", "something"]


def test_equal_matches_are_newest_first(database: Database, index: SearchIndex) -> None:
    stock(database, [Picture(id=at(2010 + n), description="sea", name=f"{n}.jpg") for n in range(5)])
    found = index.find_images(parse("sea", sort="relevance"))
    assert [image.metadata.name for image in found.pictures] == ["4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"]


def test_phrases_are_post_filtered(database: Database, index: SearchIndex) -> None:
    stock(
        database,
        [Picture(id=at(2016), description="wall in Berlin"), Picture(id=at(2017), description="Berlin wall")],
    )
    assert walk(index, '"berlin wall"') == ["Berlin wall"]


def test_many_are_ordered_by_weight_and_then_by_time(database: Database, index: SearchIndex) -> None:
    stock(
        database,
        [
            Picture(id=at(2016, number=n), description=f"sea{' sea' * (n % 7)}{' and' * n}")
            for n in range(120)
        ],
    )
    found = index.find_images(parse("sea", sort="relevance"), None, 100)
    rows = database.query(
        "SELECT image_id FROM posting p JOIN term t ON t.term_id = p.term_id WHERE t.term = 'sea' "
        "ORDER BY p.weight DESC, image_id DESC"
    )
    assert image_ids(found.pictures) == [number for (number,) in rows[:100]]

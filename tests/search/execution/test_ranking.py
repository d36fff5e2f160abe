"""Best match first."""

import pytest

from stockroom.runtime.database import Database
from stockroom.runtime.errors import BadRequest
from stockroom.search.execution import cursor as cursors
from stockroom.search.execution import executor as finding
from stockroom.search.execution import page
from stockroom.search.query.parse import parse
from stockroom.search.query.plan import Mode
from tests.factories import Statements
from tests.search.pictures import Picture, at, stock


def walk(db: Database, q: str, limit: int = 24) -> list[str]:
    query = parse(q, sort="relevance")
    found: list[str] = []
    shown = page.search(db, query, None, limit)
    while True:
        assert len(shown.pictures) <= limit
        found += [image.metadata.description for image in shown.pictures]
        if shown.next is None:
            return found
        shown = page.search(db, query, shown.next, limit)


def test_what_says_more_comes_first(database: Database) -> None:
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
    found = walk(database, "harbour")
    assert found == ["tagged harbour", texts[0], texts[2], texts[3], texts[1]]
    for limit in (1, 2, 4, 5, 6):
        assert walk(database, "harbour", limit) == found


def test_the_rarer_word_says_more(database: Database) -> None:
    common = [Picture(id=at(2016, number=n), description="boat") for n in range(10)]
    stock(database, [*common, Picture(id=at(2010), description="walrus")])
    assert walk(database, "boat walrus")[0] == "walrus"  # nothing has both: any one of the words has to do


def test_a_whole_word_comes_before_one_that_it_begins(database: Database) -> None:
    stock(
        database,
        [Picture(id=at(2016), description="some"), Picture(id=at(2017), description="something")],
    )
    assert walk(database, "some") == ["some", "something"]


def test_equal_matches_are_newest_first(database: Database) -> None:
    stock(database, [Picture(id=at(2010 + n), description="sea", name=f"{n}.jpg") for n in range(5)])
    found = page.search(database, parse("sea", sort="relevance"), None)
    assert [image.metadata.name for image in found.pictures] == ["4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"]


def test_phrases_are_verified(database: Database) -> None:
    stock(
        database,
        [Picture(id=at(2016), description="wall in Berlin"), Picture(id=at(2017), description="Berlin wall")],
    )
    assert walk(database, '"berlin wall"') == ["Berlin wall"]


def test_it_ends_after_the_newest_matches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "NEWEST", 3)
    stock(database, [Picture(id=at(2010 + n), description=f"sea{' sea' * (5 - n)}") for n in range(5)])
    assert walk(database, "sea", 2) == ["sea sea sea sea", "sea sea sea", "sea sea"]


def test_pages_do_not_move_when_pictures_arrive(database: Database) -> None:
    stock(database, [Picture(id=at(2010 + n), description=f"sea {n}") for n in range(4)])
    query = parse("sea", sort="relevance")
    first = page.search(database, query, None, 2)
    assert first.next is not None
    database.execute("DELETE FROM owner")
    stock(database, [Picture(id=at(2020), description="sea sea sea")])
    second = page.search(database, query, first.next, 2)
    assert [image.metadata.description for image in (*first.pictures, *second.pictures)] == [
        "sea 3",
        "sea 2",
        "sea 1",
        "sea 0",
    ]


def test_a_spent_budget_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "BUDGET", 2)
    monkeypatch.setattr(finding, "FIRST_ROWS", 1)
    between = [Picture(id=at(2016, number=n), description=("red", "boat")[n % 2]) for n in range(8)]
    best = [Picture(id=at(year), description=f"red boat {year}") for year in (2010, 2011, 2020)]
    stock(database, [*between, *best])
    assert walk(database, "red boat", 1) == ["red boat 2020", "red boat 2011", "red boat 2010"]


def test_three_statements(database: Database) -> None:
    stock(database, [Picture(id=at(2016, number=n), description="sea") for n in range(30)])
    with Statements(database) as statements:
        found = page.search(database, parse("sea", sort="relevance"), None)
    assert len(found.pictures) == 24
    assert statements.count == 3


def test_a_cursor_of_this_order_does_not_fit_the_other(database: Database) -> None:
    stock(database, [Picture(id=at(2016, number=n), description="sea") for n in range(3)])
    found = page.search(database, parse("sea", sort="relevance"), None, 1)
    assert found.next is not None
    with pytest.raises(BadRequest, match="cursor"):
        page.search(database, parse("sea"), found.next, 1)


def test_a_cursor_by_time_is_harmless_here(database: Database) -> None:
    numbers = stock(database, [Picture(id=at(2016, number=n), description="sea") for n in range(3)])
    found = page.search(database, parse("sea"), None, 1)
    assert found.next is not None
    rest = page.search(database, parse("sea", sort="relevance"), found.next)
    assert [picture.image_id for picture in rest.pictures] == [numbers[1], numbers[0]]


def test_many_are_ordered_by_weight_and_then_by_time(database: Database) -> None:
    stock(
        database,
        [
            Picture(id=at(2016, number=n), description=f"sea{' sea' * (n % 7)}{' and' * n}")
            for n in range(120)
        ],
    )
    found = page.search(database, parse("sea", sort="relevance"), None, 100)
    rows = database.query(
        "SELECT image_id FROM posting p JOIN term t ON t.term_id = p.term_id WHERE t.term = 'sea' "
        "ORDER BY p.weight DESC, image_id DESC"
    )
    assert [picture.image_id for picture in found.pictures] == [number for (number,) in rows[:100]]


def test_a_better_match_further_back_comes_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One match is among the postings that are read at first, the other among those that follow."""
    monkeypatch.setattr(page, "NEWEST", 3)
    monkeypatch.setattr(finding, "FIRST_ROWS", 12)
    monkeypatch.setattr(finding, "BUDGET", 40)
    texts = {24: "a red boat between a great many other things that matter more", 15: "red boat"}
    red = [Picture(id=at(2016, number=n), description=texts.get(n, "red")) for n in range(30)]
    boats = [Picture(id=at(2015, number=n), description="boat") for n in range(40)]
    stock(database, [*red, *boats])
    with Statements(database) as statements:
        found = page.search(database, parse("red boat", sort="relevance"), None)
    assert [image.metadata.description for image in found.pictures] == [texts[15], texts[24]]
    assert statements.count == 6, "terms, and twice where reading ends and what is there; pictures"


def test_every_page_ranks_the_same_matches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget ends what the first page reads; begun at the newest match, a second would read further."""
    monkeypatch.setattr(finding, "BUDGET", 60)
    boats = [Picture(id=at(2015, number=n), description="boat") for n in range(60)]
    texts = ["red"] * 20 + [f"red boat{' boat' * (n % 5)}" for n in range(30)]
    red = [Picture(id=at(2016, number=100 - back), description=text) for back, text in enumerate(texts)]
    stock(database, [*red, *boats])
    query = parse("red boat", sort="relevance")
    first = page.search(database, query, None, 3)
    assert first.next is not None
    assert first.next.edge
    shown, pages = [picture.image_id for picture in first.pictures], [first]
    while pages[-1].next is not None:
        pages.append(page.search(database, query, pages[-1].next, 3))
        shown += [picture.image_id for picture in pages[-1].pictures]
    assert sorted(shown) == sorted(picture.id for picture in red[20:])
    assert pages[1].previous is not None
    again = page.search(database, query, pages[1].previous, 3)
    assert again.pictures == first.pictures


def test_a_word_that_is_born_between_two_pages(database: Database) -> None:
    """An unfinished word goes on as one, though a picture has meanwhile come that has it as a word."""
    stock(database, [Picture(id=at(2016, number=n), description="sunflower") for n in range(30)])
    query = parse("sunfl")
    first = page.search(database, query, None, 20)
    assert first.next is not None
    database.execute("DELETE FROM owner")
    stock(database, [Picture(id=at(2020), description="sunfl")])
    rest = page.search(database, query, first.next, 20)
    assert len(rest.pictures) == 10


@pytest.mark.parametrize("edge", [1, at(2016, number=1), at(2016, number=2), at(2030), (1 << 64) - 1])
@pytest.mark.parametrize("q", ["sea", "sea boat", "sea -boat", "boat #sea #boat", "se", '"sea boat"'])
def test_an_edge_of_somebodys_own_is_harmless(database: Database, q: str, edge: int) -> None:
    stock(database, [Picture(id=at(2016, number=n), description="sea boat #sea #boat") for n in range(4)])
    forged = cursors.Cursor(Mode.STRICT, at(2016, number=3) + 1, shown=1, edge=edge)
    assert len(page.search(database, parse(q, sort="relevance"), forged).pictures) < 4
    with pytest.raises(BadRequest, match="cursor"):
        page.search(database, parse(q), cursors.Cursor(Mode.STRICT, at(2030), edge=edge))

"""Pages: what is on them, where the next one begins, and what a spent budget leaves to it."""

from collections.abc import Iterator

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution import page as page_module
from stockroom.search.execution.cursor import PageCursor, decode_cursor
from stockroom.search.execution.limits import Limits
from stockroom.search.query.parse import Query, parse
from stockroom.search.query.plan import Mode
from stockroom.search.service import SearchIndex, SearchPage
from tests.factories import Statements
from tests.search.pictures import Picture, at, descriptions, image_ids, stock


def walk(index: SearchIndex, query: Query, limit: int) -> Iterator[SearchPage]:
    """All pages of a query, the first one first."""
    page = index.find_images(query, None, limit)
    yield page
    while page.next is not None:
        page = index.find_images(query, page.next, limit)
        yield page


def walk_descriptions(index: SearchIndex, q: str, sort: str, limit: int) -> list[str]:
    pages = list(walk(index, parse(q, sort=sort), limit))
    assert all(len(page.pictures) <= limit for page in pages)
    return [text for page in pages for text in descriptions(page.pictures)]


@pytest.mark.parametrize("limit", [1, 3, 10, 24])
@pytest.mark.parametrize("q", ["sea", "sea -rare", "#tag", "sea #tag", '"blue sea"', "date:2016 sea"])
def test_there_and_back(database: Database, index: SearchIndex, q: str, limit: int) -> None:
    pictures = [
        Picture(
            id=at(2016, number=n),
            description="blue sea" if n % 3 else "sea, blue sea" if n % 2 else "sea rare",
            tags=("tag",) if n % 2 else (),
        )
        for n in range(23)
    ]
    stock(database, pictures)
    pages = list(walk(index, parse(q), limit))
    assert pages[0].previous is None
    there = [image_id for page in pages for image_id in image_ids(page.pictures)]
    assert there == sorted(there, reverse=True)
    assert len(set(there)) == len(there) > 6
    page, back = pages[-1], image_ids(pages[-1].pictures)
    while page.previous is not None:
        page = index.find_images(parse(q), page.previous, limit)
        back = image_ids(page.pictures) + back
    assert back == there


def test_a_page_of_a_phrase_is_filled_from_many_candidates(database: Database, index: SearchIndex) -> None:
    """The newest 60 have the words of the phrase in another order."""
    texts = ["red boat" if 60 <= back < 90 else "boat, red" for back in range(100)]
    stock(
        database,
        [Picture(id=at(2016, number=100 - back), description=text) for back, text in enumerate(texts)],
    )
    page = index.find_images(parse('"red boat"'))
    assert descriptions(page.pictures) == ["red boat"] * 24
    assert page.next is not None


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_page_takes_three_statements(database: Database, index: SearchIndex, sort: str) -> None:
    stock(database, [Picture(id=at(2016, number=n), description="sea") for n in range(30)])
    index.find_images(parse("nothing"))  # connects
    with Statements(database) as statements:
        page = index.find_images(parse("sea", sort=sort))
    assert len(page.pictures) == 24
    assert statements.count == 3


def test_a_ranking_ends_after_the_newest_matches(
    database: Database, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "MAX_RANKED", 3)
    stock(database, [Picture(id=at(2010 + n), description=f"sea{' sea' * (5 - n)}") for n in range(5)])
    expected = ["sea sea sea sea", "sea sea sea", "sea sea"]
    assert walk_descriptions(index, "sea", "relevance", 2) == expected


def test_a_ranking_does_not_move_when_pictures_arrive(database: Database, index: SearchIndex) -> None:
    stock(database, [Picture(id=at(2010 + n), description=f"sea {n}") for n in range(4)])
    query = parse("sea", sort="relevance")
    first = index.find_images(query, None, 2)
    stock(database, [Picture(id=at(2020), description="sea sea sea")])
    second = index.find_images(query, first.next, 2)
    assert descriptions([*first.pictures, *second.pictures]) == ["sea 3", "sea 2", "sea 1", "sea 0"]


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_the_next_page_goes_on_where_the_budget_ended(database: Database, sort: str) -> None:
    between = [Picture(id=at(2016, number=n), description=("red", "boat")[n % 2]) for n in range(8)]
    best = [Picture(id=at(year), description=f"red boat {year}") for year in (2010, 2011, 2020)]
    stock(database, [*between, *best])
    index = SearchIndex(database, limits=Limits(probe_budget=2))
    found = walk_descriptions(index, "red boat", sort, 1)
    assert found == ["red boat 2020", "red boat 2011", "red boat 2010"]


def test_a_better_match_further_back_comes_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MAX_RANKED", 3)
    texts = {24: "a red boat between a great many other things that matter more", 15: "red boat"}
    red = [Picture(id=at(2016, number=n), description=texts.get(n, "red")) for n in range(30)]
    boats = [Picture(id=at(2015, number=n), description="boat") for n in range(40)]
    stock(database, [*red, *boats])
    index = SearchIndex(database, limits=Limits(probe_budget=40))
    database.connect()
    with Statements(database) as statements:
        page = index.find_images(parse("red boat", sort="relevance"))
    assert descriptions(page.pictures) == [texts[15], texts[24]]
    assert statements.count == 4, "the terms, where the scan ends, the ids, the pictures"


def test_every_page_of_a_ranking_orders_the_same_matches(database: Database) -> None:
    """The budget ends the first page's scan. A second scan from the newest match on would reach further."""
    boats = [Picture(id=at(2015, number=n), description="boat") for n in range(60)]
    texts = ["red"] * 20 + [f"red boat{' boat' * (n % 5)}" for n in range(30)]
    red = [Picture(id=at(2016, number=100 - back), description=text) for back, text in enumerate(texts)]
    stock(database, [*red, *boats])
    index = SearchIndex(database, limits=Limits(probe_budget=60))
    query = parse("red boat", sort="relevance")
    pages = list(walk(index, query, 3))
    assert pages[0].next is not None
    assert decode_cursor(pages[0].next).scan_end
    found = [image_id for page in pages for image_id in image_ids(page.pictures)]
    assert sorted(found) == sorted(picture.id for picture in red[20:])
    assert index.find_images(query, pages[1].previous, 3).pictures == pages[0].pictures


@pytest.mark.parametrize("scan_end", [1, at(2016, number=1), at(2016, number=2)])
@pytest.mark.parametrize("q", ["sea", "sea boat", "sea -boat", "boat #sea #boat", "harb", '"sea boat"'])
def test_a_forged_scan_end_is_harmless(database: Database, index: SearchIndex, q: str, scan_end: int) -> None:
    stocked = stock(
        database,
        [Picture(id=at(2016, number=n), description="sea boat harbour #sea #boat") for n in range(4)],
    )
    forged = PageCursor(Mode.STRICT, stocked[3] + 1, ranked_offset=1, scan_end=scan_end)
    page = index.find_images(parse(q, sort="relevance"), forged.encode())
    # All four are equally good, so that a page is a part of their order.
    expected = (
        [] if q == "sea -boat" else [image_id for image_id in stocked[::-1][1:] if image_id >= scan_end]
    )
    assert image_ids(page.pictures) == expected


def test_a_cursor_by_time_is_harmless_in_a_ranking(database: Database, index: SearchIndex) -> None:
    stocked = stock(database, [Picture(id=at(2016, number=n), description="sea") for n in range(3)])
    first = index.find_images(parse("sea"), None, 1)
    rest = index.find_images(parse("sea", sort="relevance"), first.next)
    assert image_ids(rest.pictures) == [stocked[1], stocked[0]]

"""A search that the database takes too long for ends, and what it has found out by then is not lost."""

from collections.abc import Iterator, Sequence

import pytest

from stockroom.runtime.database import Database, Row
from stockroom.runtime.errors import StatementTimeout
from stockroom.runtime.settings import Settings
from stockroom.search.execution.limits import Limits
from stockroom.search.service import SearchIndex, parse
from tests.search.pictures import Picture, at, image_ids, stock

# Longer than a busy machine needs for a fast scan.
SECONDS = 60.0
NEWER = [Picture(id=at(2016, number=n), description=("red", "boat")[n % 2]) for n in range(12)]
OLD = Picture(id=at(2010), description="red boat")


class SlowDatabase(Database):
    """A database whose scans of posting lists take longer than the search has, from the nth scan on."""

    fast_scans = 0

    def __init__(self, settings: Settings) -> None:
        self._seconds = 0.0
        super().__init__(settings, clock=lambda: self._seconds)

    def query(self, sql: str, args: Sequence[object] = ()) -> tuple[Row, ...]:
        if "FROM posting d" in sql:
            self.fast_scans -= 1
            if self.fast_scans < 0:
                # The server has a moment left to find out.
                self._seconds += SECONDS - 0.1
                sql = sql.replace("WHERE", "WHERE SLEEP(60) = 0 AND", 1)
        return super().query(sql, args)


@pytest.fixture
def slow(settings: Settings, database: Database) -> Iterator[SlowDatabase]:
    stock(database, [*NEWER, OLD])
    db = SlowDatabase(settings)
    yield db
    db.close()


def make_index(db: Database) -> SearchIndex:
    """An index whose scans end after three of the postings of "red" that have no "boat"."""
    return SearchIndex(db, limits=Limits(probe_budget=3, scans=6, seconds=SECONDS))


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_without_any_progress_the_search_fails(slow: SlowDatabase, sort: str) -> None:
    with pytest.raises(StatementTimeout):
        make_index(slow).find_images(parse("red boat", sort=sort))
    assert slow.query("SELECT 1") == ((1,),)


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_later_request_goes_on_where_the_time_ran_out(
    slow: SlowDatabase, database: Database, sort: str
) -> None:
    # A scan is told its end by one statement and made by another.
    slow.fast_scans = 2
    query = parse("red boat", sort=sort)
    page = make_index(slow).find_images(query)
    assert page.pictures == []
    assert page.next is not None
    rest = make_index(database).find_images(query, page.next)
    assert image_ids(rest.pictures) == [OLD.id]


def test_the_time_of_connecting_does_not_count(settings: Settings, database: Database) -> None:
    """A database that has to wake up first would otherwise leave no time for the search."""
    stock(database, [OLD])
    seconds = [0.0]
    waking = Database(settings, clock=lambda: seconds[0])
    index = make_index(waking)

    def wake_up() -> None:
        seconds[0] += 10 * SECONDS

    waking.on_connect(wake_up)
    assert image_ids(index.find_images(parse("red boat")).pictures) == [OLD.id]
    waking.close()


@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("text", ['"red boat"', 'boat -"big boat"', "desc:boat"])
def test_texts_are_looked_at_for_so_long_and_later_requests_go_on(
    database: Database, text: str, sort: str
) -> None:
    pictures = [
        Picture(id=at(2016, number=n), description=("boat red", "red boat")[n % 3 == 1]) for n in range(9)
    ]
    stock(database, pictures)
    query = parse(text, sort=sort)
    expected = image_ids(SearchIndex(database).find_images(query).pictures)
    assert expected
    # Each request is late from its first candidate on.
    index = SearchIndex(database, limits=Limits(post_filter_seconds=0))
    found: list[int] = []
    cursor: str | None = None
    for _ in range(len(pictures) + 1):
        page = index.find_images(query, cursor)
        assert len(page.pictures) <= 1
        found += image_ids(page.pictures)
        cursor = page.next
        if cursor is None:
            break
    assert found == expected


def test_suggestions_have_a_time_limit_too(database: Database) -> None:
    stock(database, [OLD])
    index = SearchIndex(database, limits=Limits(seconds=0))
    (picture,) = SearchIndex(database).find_images(parse("red")).pictures
    for ask in (
        lambda: index.complete_tags("r"),
        lambda: index.complete_words("r"),
        lambda: index.find_similar(picture),
        lambda: index.find_images(parse("red")),
    ):
        with pytest.raises(StatementTimeout):
            ask()

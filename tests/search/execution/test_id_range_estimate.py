"""About how far back some postings of a term reach."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution.id_range_estimate import IdRangeEstimator
from stockroom.search.execution.limits import Limits
from stockroom.search.index.id_ranges import ALL_IDS, ScanRange
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.factories import Statements
from tests.search.pictures import Picture, at, image_ids, stock

NEWEST = ScanRange((ALL_IDS,))
OLDEST = ScanRange((ALL_IDS,), oldest_first=True)


@pytest.fixture
def estimator(database: Database) -> IdRangeEstimator:
    return IdRangeEstimator(database, margin=2)


def test_a_few_of_many_lie_near_either_end(database: Database, estimator: IdRangeEstimator) -> None:
    oldest, *_, newest = sorted(stock(database, [Picture(id=at(2016, 1, 1 + n)) for n in range(21)]))
    day = (newest - oldest) // 20
    assert estimator.narrow(NEWEST, 2, 20) == ScanRange(((newest + 1 - 4 * day, ALL_IDS[1]),))
    assert estimator.narrow(OLDEST, 2, 20) == ScanRange(((0, oldest + 4 * day + 1),), oldest_first=True)
    middle = ScanRange(((oldest, newest), (0, 5)))
    assert estimator.narrow(middle, 2, 20) == ScanRange(((newest - 4 * day, newest),))


def test_where_a_narrower_range_gains_nothing(database: Database, estimator: IdRangeEstimator) -> None:
    stock(database, [Picture(id=at(2016))])
    assert estimator.narrow(NEWEST, 11, 20) is None
    assert estimator.narrow(ScanRange(()), 1, 20) is None
    assert IdRangeEstimator(database, margin=0).narrow(NEWEST, 1, 20) is None


def test_the_library_is_read_once_a_minute(database: Database) -> None:
    now = [0.0]
    estimator = IdRangeEstimator(database, margin=2, clock=lambda: now[0])
    with Statements(database) as statements:
        for now[0] in (0, 59, 60, 61):
            estimator.narrow(NEWEST, 1, 20)
    assert statements.count == 2
    estimator.forget()
    with Statements(database) as statements:
        estimator.narrow(NEWEST, 1, 20)
    assert statements.count == 1


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_crowd_elsewhere_hides_nothing(database: Database, sort: str) -> None:
    """Most pictures are old: the newest ones do not fill the page by themselves."""
    pictures = [Picture(id=at(2016, number=n), description="sea") for n in range(60)]
    stock(database, [*pictures, Picture(id=at(2026), description="sea")])
    index = SearchIndex(database, limits=Limits(id_range_margin=2))
    page = index.find_images(parse("sea", sort=sort), None, 5)
    assert image_ids(page.pictures) == [at(2026), *(at(2016, number=n) for n in (59, 58, 57, 56))]
    assert page.next is not None

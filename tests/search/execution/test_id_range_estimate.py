"""How far back some pictures of a term reach."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution import id_range as extent
from stockroom.search.execution import page
from stockroom.search.execution.id_range import near
from stockroom.search.index.reader import Stretch
from stockroom.search.query.parse import parse
from tests.factories import Statements
from tests.search.pictures import Picture, at, stock

ALWAYS = (0, 1 << 63)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "WORTHWHILE", 10)
    monkeypatch.setattr(extent, "AMPLE", 2)


def test_a_few_of_many_lie_near_either_end(database: Database) -> None:
    oldest, *_, newest = sorted(stock(database, [Picture(id=at(2016, 1, 1 + n)) for n in range(21)]))
    day = (newest - oldest) // 20
    newer = near(database, Stretch((ALWAYS,)), 2, 20)
    assert newer == Stretch(((newest + 1 - 4 * day, ALWAYS[1]),))
    older = near(database, Stretch((ALWAYS,), oldest_first=True), 2, 20)
    assert older == Stretch(((0, oldest + 4 * day + 1),), oldest_first=True)
    middle = near(database, Stretch(((oldest, newest), (0, 5))), 2, 20)
    assert middle == Stretch(((newest - 4 * day, newest),))


def test_not_worth_it(database: Database) -> None:
    stock(database, [Picture(id=at(2016))])
    assert near(database, Stretch((ALWAYS,)), 1, 9) is None
    assert near(database, Stretch((ALWAYS,)), 11, 20) is None
    assert near(database, Stretch(()), 1, 20) is None


def test_it_is_asked_once_a_minute(database: Database) -> None:
    now = [0.0]
    with Statements(database) as statements:
        for now[0] in (0, 59, 60, 61):
            near(database, Stretch((ALWAYS,)), 1, 20, lambda: now[0])
    assert statements.count == 2


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_crowd_elsewhere_hides_nothing(database: Database, sort: str) -> None:
    """Most pictures are old: the newest do not fill the page by themselves."""
    pictures = [Picture(id=at(2016, number=n), description="sea") for n in range(60)]
    stock(database, [*pictures, Picture(id=at(2026), description="sea")])
    found = page.search(database, parse("sea", sort=sort), None, 5)
    assert len(found.pictures) == 5
    assert found.next is not None

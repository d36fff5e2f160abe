"""How far a page reads: enough, and no further than it may."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution import executor as finding
from stockroom.search.execution import page
from stockroom.search.execution.executor import Finder, Purse
from stockroom.search.query.parse import parse
from stockroom.search.query.plan import Clause, Plan
from tests.search.pictures import Picture, at, stock


def test_a_page_of_a_phrase_is_filled_from_many_candidates(database: Database) -> None:
    """The first 60 have its words in another order."""
    texts = ["red boat" if 60 <= back < 90 else "boat, red" for back in range(100)]
    stock(
        database,
        [Picture(id=at(2016, number=100 - back), description=text) for back, text in enumerate(texts)],
    )
    found = page.search(database, parse('"red boat"'), None)
    assert [image.metadata.description for image in found.pictures] == ["red boat"] * 24
    assert found.next is not None


def planned(*required: int, driver: int = 100_000, arms: int = 1, pictures: int = 1_000_000) -> Plan:
    """A plan of one driving clause and other words with so many pictures each."""
    return Plan(
        driver=Clause(tuple("d" * arms), tuple(range(arms)), driver),
        required=tuple(Clause(("r",), (100 + at_,), df) for at_, df in enumerate(required)),
        excluded=(),
        ranges=(),
        also_required=(),
        also_excluded=(),
        phrases=(),
        excluded_phrases=(),
        pictures=pictures,
    )


@pytest.mark.parametrize(
    ("plan", "limit", "rows"),
    [
        # Twice what independent words need; at most FIRST_ROWS, shared by the driving terms.
        (planned(500_000), 25, 100),
        (planned(100_000), 25, 500),
        (planned(1_000), 25, 1200),
        (planned(100_000, arms=4), 25, 125),
        (planned(1_000, arms=4), 25, 300),
        # So many are not to be hoped for in 1,200 postings: the whole budget at once.
        (planned(100_000), 400, 0),
        (planned(500_000), 250, 1000),
        # The budget is enough for the whole list.
        (planned(500_000, driver=5000), 25, 0),
        (planned(500_000, driver=5001), 25, 100),
        # The budget is less than that.
        (planned(*[100_000] * 10), 25, 0),
    ],
)
def test_what_is_read_at_first(plan: Plan, limit: int, rows: int) -> None:
    finder = Finder(Database.__new__(Database), plan, Purse())
    assert finder._first_rows(limit, finding.BUDGET) == rows

"""How far a page reads: enough, and no further than the budget."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.execution.executor import Executor, Found, ProbeBudget
from stockroom.search.execution.id_range_estimate import IdRangeEstimator
from stockroom.search.execution.limits import Limits
from stockroom.search.index.conjunction import Clause, Conjunction
from stockroom.search.index.id_ranges import ALL_IDS, ScanRange
from stockroom.search.query.plan import Plan, PostConditions
from tests.factories import Statements

NEWEST = ScanRange((ALL_IDS,))
DRIVER, OTHER, THIRD = 1, 2, 3


@pytest.fixture
def lists(database: Database) -> Database:
    """The terms 1 and 3 have the ids 1 to 1,000; the term 2 has every tenth of them, and 1,001."""
    rows = [(term_id, image_id) for term_id in (DRIVER, THIRD) for image_id in range(1, 1001)]
    rows += [(OTHER, image_id) for image_id in (*range(10, 1001, 10), 1001)]
    database.execute(f"INSERT INTO posting (term_id, image_id) VALUES {', '.join(map(str, rows))}")
    return database


def make_executor(db: Database, conjunction: Conjunction, limits: Limits) -> Executor:
    plan = Plan(conjunction, (ALL_IDS,), PostConditions())
    return Executor(db, plan, ProbeBudget(limits), IdRangeEstimator(db, 0), limits)


def clause(*term_ids: int, df: int) -> Clause:
    return Clause(tuple(map(str, term_ids)), term_ids, df)


def test_a_scan_ends_where_the_budget_ends(lists: Database) -> None:
    """A hundred probes are a hundred postings; the page that follows begins behind them."""
    limits = Limits(probe_budget=100, scans=1, min_sampled=10_000)
    conjunction = Conjunction(clause(DRIVER, df=1000), (clause(OTHER, df=101),))
    executor = make_executor(lists, conjunction, limits)
    assert executor.find_first(NEWEST, 25) == Found([*range(1000, 900, -10)], 901)
    # Nothing is left for another scan but the least.
    assert executor.find_first(NEWEST.after(901), 25) == Found([900], 900)


def test_each_probe_of_a_posting_is_paid(lists: Database) -> None:
    limits = Limits(probe_budget=100, min_sampled=10_000)
    conjunction = Conjunction(clause(DRIVER, df=1000), (clause(OTHER, df=101),), excluded=(9,))
    executor = make_executor(lists, conjunction, limits)
    assert executor.find_first(NEWEST, 25).scan_end == 951


def test_a_short_list_is_scanned_to_its_end(lists: Database) -> None:
    """Its df has just been read, so no statement has to find out where the budget would end."""
    conjunction = Conjunction(clause(OTHER, df=101), (clause(DRIVER, df=1000),))
    executor = make_executor(lists, conjunction, Limits())
    with Statements(lists) as statements:
        assert executor.find_first(NEWEST, 200) == Found([*range(1000, 0, -10)], 0)
    assert statements.count == 1


def test_a_remembered_df_bounds_nothing(lists: Database) -> None:
    """A common term may have outgrown the df that is remembered of it."""
    conjunction = Conjunction(clause(DRIVER, df=1000), (clause(OTHER, df=101),))
    with Statements(lists) as statements:
        make_executor(lists, conjunction, Limits(min_sampled=10_000)).find_first(NEWEST, 25)
    assert statements.count == 2


def test_without_probes_no_posting_is_paid(lists: Database) -> None:
    executor = make_executor(lists, Conjunction(clause(DRIVER, df=1000)), Limits(probe_budget=30))
    with Statements(lists) as statements:
        for _ in range(2):
            assert executor.find_first(NEWEST, 25) == Found([*range(1000, 975, -1)], 0)
    assert statements.count == 2


def test_a_union_is_paid_once_it_could_cost_more_than_the_budget(lists: Database) -> None:
    conjunction = Conjunction(clause(DRIVER, THIRD, df=2000))
    # Two lists of 25 postings at two probes each are a hundred probes.
    affordable = make_executor(lists, conjunction, Limits(probe_budget=100))
    assert affordable.find_first(NEWEST, 25) == Found([*range(1000, 975, -1)], 0)
    dear = make_executor(lists, conjunction, Limits(probe_budget=40))
    assert dear.find_first(NEWEST, 25) == Found([*range(1000, 990, -1)], 991)


def test_the_sample_tells_where_the_budget_ends(lists: Database) -> None:
    lists.execute("INSERT INTO posting_skip SELECT term_id, image_id FROM posting WHERE image_id %% 64 = 0")
    conjunction = Conjunction(clause(DRIVER, df=20_000), (clause(OTHER, df=1000),))
    executor = make_executor(lists, conjunction, Limits(probe_budget=128, min_sampled=64))
    with Statements(lists) as statements:
        # The second sampled posting from the newest on is 896: a hundred postings instead of 128.
        assert executor.find_first(NEWEST, 25) == Found([*range(1000, 896, -10)], 896)
    assert statements.count == 2


def test_a_ranking_spends_half_of_the_budget(lists: Database) -> None:
    conjunction = Conjunction(clause(DRIVER, df=1000), (clause(OTHER, df=101),))
    executor = make_executor(lists, conjunction, Limits(probe_budget=100, min_sampled=10_000))
    matches, scan_end = executor.find_best(NEWEST, {OTHER: 1}, 400, 3)
    assert (matches.count, matches.newest_id, scan_end) == (5, 1000, 951)
    assert matches.list_best_ids() == [1000, 990, 980]


def test_a_later_page_of_a_ranking_reads_the_same_matches(lists: Database) -> None:
    conjunction = Conjunction(clause(DRIVER, df=1000), (clause(OTHER, df=101),))
    limits = Limits(probe_budget=100, min_sampled=10_000)
    executor = make_executor(lists, conjunction, limits)
    matches, scan_end = executor.find_best(NEWEST.after(1001), {OTHER: 1}, 400, 9, scan_end=951)
    assert (matches.count, scan_end) == (5, 951)
    # A forged end reaches no further than the first page did.
    matches, scan_end = make_executor(lists, conjunction, limits).find_best(
        NEWEST, {OTHER: 1}, 400, 9, scan_end=1
    )
    assert (matches.count, scan_end) == (5, 1)


def test_a_ranking_of_one_list_needs_no_budget(lists: Database) -> None:
    executor = make_executor(lists, Conjunction(clause(DRIVER, df=1000)), Limits())
    with Statements(lists) as statements:
        matches, scan_end = executor.find_best(NEWEST, {DRIVER: 1}, 400, 3)
    assert (matches.count, scan_end, statements.count) == (400, 0, 1)

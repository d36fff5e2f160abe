"""The reads of the posting lists, and what they cost."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index.conjunction import Clause, Conjunction
from stockroom.search.index.id_ranges import ALL_IDS, ScanRange
from stockroom.search.index.posting_reader import (
    RankedMatches,
    Reach,
    estimate_reach,
    find_best,
    find_by_shared_terms,
    find_ids,
    find_reach,
)
from stockroom.search.index.skip_pointers import is_sampled

NEWEST = ScanRange((ALL_IDS,))
OLDEST = ScanRange((ALL_IDS,), oldest_first=True)


@pytest.fixture
def lists(database: Database) -> Database:
    """Term 1: the even ids to 20. Term 2: multiples of three. Term 3: those of five. The weight is the id."""
    rows = [(step, image_id) for step in (2, 3, 5) for image_id in range(step, 21, step)]
    values = ", ".join(f"({[2, 3, 5].index(step) + 1}, {image_id}, {image_id})" for step, image_id in rows)
    database.execute(f"INSERT INTO posting (term_id, image_id, weight) VALUES {values}")
    return database


def clause(*term_ids: int) -> Clause:
    return Clause(tuple(map(str, term_ids)), term_ids, 10)


@pytest.mark.parametrize(
    ("conjunction", "expected"),
    [
        (Conjunction(clause(1)), [20, 18, 16, 14, 12, 10, 8, 6, 4, 2]),
        (Conjunction(clause(1, 2)), [20, 18, 16, 15, 14, 12, 10, 9, 8, 6, 4, 3, 2]),
        (Conjunction(clause(1), (clause(2),)), [18, 12, 6]),
        (Conjunction(clause(1), (clause(2, 3),)), [20, 18, 12, 10, 6]),
        (Conjunction(clause(1), (), (2,)), [20, 16, 14, 10, 8, 4, 2]),
        (Conjunction(clause(1, 2), (clause(3),), (2,)), [20, 10]),
        (Conjunction(clause(1), (clause(2), clause(3))), []),
        (Conjunction(clause(9)), []),
    ],
)
def test_conjunctions(lists: Database, conjunction: Conjunction, expected: list[int]) -> None:
    assert find_ids(lists, conjunction, NEWEST, 100) == expected
    assert find_ids(lists, conjunction, NEWEST, 2) == expected[:2]
    assert find_ids(lists, conjunction, OLDEST, 2) == expected[::-1][:2]
    ranges = ScanRange(((15, 19), (0, 7)))
    assert find_ids(lists, conjunction, ranges, 100) == [n for n in expected if 15 <= n < 19 or n < 7]
    assert find_ids(lists, conjunction, ScanRange(()), 100) == []


def test_the_best_of_the_newest(lists: Database) -> None:
    """Weights are ids here: 18 scores 18 * 2 + 18 * 100, as the term 2 is worth so much more."""
    conjunction = Conjunction(clause(1), (clause(2, 3),))
    matches = find_best(lists, conjunction, NEWEST, 100, idf={1: 2, 2: 100}, top=3)
    assert matches == RankedMatches(5, 20, ((1836, 18), (1224, 12), (612, 6)))
    assert matches.list_best_ids() == [18, 12, 6]
    assert find_best(lists, conjunction, NEWEST, 2, idf={1: 2, 2: 100}, top=3).count == 2
    nothing = find_best(lists, Conjunction(clause(9)), NEWEST, 2, idf={}, top=3)
    assert (nothing.count, nothing.list_best_ids()) == (0, [])


def test_a_picture_of_several_branches_scores_once_for_what_is_probed(lists: Database) -> None:
    conjunction = Conjunction(clause(1, 2), (clause(3),))
    matches = find_best(lists, conjunction, NEWEST, 100, idf={1: 1, 2: 1, 3: 10}, top=9)
    # 20: driver 20, probed 200. 15: driver 15, probed 150. 10: driver 10, probed 100.
    assert matches.best == ((220, 20), (165, 15), (110, 10))


def test_equally_good_matches_are_newest_first(lists: Database) -> None:
    matches = find_best(lists, Conjunction(clause(1)), NEWEST, 4, idf={}, top=2)
    assert matches.list_best_ids() == [20, 18]
    assert (matches.count, matches.newest_id) == (4, 20)


def test_pictures_by_shared_terms(lists: Database) -> None:
    # Of 6: the newest two of each term are looked at, and 18 has both.
    assert find_by_shared_terms(lists, {1: 1, 2: 10}, 6, per_term=2, limit=9) == {18: 198, 15: 150, 20: 20}
    assert find_by_shared_terms(lists, {1: 1, 2: 10}, 18, per_term=2, limit=1) == {15: 150}


def test_how_far_some_probes_reach(lists: Database) -> None:
    assert find_reach(lists, Conjunction(clause(1)), NEWEST, 9, 3) == Reach(16, 9)
    assert find_reach(lists, Conjunction(clause(1)), OLDEST, 9, 3) == Reach(6, 9)
    # The postings of several lists are counted together: 20, 18, 18, 16.
    assert find_reach(lists, Conjunction(clause(1, 2)), NEWEST, 4, 1) == Reach(16, 4)
    assert find_reach(lists, Conjunction(clause(1, 2)), OLDEST, 4, 1) == Reach(6, 4)
    assert find_reach(lists, Conjunction(clause(3)), NEWEST, 5, 1) == Reach(None, 4)
    assert find_reach(lists, Conjunction(clause(1)), ScanRange(()), 1, 1) == Reach(None, 0)
    assert find_reach(lists, Conjunction(clause(1)), NEWEST, 1, 3) == Reach(20, 3)


def number_of(place: int) -> int:
    return 1_000_000 + 7 * place


@pytest.fixture
def long_lists(database: Database) -> Database:
    """The term 1 has 20,000 pictures, the term 2 every second one of them, the term 3 none of those."""
    rows = [(1, number_of(place)) for place in range(20_000)]
    rows += [(2, number_of(place)) for place in range(0, 20_000, 2)]
    rows += [(3, number_of(place) + 1) for place in range(20_000)]
    for table, some in (("posting", rows), ("posting_skip", [row for row in rows if is_sampled(row[1])])):
        database.execute(f"INSERT INTO {table} (term_id, image_id) VALUES {', '.join(map(str, some))}")
    return database


def count_postings(scan_range: ScanRange, reach: Reach) -> int:
    """The postings of the term 1 as far as that."""
    assert reach.end is not None
    ((low, high),) = scan_range.up_to(reach.end).id_ranges
    return sum(low <= number_of(place) < high for place in range(20_000))


@pytest.mark.parametrize("scan_range", [NEWEST, OLDEST])
@pytest.mark.parametrize("probes", [1000, 2500, 5000, 10_000])
def test_the_sample_tells_nearly_how_far_some_probes_reach(
    long_lists: Database, scan_range: ScanRange, probes: int
) -> None:
    def count(conjunction: Conjunction, extra: int = 0) -> int:
        reach = estimate_reach(long_lists, conjunction, scan_range, probes, extra)
        assert 0.9 * probes <= reach.probes <= probes
        return count_postings(scan_range, reach)

    assert 0.6 * probes < count(Conjunction(clause(1))) < 1.4 * probes
    assert 0.6 * probes < count(Conjunction(clause(1), (clause(2),))) < 1.4 * probes
    assert 0.6 * probes < 3 * count(Conjunction(clause(1), (clause(2),)), extra=2) < 1.4 * probes
    # Every second picture fails at the first probe, and the others cost three; or all fail, or none.
    assert 0.6 * probes < 2 * count(Conjunction(clause(1), (clause(2), clause(3, 9)))) < 1.4 * probes
    assert 0.6 * probes < count(Conjunction(clause(1), (clause(3), clause(2, 9)))) < 1.4 * probes
    assert 0.6 * probes < 3 * count(Conjunction(clause(1), (clause(1), clause(3, 9)))) < 1.4 * probes
    assert 0.6 * probes < 1.5 * count(Conjunction(clause(1), (clause(2), clause(9)))) < 1.4 * probes
    assert 0.6 * probes < 3 * count(Conjunction(clause(1), (clause(2, 9),), (3,))) < 1.4 * probes


def test_the_sample_tells_that_all_can_be_probed(long_lists: Database) -> None:
    end, probes = estimate_reach(long_lists, Conjunction(clause(1)), NEWEST, 40_000, 0)
    assert end is None
    assert 15_000 < probes < 25_000
    assert estimate_reach(long_lists, Conjunction(clause(9)), NEWEST, 40_000, 0) == Reach(None, 64)
    assert estimate_reach(long_lists, Conjunction(clause(1)), ScanRange(()), 40_000, 0) == Reach(None, 64)

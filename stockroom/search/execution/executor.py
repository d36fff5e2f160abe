"""The executor: runs a plan against the posting lists, for a bounded number of probes.

Each list of the driver is read in order until the page is full. A list may be long and rarely match, so a
scan that has to probe ends where the probe budget ends: the skip pointers tell before where that is.
"""

import time
from collections.abc import Callable, Mapping

from msgspec import Struct

from stockroom.runtime.database import Database
from stockroom.search.execution.id_range_estimate import IdRangeEstimator
from stockroom.search.execution.limits import Limits
from stockroom.search.index import posting_reader
from stockroom.search.index.id_ranges import ScanRange
from stockroom.search.index.posting_reader import RankedMatches, Reach
from stockroom.search.index.term_dictionary import COMMON_DF
from stockroom.search.query.plan import Plan

STATEMENTS_SHARE = 10
"""The part of a budget that the statements of a scan cost beside their probes.

Without it a request would make any number of scans through a list whose pictures are gone.
"""


class ProbeBudget:
    """The primary-key probes that a request may still spend, several times those of a scan, and its time.

    `clock` returns seconds.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = clock() + limits.post_filter_seconds
        self.remaining = limits.scans * limits.probe_budget
        self._least = limits.probe_budget // 2
        self._statements = limits.probe_budget // STATEMENTS_SHARE

    def spend(self, probes: int) -> None:
        """Take off what a scan costs, or what a post-filter does."""
        self.remaining = max(self.remaining - probes, 0)

    def spend_on_statements(self) -> None:
        """Take off what the statements of a scan cost beside their probes."""
        self.spend(self._statements)

    def spend_all(self) -> None:
        """Leave nothing for another scan."""
        self.remaining = 0

    @property
    def is_late(self) -> bool:
        """Whether the request has taken too long for further work on texts."""
        return self._clock() >= self._ends_at

    @property
    def is_spent(self) -> bool:
        """Whether too little is left for another scan."""
        return self.remaining < self._least


class Found(Struct, frozen=True):
    """Matching ids in the order of the scan, and the last id that the budget reaches; 0 if it reaches all."""

    image_ids: list[int]
    scan_end: int


class Executor:
    """Reads what a plan says and spends the probe budget on it."""

    def __init__(
        self, db: Database, plan: Plan, budget: ProbeBudget, estimator: IdRangeEstimator, limits: Limits
    ) -> None:
        self._db = db
        self._conjunction = plan.conjunction
        self._driver = plan.conjunction.driver
        self._budget = budget
        self._estimator = estimator
        self._limits = limits
        self._is_probed = plan.conjunction.probes_per_posting > 0
        self._branches = len(plan.conjunction.driver.term_ids)

    def find_first(self, scan_range: ScanRange, limit: int) -> Found:
        """The first `limit` matching ids of a scan range, or those that the budget reaches."""
        probes = self._limits.probe_budget
        # Where terms are probed, the UNION of several lists has few rows: it has the matches alone.
        extra = 0 if self._is_probed else self._count_union_probes()
        if not self._needs_budget(limit, extra, probes):
            self._budget.spend(self._count_unprobed(limit, extra))
            return Found(self._find_unprobed(scan_range, limit), 0)
        affordable_range, scan_end = self._limit_to_budget(scan_range, extra, probes)
        return Found(self._find_ids(affordable_range, limit), scan_end)

    def find_best(
        self, scan_range: ScanRange, idf: Mapping[int, int], limit: int, top: int, *, scan_end: int = 0
    ) -> tuple[RankedMatches, int]:
        """The `top` best of the newest `limit` matches that the budget reaches, and the last id it reaches.

        With the `scan_end` that an earlier page was given, exactly the same matches are read again.
        """
        probes = self._limits.probe_budget // 2
        extra = self._count_union_probes()
        if scan_end or self._needs_budget(limit, extra, probes):
            affordable_range, own_end = self._limit_to_budget(scan_range, extra, probes)
            if scan_end:
                # The end lies within what the first page could afford; a forged one is cut off there.
                affordable_range = affordable_range.up_to(scan_end)
            return self._rank(affordable_range, idf, limit, top), scan_end or own_end
        self._budget.spend(self._count_unprobed(limit, extra))
        narrowed = self._estimator.narrow(scan_range, limit, self._driver.df)
        if narrowed is not None:
            matches = self._rank(narrowed, idf, limit, top)
            if matches.count == limit:
                return matches, 0
        return self._rank(scan_range, idf, limit, top), 0

    def _rank(self, scan_range: ScanRange, idf: Mapping[int, int], limit: int, top: int) -> RankedMatches:
        return posting_reader.find_best(self._db, self._conjunction, scan_range, limit, idf=idf, top=top)

    def _find_ids(self, scan_range: ScanRange, limit: int) -> list[int]:
        return posting_reader.find_ids(self._db, self._conjunction, scan_range, limit)

    def _find_unprobed(self, scan_range: ScanRange, limit: int) -> list[int]:
        """The first `limit` ids of any list of the driver."""
        narrowed = self._estimator.narrow(scan_range, limit, self._driver.df)
        if narrowed is not None:
            image_ids = self._find_ids(narrowed, limit)
            if len(image_ids) == limit:
                return image_ids
        return self._find_ids(scan_range, limit)

    def _count_union_probes(self) -> int:
        """What each posting costs that goes through a UNION, in probes."""
        return self._limits.union_probes if self._branches > 1 else 0

    def _needs_budget(self, limit: int, extra: int, probes: int) -> bool:
        """Whether a scan could cost more than so many probes before it has found `limit` ids.

        Without probes every posting is a match, so that no list is read further than `limit` postings.
        """
        return self._is_probed or self._count_unprobed(limit, extra) > probes

    def _count_unprobed(self, limit: int, extra: int) -> int:
        """What it costs at most to find `limit` ids without probes."""
        return self._branches * limit * max(extra, 1)

    def _limit_to_budget(self, scan_range: ScanRange, extra: int, probes: int) -> tuple[ScanRange, int]:
        """The part of a scan range that so many probes allow, and the id where it ends; 0 when it is all.

        `extra` is what each posting costs beside its probes.
        """
        probes = min(probes, self._budget.remaining)
        at_most = max(self._conjunction.probes_per_posting + extra, 1)
        # A df that is remembered may have been outgrown since. A smaller one has just been read.
        if self._driver.df < COMMON_DF and self._driver.df * at_most <= probes:
            self._budget.spend(self._driver.df * at_most)
            return scan_range, 0
        reach = self._find_reach(scan_range, extra, probes, at_most)
        self._budget.spend(reach.probes)
        return (scan_range, 0) if reach.end is None else (scan_range.up_to(reach.end), reach.end)

    def _find_reach(self, scan_range: ScanRange, extra: int, probes: int, at_most: int) -> Reach:
        """How far so many probes reach, where a posting costs `at_most` of them."""
        if probes >= self._limits.min_sampled * at_most:
            return posting_reader.estimate_reach(self._db, self._conjunction, scan_range, probes, extra)
        narrowed = self._estimator.narrow(scan_range, probes // at_most, self._driver.df)
        if narrowed is not None:
            reach = posting_reader.find_reach(self._db, self._conjunction, narrowed, probes, at_most)
            if reach.end is not None:
                return reach
        return posting_reader.find_reach(self._db, self._conjunction, scan_range, probes, at_most)

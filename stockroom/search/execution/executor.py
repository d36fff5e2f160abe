"""The ids of a page, for a bounded number of probes.

What needs probes is first read as far as should be enough, were words independent, and then as far as the
budget goes. Where a list may be longer, a sample of its postings (`skips`) says before where that is.
"""

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from functools import partial
from operator import add
from typing import TypeVar

from stockroom.runtime.database import Database
from stockroom.search.execution.id_range import near
from stockroom.search.index import reader as reads
from stockroom.search.index.reader import Matches, Stretch
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.index.terms import COMMON
from stockroom.search.query.plan import Plan

T = TypeVar("T", bound=Sized)

BUDGET = 5000
"""Primary-key probes of a page; half of them where all that is found has to be ranked."""
FIRST_ROWS = 1200
"""Postings that a costly search reads at first, at most; nearly always they fill a page."""
FEW = 4 * STRIDE
"""Postings whose end is looked up exactly; that of more by a sample."""
MEETING = 4
"""Postings read at first for each match that is wanted, at least, where more than that are needed."""
UNION = 2
"""What a posting costs, in probes, where it has to be brought together with those of other terms."""
CHEAP = 1500
"""Postings that a search without probes may read of all its terms, whatever they are."""
WIDE = 600
"""Ids that the terms of one clause may give together before it is asked where their newest ones lie."""


class Purse:
    """The probes that a page may still cost."""

    def __init__(self) -> None:
        self.left = BUDGET

    def spend(self, probes: int) -> None:
        self.left = max(self.left - probes, 0)


@dataclass(frozen=True)
class Found:
    """Ids in the order of reading; nothing else as far as `edge` (0: to the end) matches."""

    ids: list[int]
    edge: int


@dataclass(frozen=True)
class Finder:
    """Reads what a plan says, and pays for it."""

    db: Database
    plan: Plan
    purse: Purse

    def first(self, stretch: Stretch, limit: int) -> Found:
        """The first `limit` matching ids of a stretch."""
        if not self._costly(limit):
            return Found(self._unprobed(stretch, limit), 0)
        read = partial(reads.matching, self.db, self.plan)
        return Found(*self._probed(stretch, limit, BUDGET, read, add))

    def best(
        self, stretch: Stretch, worth: Mapping[int, int], limit: int, top: int, *, edge: int = 0
    ) -> tuple[Matches, int]:
        """The `top` best of the `limit` newest matches; and from which id on there may be more (0: none).

        `edge`: what that was when the same matches were first read; they are read again, no more and no less.
        """
        read = partial(reads.best, self.db, self.plan, worth=worth, top=top)
        if edge:
            # Reading as far as that was affordable; twice that is what a forged cursor gets.
            bounded, _ = self._affordable(stretch, BUDGET)
            return read(bounded.until(edge), limit), edge
        if self._costly(limit):
            return self._probed(stretch, limit, BUDGET // 2, read, Matches.joined)
        beginning = near(self.db, stretch, limit, self.plan.driver.df)
        if beginning is not None and len(found := read(beginning, limit)) == limit:
            return found, 0
        return read(stretch, limit), 0

    def _probed(
        self,
        stretch: Stretch,
        limit: int,
        probes: int,
        read: Callable[[Stretch, int], T],
        joined: Callable[[T, T], T],
    ) -> tuple[T, int]:
        """The first `limit` that `read` finds in a stretch, and as far as which id it did (0: to its end)."""
        probes = min(probes, self.purse.left)
        found: T | None = None
        if rows := self._first_rows(limit, probes):
            cost = rows * self._arms * self._price
            self.purse.spend(cost)
            edge = self._edge(stretch, rows)
            if edge is None:
                return read(stretch, limit), 0
            found = read(stretch.until(edge), limit)
            if len(found) == limit:
                return found, 0
            stretch = stretch.beyond(edge)
            probes -= cost
        stretch, end = self._affordable(stretch, probes)
        if found is None:
            return read(stretch, limit), end
        return joined(found, read(stretch, limit - len(found))), end

    def _costly(self, limit: int) -> bool:
        """Whether reading so many of every driving term has to be paid from the budget."""
        return bool(self.plan.probes) or self._arms * limit > CHEAP

    @property
    def _price(self) -> int:
        """What a posting of the driver costs: its probes; a union writes it down, reads it and sorts it."""
        return max(self.plan.probes + (UNION if self._arms > 1 else 0), 1)

    @property
    def _arms(self) -> int:
        return len(self.plan.driver.term_ids)

    def _unprobed(self, stretch: Stretch, limit: int) -> list[int]:
        """The first `limit` ids of any driving term: first where they should lie, then wherever they do."""
        beginning = near(self.db, stretch, limit, self.plan.driver.df)
        if beginning is not None:
            found = reads.matching(self.db, self.plan, beginning, limit)
            if len(found) == limit:
                return found
        if self._arms * limit > WIDE:
            # The first ids of all terms lie where those of the commonest do: the rarer have fewer there.
            edge = reads.edge(self.db, self.plan.driver.term_ids[:1], stretch, limit)
            stretch = stretch if edge is None else stretch.until(edge)
        return reads.matching(self.db, self.plan, stretch, limit)

    def _affordable(self, stretch: Stretch, probes: int) -> tuple[Stretch, int]:
        """As much of a stretch as so many probes allow, and where that ends; 0 when it is all of it."""
        rows = max(probes // self._price // self._arms, 1)
        # A count that is remembered may have been outgrown; a smaller one is of this moment.
        certain = self.plan.driver.df < COMMON
        most = min(rows * self._arms, self.plan.driver.df) if certain else rows * self._arms
        self.purse.spend(most * self._price)
        edge = None if certain and self.plan.driver.df <= rows else self._edge(stretch, rows)
        return (stretch, 0) if edge is None else (stretch.until(edge), edge)

    def _edge(self, stretch: Stretch, rows: int) -> int | None:
        """The id as far as which no driving term has more than about `rows` postings, if any has more."""
        term_ids = self.plan.driver.term_ids
        if rows >= FEW:
            return reads.edge_by_sample(self.db, term_ids, stretch, rows)
        beginning = near(self.db, stretch, rows * self._arms, self.plan.driver.df)
        edge = None if beginning is None else reads.edge(self.db, term_ids, beginning, rows)
        return reads.edge(self.db, term_ids, stretch, rows) if edge is None else edge

    def _first_rows(self, limit: int, probes: int) -> int:
        """Postings a term that should hold `limit` matches twice over, were words independent.

        0 where there is no need to try them first: where the budget is enough for all, or where so few could
        hardly hold so many.
        """
        needed = 2.0 * limit / self._arms
        for clause in self.plan.required:
            needed *= max(self.plan.pictures / max(clause.df, 1), 1)
        rows = int(min(max(needed, limit), FIRST_ROWS // self._arms))
        if needed > rows and rows * self._arms < MEETING * limit:
            return 0
        return rows if rows < probes // self._price // self._arms < self.plan.driver.df else 0

"""The ids of a page, for a bounded number of probes.

What needs probes is first read as far as should be enough, were words independent, and then as far as the
budget goes. Where that is, is asked before: the id of the nth posting costs n index entries and no probe.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from stockroom.database import Database
from stockroom.search import reads
from stockroom.search.extent import near
from stockroom.search.plan import Plan
from stockroom.search.reads import Stretch

T = TypeVar("T")
Scored = tuple[int, int]

BUDGET = 5000
"""Primary-key probes of a page; half of them where all that is found has to be ranked."""
FIRST_ROWS = 800
"""Postings that a costly search reads at first, at most; nearly always they fill a page."""
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

    def first(self, stretch: Stretch, limit: int, share: float = 1.0) -> Found:
        """The first `limit` matching ids of a stretch, for a share of the budget at most."""
        if not self.plan.probes:
            return Found(self._unprobed(stretch, limit), 0)
        ids, edge = self._probed(stretch, limit, share, partial(reads.matching, self.db, self.plan))
        return Found(ids, edge)

    def scored(self, stretch: Stretch, worth: Mapping[int, int], limit: int) -> tuple[list[Scored], int]:
        """The newest matches with their scores, and the id from which on there may be more (0: none)."""
        read = partial(reads.scored, self.db, self.plan, worth)
        if self.plan.probes:
            return self._probed(stretch, limit, 0.5, read)
        beginning = near(self.db, stretch, limit, self.plan.driver.df)
        found = [] if beginning is None else read(beginning, limit)
        return (found if len(found) == limit else read(stretch, limit)), 0

    def _probed(
        self, stretch: Stretch, limit: int, share: float, read: Callable[[Stretch, int], list[T]]
    ) -> tuple[list[T], int]:
        """The first `limit` that `read` finds in a stretch, and as far as which id it did (0: to its end)."""
        probes = min(int(BUDGET * share), self.purse.left)
        found: list[T] = []
        if rows := self._first_rows(limit, probes):
            cost = rows * self._arms * self.plan.probes
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
        return found + read(stretch, limit - len(found)), end

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
        rows = max(probes // self.plan.probes // self._arms, 1)
        self.purse.spend(min(rows * self._arms, self.plan.driver.df) * self.plan.probes)
        edge = self._edge(stretch, rows) if self.plan.driver.df > rows else None
        return (stretch, 0) if edge is None else (stretch.until(edge), edge)

    def _edge(self, stretch: Stretch, rows: int) -> int | None:
        """The id as far as which no driving term has more than `rows` postings, if any has more."""
        term_ids = self.plan.driver.term_ids
        if rows <= FIRST_ROWS:
            beginning = near(self.db, stretch, rows * self._arms, self.plan.driver.df)
            edge = None if beginning is None else reads.edge(self.db, term_ids, beginning, rows)
            if edge is not None:
                return edge
        return reads.edge(self.db, term_ids, stretch, rows)

    def _first_rows(self, limit: int, probes: int) -> int:
        """Postings a term that should hold `limit` matches twice over, were words independent.

        0 where there is no need to try them first: with few postings, or with no hope.
        """
        needed = 2.0 * limit / self._arms
        for clause in self.plan.required:
            needed *= max(self.plan.pictures / max(clause.df, 1), 1)
        rows = int(min(max(needed, limit), FIRST_ROWS // self._arms))
        worthwhile = rows < probes // self.plan.probes // self._arms and self.plan.driver.df > rows
        return rows if worthwhile else 0

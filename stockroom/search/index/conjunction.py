"""What the posting lists are asked for: a term of every clause, and none of the excluded terms."""

from collections.abc import Sequence

from msgspec import Struct


class Clause(Struct, frozen=True):
    """Any one of these terms. `names` and `term_ids` are in the same order, the commonest term first."""

    names: tuple[str, ...]
    term_ids: tuple[int, ...]
    df: int
    """The postings of all its terms together."""


class Conjunction(Struct, frozen=True):
    """A search of the posting lists: the lists of `driver` are scanned, all other terms are probed.

    A posting of the driver costs a read of a primary key for each term that is probed. The clauses of one
    term come first in `required`, because the first of them that a picture does not satisfy is its last
    probe. A clause of several terms is probed for all of them.
    """

    driver: Clause
    required: tuple[Clause, ...] = ()
    excluded: tuple[int, ...] = ()

    @property
    def single_term_ids(self) -> tuple[int, ...]:
        """The terms of those of the required clauses that have one term."""
        return tuple(clause.term_ids[0] for clause in self.required if len(clause.term_ids) == 1)

    @property
    def probes_per_posting(self) -> int:
        """Reads of a primary key for a posting that satisfies all clauses of one term."""
        return sum(len(clause.term_ids) for clause in self.required) + len(self.excluded)

    def count_probes(self, satisfied: int) -> int:
        """Reads of a primary key for a posting that satisfies the first `satisfied` clauses of one term."""
        return satisfied + 1 if satisfied < len(self.single_term_ids) else self.probes_per_posting


PAGE = 25
"""Matches after which a scan is expected to end: an ordinary page and the one behind it."""


def expect_probes(driver: Clause, others: Sequence[Clause], picture_count: int) -> float:
    """The probes of a scan of `driver` until a page is full, if terms were independent of each other.

    Where several lists are scanned each of them is read until it alone could fill the page.
    """
    probes, matches = 0.0, float(max(driver.df, 1))
    for clause in sort_by_cost(others):
        probes += matches * len(clause.term_ids)
        matches *= min(clause.df / max(picture_count, 1), 1)
    return max(probes, driver.df) * min(PAGE * len(driver.term_ids) / max(matches, 1), 1)


def sort_by_cost(clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses in the order in which they are probed: those of one term first, the rarest of them first."""
    return sorted(clauses, key=lambda clause: (len(clause.term_ids) > 1, clause.df))

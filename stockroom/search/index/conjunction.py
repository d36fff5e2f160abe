"""What the posting lists are asked for: a term of every clause, and none of the excluded terms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """Any one of these terms. `names` and `term_ids` are in the same order, the commonest term first."""

    names: tuple[str, ...]
    term_ids: tuple[int, ...]
    df: int
    """The postings of all its terms together."""


@dataclass(frozen=True)
class Conjunction:
    """A search of the posting lists: the lists of `driver` are scanned, all other terms are probed.

    Each posting of the driver costs one read of a primary key for every term of `required` and `excluded`.
    """

    driver: Clause
    required: tuple[Clause, ...] = ()
    excluded: tuple[int, ...] = ()

    @property
    def probes_per_posting(self) -> int:
        """Reads of a primary key for each posting of the driver."""
        return sum(len(clause.term_ids) for clause in self.required) + len(self.excluded)

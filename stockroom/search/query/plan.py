"""From what a picture must have to the postings to read.

A plan is a conjunction of clauses, each satisfied by any one of its terms. The clause with the fewest
postings drives; all others are probed by primary key. What does not fit into one statement, and phrases,
are verified on the pictures themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from stockroom.search.index.document import EVERYTHING
from stockroom.search.query.dates import Range
from stockroom.search.query.parse import LastWord, Phrase, Query

MAX_PROBES = 24
"""Joins of one statement; MySQL allows 61 tables."""
MAX_ARMS = 32
"""Terms of a driving clause: the rarest are kept when a relaxed query has more."""


class Mode(IntEnum):
    """How literally a query is taken; a cursor carries it."""

    STRICT = 0
    """As asked; the last word may be unfinished where it is no word of its own."""
    PREFIX = 1
    """The last word as the beginning of others as well."""
    CORRECTED = 2
    """Words that no picture has as the nearest ones that some have."""
    RELAXED = 3
    """Any one of the plain words, corrected ones among them."""


@dataclass(frozen=True)
class Term:
    """A row of the term table; `df` is how many pictures have it."""

    term_id: int
    df: int


@dataclass(frozen=True)
class Vocabulary:
    """What the index knows of a query's terms, and the words that its last word begins."""

    terms: Mapping[str, Term]
    expansions: Mapping[str, Term] = field(default_factory=dict)

    @property
    def pictures(self) -> int:
        """How many pictures there are."""
        everything = self.terms.get(EVERYTHING)
        return everything.df if everything else 0


@dataclass(frozen=True)
class Clause:
    """Any one of these terms, the commonest first."""

    names: tuple[str, ...]
    term_ids: tuple[int, ...]
    df: int
    """Postings of all its terms together."""


@dataclass(frozen=True)
class Plan:
    """What to read: `driver`, probing `required` and `excluded`; and what to verify afterwards."""

    driver: Clause
    required: tuple[Clause, ...]
    excluded: tuple[int, ...]
    ranges: tuple[Range, ...]
    also_required: tuple[Clause, ...]
    also_excluded: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    excluded_phrases: tuple[Phrase, ...]
    pictures: int

    @property
    def probes(self) -> int:
        """Primary-key reads for each posting of the driver."""
        return sum(len(clause.term_ids) for clause in self.required) + len(self.excluded)

    @property
    def verifies(self) -> bool:
        """Whether candidates must be looked at."""
        return bool(self.also_required or self.also_excluded or self.phrases or self.excluded_phrases)


def modes(query: Query) -> list[Mode]:
    """The ways to take a query, the most literal first; a next one is for when nothing is found."""
    prefix = [Mode.PREFIX] if query.last is not None else []
    corrected = [Mode.CORRECTED] if query.words else []
    relaxed = [Mode.RELAXED] if len(query.words) > 1 else []
    return [Mode.STRICT, *prefix, *corrected, *relaxed]


def plan(query: Query, vocabulary: Vocabulary, mode: Mode) -> Plan | None:
    """The plan for a query taken in a mode; None when the index shows that nothing can match."""
    clauses = _words(query, vocabulary, mode)
    clauses += [_clause([term], vocabulary.terms) for phrase in query.phrases for term in phrase.terms]
    clauses += [_clause([term], vocabulary.terms) for term in query.filters]
    if query.tags:
        clauses.append(_clause(query.tags, vocabulary.terms))
    clauses = clauses or [_clause([EVERYTHING], vocabulary.terms)]
    if not query.ranges or not all(clause.term_ids for clause in clauses):
        return None
    driver, *rest = sorted(_distinct(clauses), key=lambda clause: clause.df)
    required, also_required = _fitting(rest)
    room = MAX_PROBES - sum(len(clause.term_ids) for clause in required)
    excluded = [term for term in query.excluded if term in vocabulary.terms]
    return Plan(
        driver=driver,
        required=tuple(required),
        excluded=tuple(vocabulary.terms[term].term_id for term in excluded[:room]),
        ranges=query.ranges,
        also_required=tuple(also_required),
        also_excluded=tuple(excluded[room:]),
        phrases=tuple(phrase for phrase in query.phrases if _ordered(phrase)),
        excluded_phrases=query.excluded_phrases,
        pictures=vocabulary.pictures,
    )


def _words(query: Query, vocabulary: Vocabulary, mode: Mode) -> list[Clause]:
    """The clauses of the plain words; only these are ever taken less literally."""
    if mode is Mode.RELAXED:
        known = [term for term in query.words if term in vocabulary.terms]
        rarest = sorted(known, key=lambda term: vocabulary.terms[term].df)[:MAX_ARMS]
        return [_clause(rarest, vocabulary.terms)]
    clauses = [_clause([term], vocabulary.terms) for term in query.words]
    if query.last is not None and mode < Mode.CORRECTED and unfinished(query.last, vocabulary.terms, mode):
        known_too = {**vocabulary.expansions, **vocabulary.terms}
        at = query.words.index(query.last.term)
        clauses[at] = _clause([query.last.term, *vocabulary.expansions], known_too)
    return clauses


def unfinished(last: LastWord, terms: Mapping[str, Term], mode: Mode) -> bool:
    """Whether the last word also stands for the words that it begins.

    "sun" is a word and finds no sunflower while there is a sun; "sunfl" and "some" (which says nothing by
    itself) find sunflower and something.
    """
    known = terms.get(last.term)
    return mode is Mode.PREFIX or last.stop or known is None or known.df == 0


def _clause(terms: Iterable[str], known: Mapping[str, Term]) -> Clause:
    """Any one of `terms`, as far as the index knows them; without ids when it knows none."""
    names = tuple(
        sorted((term for term in {*terms} if term in known), key=lambda term: (-known[term].df, term))
    )
    return Clause(names, tuple(known[term].term_id for term in names), sum(known[term].df for term in names))


def _distinct(clauses: Sequence[Clause]) -> list[Clause]:
    return list({clause.term_ids: clause for clause in clauses}.values())


def _fitting(clauses: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    """Those that one statement can probe, the most selective first, and the rest."""
    required: list[Clause] = []
    rest: list[Clause] = []
    room = MAX_PROBES
    for clause in clauses:
        if len(clause.term_ids) <= room:
            required.append(clause)
            room -= len(clause.term_ids)
        else:
            rest.append(clause)
    return required, rest


def _ordered(phrase: Phrase) -> bool:
    """Whether a phrase says more than that its terms are there."""
    return len(phrase.sequence) > 1 or phrase.description_only

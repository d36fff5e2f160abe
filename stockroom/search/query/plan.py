"""From a query to a plan: which posting lists are scanned and probed, and what is left to the post-filter.

A query is a conjunction of clauses. The clause that costs the fewest probes drives the search, all others are
probed. Phrases, and what does not fit into one statement, are checked on the pictures themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import zip_longest

from msgspec import Struct

from stockroom.search.index.conjunction import Clause, Conjunction, expect_probes, sort_by_cost
from stockroom.search.index.document import ALL_PICTURES
from stockroom.search.index.id_ranges import ALL_IDS, IdRange
from stockroom.search.index.term_dictionary import Term
from stockroom.search.query.parse import Phrase, Query
from stockroom.search.related.thesaurus import is_doubtful_form, is_word

MAX_PROBES = 24
"""Joins of one statement; MySQL allows 61 tables."""
MAX_RELAXED_WORDS = 32
"""Words of a relaxed query, the rarest of them: each is a branch of a UNION."""


class Mode(IntEnum):
    """How literally a query is taken. Cursors carry the number."""

    STRICT = 0
    """As asked; a last word that is no word also stands for the words that begin with it."""
    PREFIX = 1
    """The last word also stands for the words that begin with it."""
    CORRECTED = 2
    """Words that no picture has are read as names of contributors, related words, or the nearest words."""
    RELAXED = 3
    """Any one of the plain words is enough; unknown words are read as in CORRECTED."""


class TermStatistics(Struct, frozen=True):
    """What the index knows about the terms of a query.

    `expansions` are the commonest terms that begin with the last word, if they have been looked up.
    `related` has the terms that stand for a word of the query: for each word that no picture has, and for
    all words where the query asks for it. `equivalents` are those of them that mean the same as their word.
    `related_words` has what is shown of this: for each word as it was typed, the words that stand for it. For
    a last word that is whole, these are the words that begin with it.
    """

    terms: Mapping[str, Term]
    expansions: Mapping[str, Term] = {}
    related: Mapping[str, tuple[str, ...]] = {}
    related_words: Mapping[str, tuple[str, ...]] = {}
    equivalents: frozenset[str] = frozenset()

    @property
    def picture_count(self) -> int:
        """The number of pictures in the index."""
        all_pictures = self.terms.get(ALL_PICTURES)
        return all_pictures.df if all_pictures else 0

    def is_known(self, name: str) -> bool:
        """Whether some picture has a term."""
        term = self.terms.get(name)
        return term is not None and term.df > 0


class PostConditions(Struct, frozen=True):
    """What a candidate from the index must still be checked for."""

    required: tuple[Clause, ...] = ()
    excluded_terms: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    excluded_phrases: tuple[Phrase, ...] = ()
    excluded_together: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.required
            or self.excluded_terms
            or self.phrases
            or self.excluded_phrases
            or self.excluded_together
        )


class Plan(Struct, frozen=True):
    """How a query is answered: `conjunction` within `id_ranges` (newest first), then `post_conditions`."""

    conjunction: Conjunction
    id_ranges: tuple[IdRange, ...]
    post_conditions: PostConditions

    @property
    def count(self) -> int | None:
        """How many pictures match, where that is the df of one term; None where only a scan would tell."""
        driver, *others = (self.conjunction.driver, *self.conjunction.required)
        if others or len(driver.term_ids) > 1 or self.conjunction.excluded:
            return None
        return None if self.post_conditions or self.id_ranges != (ALL_IDS,) else driver.df


def list_modes(query: Query) -> list[Mode]:
    """The modes in which a query makes sense, the most literal first."""
    modes = [Mode.STRICT]
    if query.last_word is not None:
        modes.append(Mode.PREFIX)
    if query.words:
        modes.append(Mode.CORRECTED)
    if len(query.words) > 1:
        modes.append(Mode.RELAXED)
    return modes


def list_modes_after(query: Query, mode: Mode) -> list[Mode]:
    """The modes that are tried after one that has found nothing, in their order.

    The most literal ones come first, with one exception: where the last word is a word of a dictionary, its
    related words (CORRECTED) come before words that begin with it (PREFIX). "bus" stands for coaches rather
    than for bushes, unless the query asks for completions.
    """
    modes = list_modes(query)
    if query.last_word is not None and not query.is_completed and is_word(query.last_word.prefix):
        modes.remove(Mode.PREFIX)
        modes.insert(modes.index(Mode.CORRECTED) + 1, Mode.PREFIX)
    return modes[modes.index(mode) + 1 :]


def make_plan(query: Query, statistics: TermStatistics, mode: Mode) -> Plan | None:
    """The plan for a query in a mode; None when the statistics show that no picture can match."""
    terms = statistics.terms
    clauses = _build_word_clauses(query, statistics, mode)
    clauses += [_build_clause([term], terms) for phrase in query.phrases for term in phrase.terms]
    clauses += [_build_clause([term, *query.alternatives.get(term, ())], terms) for term in query.filters]
    if query.owner_name is not None:
        clauses.append(_build_clause(query.owner_terms, terms))
    if query.tags:
        clauses.append(_build_clause(query.tags, terms))
    if not clauses:
        clauses.append(_build_clause([ALL_PICTURES], terms))
    if not query.id_ranges or not all(clause.term_ids for clause in clauses):
        return None
    driver, others = _choose_driver(_drop_repeated(clauses), statistics.picture_count)
    required, left_over = _choose_probed(others)
    room = MAX_PROBES - sum(len(clause.term_ids) for clause in required)
    excluded = [term for term in query.excluded_terms if term in terms]
    return Plan(
        conjunction=Conjunction(
            driver=driver,
            required=tuple(required),
            excluded=tuple(terms[term].term_id for term in excluded[:room]),
        ),
        id_ranges=query.id_ranges,
        post_conditions=PostConditions(
            required=tuple(left_over),
            excluded_terms=tuple(excluded[room:]),
            phrases=tuple(phrase for phrase in query.phrases if _needs_text(phrase)),
            excluded_phrases=query.excluded_phrases,
            excluded_together=tuple(
                together for together in query.excluded_together if all(map(statistics.is_known, together))
            ),
        ),
    )


def is_unfinished(query: Query, statistics: TermStatistics, mode: Mode) -> bool:
    """Whether the last word of a query also stands for the words that begin with it.

    "sun" is a word and finds no sunflower before anything else is tried, unless the query asks for that.
    "sunfl" is no word, and "some" is a stop word: they also find sunflower and something. "flowe" finds
    flower, though it has the stem of "flow": it is no form of that.
    """
    last_word = query.last_word
    if last_word is None:
        return False
    if mode is Mode.PREFIX or last_word.is_stop_word or query.is_completed:
        return True
    if statistics.is_known(last_word.term):
        return is_doubtful_form(last_word.prefix)
    return not is_word(last_word.prefix)


def _build_word_clauses(query: Query, statistics: TermStatistics, mode: Mode) -> list[Clause]:
    """The clauses of the plain words: the only part of a query that a mode changes."""
    terms = statistics.terms
    if mode is Mode.RELAXED:
        existing = [term for term in query.words if term in terms]
        words = [
            *sorted(existing, key=lambda term: terms[term].df),
            *_list_related_in_turn(query, statistics),
        ]
        return [_build_clause(words[:MAX_RELAXED_WORDS], terms)]
    clauses = [_build_clause([term, *statistics.related.get(term, ())], terms) for term in query.words]
    last_word = query.last_word
    if last_word is not None and mode < Mode.CORRECTED and is_unfinished(query, statistics, mode):
        position = query.words.index(last_word.term)
        clauses[position] = _build_clause(
            [last_word.term, *statistics.expansions, *statistics.related.get(last_word.term, ())],
            {**statistics.expansions, **terms},
        )
    return clauses


def _list_related_in_turn(query: Query, statistics: TermStatistics) -> list[str]:
    """The related words of the words of a query: the commonest of each, then the next of each."""
    related = (statistics.related.get(term, ()) for term in query.words)
    return [each for turn in zip_longest(*related) for each in turn if each is not None]


def _build_clause(names: Iterable[str], terms: Mapping[str, Term]) -> Clause:
    """Any one of some terms, without those that do not exist; `term_ids` is empty when none exists."""
    existing = sorted({name for name in names if name in terms}, key=lambda name: (-terms[name].df, name))
    return Clause(
        names=tuple(existing),
        term_ids=tuple(terms[name].term_id for name in existing),
        df=sum(terms[name].df for name in existing),
    )


def _drop_repeated(clauses: Sequence[Clause]) -> list[Clause]:
    return list({clause.term_ids: clause for clause in clauses}.values())


def _choose_driver(clauses: Sequence[Clause], picture_count: int) -> tuple[Clause, list[Clause]]:
    """The clause whose scan is expected to cost the fewest probes, and the others in the order of probing."""

    def list_others(driver: Clause) -> list[Clause]:
        return [clause for clause in clauses if clause is not driver]

    driver = min(
        sorted(clauses, key=lambda clause: clause.df),
        key=lambda clause: expect_probes(clause, list_others(clause), picture_count),
    )
    return driver, sort_by_cost(list_others(driver))


def _choose_probed(clauses: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    """The clauses that one statement can probe, and the rest; both in the order that they came in."""
    probed: list[Clause] = []
    rest: list[Clause] = []
    room = MAX_PROBES
    for clause in clauses:
        if len(clause.term_ids) <= room:
            probed.append(clause)
            room -= len(clause.term_ids)
        else:
            rest.append(clause)
    return probed, rest


def _needs_text(phrase: Phrase) -> bool:
    """Whether a phrase asks for more than that a picture has its terms."""
    return len(phrase.stems) > 1 or phrase.is_description_only

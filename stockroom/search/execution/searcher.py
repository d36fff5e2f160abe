"""The searcher: takes a query as literally as it can, and less literally while nothing at all is found."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as replace_query

from msgspec import Struct
from msgspec.structs import replace

from stockroom.runtime.database import Database
from stockroom.runtime.errors import StatementTimeout
from stockroom.search.execution.cursor import PageCursor, invalid_cursor
from stockroom.search.execution.executor import Executor, ProbeBudget
from stockroom.search.execution.id_range_estimate import IdRangeEstimator
from stockroom.search.execution.limits import Limits
from stockroom.search.execution.names import (
    accept_related_words,
    interpret_words_as_names,
    look_up_names,
)
from stockroom.search.execution.page import Page, PageReader
from stockroom.search.execution.ranking import compute_idf
from stockroom.search.index import lexicon
from stockroom.search.index.document import ALL_PICTURES
from stockroom.search.index.id_ranges import MAX_ID
from stockroom.search.index.term_dictionary import TermDictionary
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import (
    Mode,
    TermStatistics,
    is_unfinished,
    list_modes,
    list_modes_after,
    make_plan,
)
from stockroom.search.related.thesaurus import is_compound, is_everyday_word, is_word
from stockroom.search.related.words import (
    add_related_words,
    add_related_words_of_misspelt,
    drop_fillers,
    exclude_related_words,
    list_accented,
)
from stockroom.search.suggest.spelling import correct_query

MAX_EXPANSIONS = 16
"""Words that an unfinished word stands for: the commonest ones that begin with it."""
EXPANSION_FORMS = 50
"""Surface forms that are read to find them."""
MAX_LETTERS_OF_WHOLE = 4
"""An everyday word with more letters also stands for words that begin with it and are no compounds: they
mostly have to do with it ("music" and "musical"), and those of a shorter one do not ("pen", "peninsula")."""


class _Reading(Struct, frozen=True):
    """A query as it is read so far, and what the index knows about it."""

    query: Query
    statistics: TermStatistics
    corrected_text: str = ""
    is_expanded: bool = False
    is_rewritten: bool = False
    """Whether it is another query than the one that was typed."""


@dataclass
class _Readings:
    """How a query has been read so far: by its own words, also where the last one may be unfinished, and as
    CORRECTED and RELAXED read it.
    """

    literal: _Reading
    unfinished: _Reading | None = None
    corrected: _Reading | None = None


class Searcher:
    """Finds pages of queries."""

    def __init__(
        self, db: Database, dictionary: TermDictionary, estimator: IdRangeEstimator, limits: Limits
    ) -> None:
        self._db = db
        self._dictionary = dictionary
        self._estimator = estimator
        self._limits = limits

    def find_page(self, query: Query, cursor: PageCursor | None, limit: int) -> Page:
        """The page of a query at a cursor, at most `limit` pictures; BadRequest for one of another query.

        While nothing is found the search goes on, in the modes of the query one after the other, until it
        has spent what a request may. A page says how the query was read.
        """
        if cursor is not None and not _fits(cursor, query):
            raise invalid_cursor()
        if not query.id_ranges:
            return Page([])
        query = look_up_names(self._db, self._dictionary, query)
        start = cursor or PageCursor(Mode.STRICT, MAX_ID, nothing_found_yet=True)
        budget = ProbeBudget(self._limits)
        page: Page | None = None
        try:
            for page in self._search(query, start, budget, limit):
                if page.pictures or budget.is_spent:
                    break
        except StatementTimeout:
            # What has been searched by now need not be searched again.
            if page is None:
                raise
        return page or Page([])

    def _search(self, query: Query, start: PageCursor, budget: ProbeBudget, limit: int) -> Iterator[Page]:
        """Pages that reach further and further, as long as they are empty: each is an answer.

        The modes of the query are tried in turn until one finds a picture.
        """
        statistics = TermStatistics(self._dictionary.find([ALL_PICTURES, *query.terms()]))
        excluding = exclude_related_words(self._db, query, statistics)
        if excluding != query:
            query = excluding
            statistics = TermStatistics(self._dictionary.find([ALL_PICTURES, *query.terms()]))
        if query.is_expanded:
            statistics = add_related_words(self._db, query, statistics)
        readings = _Readings(_Reading(query, statistics))
        searched_modes: set[Mode] = set()
        for next_mode in _list_modes_from(start, query):
            if next_mode in searched_modes:
                continue
            if next_mode is not start.mode:
                yield Page([], next=PageCursor(next_mode, MAX_ID, nothing_found_yet=True))
            goes_on = next_mode is start.mode and not start.nothing_found_yet
            reading = self._read_in_mode(readings, next_mode, goes_on)
            # A search that stands for more words than its own goes on as a prefix search on later pages, even
            # if the prefix has become an indexed word by then.
            mode = Mode.PREFIX if next_mode is Mode.STRICT and reading.is_expanded else next_mode
            if _is_as_typed(reading, mode):
                continue
            position = PageCursor(mode, MAX_ID, nothing_found_yet=True)
            if next_mode is start.mode:
                position = replace(start, mode=mode)
            for page in self._search_in_mode(reading, position, budget, limit):
                # Where a whole mode has found nothing the next one is due, so that is no answer yet.
                if page.pictures or page.next or not position.nothing_found_yet:
                    yield replace(
                        page,
                        is_relaxed=mode is Mode.RELAXED,
                        corrected_query=reading.corrected_text,
                        related_words=reading.statistics.related_words,
                    )
                if page.pictures:
                    return
            if not position.nothing_found_yet:
                return
            if position.before_id == MAX_ID:
                searched_modes.add(mode)
        yield Page([])

    def _search_in_mode(
        self, reading: _Reading, start: PageCursor, budget: ProbeBudget, limit: int
    ) -> Iterator[Page]:
        """Pages of a query in the mode of a position, one behind the other until one has a picture."""
        plan = make_plan(reading.query, reading.statistics, start.mode)
        if plan is None:
            return
        executor = Executor(self._db, plan, budget, self._estimator, self._limits)
        pages = PageReader(self._db, plan, executor, budget, self._limits)
        idf = compute_idf(reading.query, reading.statistics) if reading.query.is_ranked else None
        position: PageCursor | None = start
        while position is not None:
            page = pages.read(position, limit, idf)
            is_first = start.before_id == MAX_ID and not start.ranked_offset
            page = replace(page, count=plan.count)
            yield replace(page, previous=None) if is_first else page
            position = page.previous if position.is_backward else page.next

    def _read_in_mode(self, readings: _Readings, mode: Mode, goes_on: bool) -> _Reading:
        """The query as a mode reads it. `goes_on`: an earlier page has found pictures in this mode."""
        if mode < Mode.CORRECTED:
            if readings.unfinished is None or not readings.unfinished.is_expanded:
                readings.unfinished = self._expand(readings.literal, mode, goes_on)
            return readings.unfinished
        readings.corrected = corrected = readings.corrected or self._correct(readings.literal)
        if mode is Mode.RELAXED and not _knows_a_word(corrected):
            # What has been left out as a filler may be all that some picture has: "tiger den".
            return readings.literal
        is_literal = mode is Mode.CORRECTED and not corrected.is_rewritten
        return self._read_as_before(corrected) if goes_on and is_literal else corrected

    def _expand(self, reading: _Reading, mode: Mode, goes_on: bool) -> _Reading:
        """With the words that begin with the last one, where that one may be unfinished, and without fillers.

        A word of a dictionary is whole, so the answer says what others it stands for. These are its compounds
        alone where it is a short everyday word ("war" asks for nothing warm), and, beside other words, where
        some picture has it ("red car" asks for nothing carved), unless the query asks for completions. A word
        that is no form of its stem ("flowe") is whole, too, where some picture has just this form.

        Fillers are left out once the search with them has found nothing. A word that some picture has, and
        that is left alone then, is taken as literally as if it had been typed alone, unless the query asks
        for completions. CORRECTED does that, so that a cursor of PREFIX is always one of a prefix search. One
        that `goes_on` stays one, even if the prefix has become an indexed word by then.
        """
        last_word, statistics = reading.query.last_word, reading.statistics
        if last_word is None:
            return reading
        query = drop_fillers(reading.query, except_last=True)
        if query != reading.query:
            is_alone = len(query.words) == 1 and statistics.is_known(last_word.term)
            if mode is Mode.STRICT or (is_alone and not goes_on and not query.is_completed):
                return reading
            reading = replace(reading, query=query)
        if not is_unfinished(query, statistics, mode):
            return reading
        found = lexicon.find_terms(
            self._db, last_word.prefix, max_forms=EXPANSION_FORMS, limit=MAX_EXPANSIONS
        )
        expansions = [entry for entry in found if entry.name not in query.excluded_terms]
        is_known = statistics.is_known(last_word.term)
        is_literal = is_known and mode is Mode.STRICT and not (query.is_completed or last_word.is_stop_word)
        if is_literal and any(entry.surface == last_word.prefix for entry in expansions):
            return reading
        is_whole = not last_word.is_stop_word and (query.is_completed or is_word(last_word.prefix))
        is_short = len(last_word.prefix) <= MAX_LETTERS_OF_WHOLE and is_everyday_word(
            last_word.prefix, is_accented=last_word.prefix in list_accented(query.text)
        )
        if is_whole and (is_short or (len(query.words) > 1 and is_known)) and not query.is_completed:
            expansions = [
                entry
                for entry in expansions
                if not entry.surface or is_compound(entry.surface, last_word.prefix)
            ]
        shown = tuple(entry.surface for entry in expansions if entry.surface and entry.name != last_word.term)
        if shown and is_whole:
            related_words = {**statistics.related_words, last_word.prefix: shown}
            statistics = replace(statistics, related_words=related_words)
        statistics = replace(statistics, expansions={entry.name: entry.term for entry in expansions})
        return replace(reading, statistics=statistics, is_expanded=True)

    def _read_as_before(self, reading: _Reading) -> _Reading:
        """The query with the related words of all its words, for a later page of a search by related words.

        When the first page was read, no picture had some of the words. Meanwhile pictures have all of them,
        and the cursor does not say for which words there were related ones.
        """
        query = replace_query(reading.query, is_expanded=True)
        statistics = add_related_words(self._db, query, reading.statistics)
        return replace(reading, query=query, statistics=statistics, is_rewritten=bool(statistics.related))

    def _correct(self, reading: _Reading) -> _Reading:
        """With the unknown words read as names of contributors, as related words, or spelled otherwise."""
        query, statistics = drop_fillers(reading.query), reading.statistics
        asked = query
        with_names = interpret_words_as_names(self._db, self._dictionary, query, statistics)
        if with_names:
            query, statistics = with_names.query, with_names.statistics
        names = set(asked.words) - set(query.words)
        statistics = add_related_words(self._db, asked, statistics, names)
        query = accept_related_words(query, statistics, names)
        text = with_names.text if with_names else ""
        if rewritten := correct_query(self._db, query, statistics):
            query, statistics, text = rewritten.query, rewritten.statistics, rewritten.text
        query = drop_fillers(query)
        statistics = add_related_words_of_misspelt(self._db, query, statistics)
        return _Reading(
            query,
            statistics,
            text,
            is_rewritten=query != reading.query or bool(statistics.related),
        )


def _is_as_typed(reading: _Reading, mode: Mode) -> bool:
    """Whether a less literal mode reads a query as STRICT does, which has found nothing."""
    if mode is Mode.PREFIX:
        return not reading.is_expanded
    return mode is Mode.CORRECTED and not reading.is_rewritten


def _knows_a_word(reading: _Reading) -> bool:
    """Whether some picture has a word of a query, or what a word of it stands for."""
    statistics = reading.statistics
    return any(term in statistics.related or statistics.is_known(term) for term in reading.query.words)


def _list_modes_from(start: PageCursor, query: Query) -> Iterator[Mode]:
    """The mode of a position, and those after it, as long as nothing has been found."""
    yield start.mode
    # Which comes first may take a dictionary, which is read when it is needed.
    if start.nothing_found_yet:
        yield from list_modes_after(query, start.mode)


def _fits(cursor: PageCursor, query: Query) -> bool:
    """Whether a cursor may come from a page of a query; one without an offset fits every order."""
    if cursor.mode not in list_modes(query):
        return False
    if query.is_ranked:
        return not cursor.is_backward
    return not (cursor.ranked_offset or cursor.scan_end)

"""The search index as its callers see it: one object a process, which owns what is remembered of the index.

Everything that is remembered lives in a bounded cache for a minute at most, and is forgotten with each new
connection: a database that was restored from a backup may have given other ids to the same terms, and it can
only be exchanged between two connections.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from stockroom.images.picture import Picture
from stockroom.runtime.database import Database
from stockroom.search.execution.cursor import decode_cursor
from stockroom.search.execution.id_range_estimate import IdRangeEstimator
from stockroom.search.execution.limits import DEFAULT_LIMITS, Limits
from stockroom.search.execution.ranking import MAX_RANKED
from stockroom.search.execution.searcher import Searcher
from stockroom.search.filters import FILTERS, Filter, PictureToIndex
from stockroom.search.index import sections
from stockroom.search.index.audit_report import DEFAULT_LIMIT, IndexAudit
from stockroom.search.index.document import Document, build_document
from stockroom.search.index.id_ranges import IdRange
from stockroom.search.index.resolver import Entries
from stockroom.search.index.writer import IndexWriter
from stockroom.search.query.parse import EXPANSIONS, MAX_QUERY, SORTS, TAG_MODES, Query, parse
from stockroom.search.related.words import suggest_related_words
from stockroom.search.suggest import completion, contributors, popular_tags, similar
from stockroom.search.suggest.contributors import Contributor
from stockroom.search.suggest.popular_tags import PopularTag
from stockroom.search.suggest.similar import SimilarPicture

if TYPE_CHECKING:
    from stockroom.search.index.audit_parts import Part

__all__ = [
    "EXPANSIONS",
    "FILTERS",
    "MAX_QUERY",
    "MAX_RANKED",
    "SORTS",
    "TAG_MODES",
    "Contributor",
    "Document",
    "Entries",
    "Filter",
    "IndexAudit",
    "PictureToIndex",
    "PopularTag",
    "Query",
    "SearchIndex",
    "SearchPage",
    "SimilarPicture",
    "build_document",
    "parse",
]

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 24
MAX_PAGE_SIZE = 100
DEFAULT_SIMILAR = 12
MAX_SIMILAR = 50
DEFAULT_COMPLETIONS = 10
MAX_COMPLETIONS = 50


class SearchPage(Struct, frozen=True):
    """A page of pictures, the newest or the best first, and opaque cursors of the pages before and after it.

    `is_relaxed`: any one of the query's words was enough. `corrected_query`: how the query was read where
    words of it are in no picture: spelled otherwise, or as contributors' names (`by:`); otherwise empty.
    `related_words`: the related words that stand for a word of the query, by the folded word: for words that
    are in no picture and, in a query that asks for it (`expand=related`), for all words.
    `count`: how many pictures match, where the df of one term tells that; it may be a minute old.
    """

    pictures: list[Picture]
    previous: str | None
    next: str | None
    is_relaxed: bool
    corrected_query: str
    related_words: Mapping[str, tuple[str, ...]] = {}
    count: int | None = None


class SearchIndex(IndexWriter):
    """The inverted index of one database: what is written by `IndexWriter`, and the searches."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(db, clock)
        self._estimator = IdRangeEstimator(db, limits.id_range_margin, clock)
        self._searcher = Searcher(db, self._dictionary, self._estimator, limits)
        self._seconds = limits.seconds

    def forget(self) -> None:
        """Forget everything that is remembered of the database."""
        super().forget()
        self._estimator.forget()

    def find_images(
        self, query: Query, cursor: str | None = None, limit: int = DEFAULT_PAGE_SIZE
    ) -> SearchPage:
        """The page of the pictures that match a query at a cursor, which is a text from another page.

        BadRequest for a cursor that is none, or of another query; StatementTimeout when nothing at all was
        found out in the time that a request has.
        """
        position = None if cursor is None else decode_cursor(cursor)
        page = self._search(lambda: self._searcher.find_page(query, position, limit))
        return SearchPage(
            pictures=page.pictures,
            previous=page.previous.encode() if page.previous else None,
            next=page.next.encode() if page.next else None,
            is_relaxed=page.is_relaxed,
            corrected_query=page.corrected_query,
            related_words=page.related_words,
            count=page.count,
        )

    def find_similar(self, picture: Picture, limit: int = DEFAULT_SIMILAR) -> list[SimilarPicture]:
        """Pictures like one: its duplicates, then those that share its terms; the most similar first."""
        return self._search(lambda: similar.find_similar(self._db, self._dictionary, picture, limit))

    def complete_tags(self, prefix: str, limit: int = DEFAULT_COMPLETIONS) -> list[tuple[str, int]]:
        """The commonest tags that begin with a prefix, with how many pictures carry each."""
        return self._search(lambda: completion.complete_tags(self._db, prefix, limit))

    def find_popular_tags(self, limit: int = DEFAULT_COMPLETIONS) -> list[PopularTag]:
        """The commonest tags of all, each with how many pictures carry it, and one of the newest of them."""
        return self._search(lambda: popular_tags.find_popular_tags(self._db, limit))

    def complete_words(self, prefix: str, limit: int = DEFAULT_COMPLETIONS) -> list[tuple[str, int]]:
        """The commonest words that begin with a prefix, with how many pictures have each."""
        return self._search(lambda: completion.complete_words(self._db, prefix, limit))

    def suggest_related_words(self, word: str, limit: int = DEFAULT_COMPLETIONS) -> list[tuple[str, int]]:
        """The commonest words that are related to a word, with their counts; wider words last."""
        return self._search(lambda: suggest_related_words(self._db, word, limit))

    def complete_contributors(self, prefix: str, limit: int = DEFAULT_COMPLETIONS) -> list[Contributor]:
        """Contributors of whose names a word begins with a prefix; the most seen pictures first."""
        return self._search(
            lambda: contributors.complete_contributors(self._db, self._dictionary, prefix, limit)
        )

    def find_contributor(self, owner_id: int) -> Contributor | None:
        """A contributor whose pictures are seen, with their present name."""
        return self._search(lambda: contributors.find_contributor(self._db, self._dictionary, owner_id))

    def list_sections(self, limit: int) -> list[int]:
        """The first ids of the sections in which the library can be read, ascending, at most `limit`."""
        return self._search(lambda: sections.list_beginnings(self._db, self._dictionary, limit))

    def find_section(self, beginning: int) -> IdRange | None:
        """From which id to which (exclusive) the section goes that begins at an id; None if none does."""
        return self._search(lambda: sections.find_section(self._db, self._dictionary, beginning))

    def recount(self) -> int:
        """Make the document frequencies exactly true; how many were wrong. The audit does so, too."""
        from stockroom.search.index.audit_terms import recount

        return recount(self._db, DEFAULT_LIMIT)

    def audit(
        self, after: str = "", *, last: str = "", limit: int = DEFAULT_LIMIT, repair: bool = False
    ) -> IndexAudit:
        """One page of the comparison of the index with the rows, and the repair of what differs.

        `after` is empty, or the `next` of another page; the audit has ended when `next` is empty. With
        `last`, it ends at this place of the same step. A caller reads pages as long as it has time.
        ValueError for a place that is none.
        """
        from stockroom.search.index.audit import audit_index

        return audit_index(self._db, self._resolver, after, last=last, limit=limit, repair=repair)

    def split_audit(self, pictures: int) -> "dict[str, list[Part]]":
        """The steps of the audit in their order, each in parts of about so many pictures or their postings.

        A part is a pair of places, for `after` and `last` of `audit`. The parts of a step can be audited side
        by side, and of a comparison those of all steps; a repair goes through the steps one after the other.
        """
        from stockroom.search.index.audit_parts import split_audit

        return split_audit(self._db, self._dictionary, pictures)

    def _search(self, work: Callable[[], T]) -> T:
        """What `work` reads within the time that a request has; StatementTimeout when that is not enough."""
        # A database that has to wake up first takes longer than a search may.
        self._db.connect()
        with self._db.limit_queries(self._seconds):
            return self._read(work)

"""The index built anew from the catalogue, and swapped in while the functions work.

 1. The ready pictures are read and indexed, in ranges, into files (`indexing`). Terms keep their ids, and
    missing ones are made, with a df of 0: nothing that a process remembers becomes wrong.
 2. The files are merged, and loaded into new tables in the order of their primary keys (`loading`). Missing
    surface forms come into the lexicon, unseen (`forms`).
 3. Pictures that have changed meanwhile are indexed again, until there are few (`catching_up`). What each was
    indexed by is recorded in a table, and its fingerprint with it.
 4. The new index is checked (`checking`).
 5. The rows of pictures whose terms are others record those of both indexes, so that a removal finds them all
    on either side of the swap.
 6. One RENAME TABLE puts the new tables in place (`tables`): each transaction is before it or after it.
 7. Pictures that have changed around the swap are indexed again, under the locks of their rows. The df and
    its buckets are set, rows record exactly their terms, and forms that are wrong by now are deleted.

Whatever is cut short before 6 leaves the old index as it was, but for rows that record too many terms, and
terms and forms that are not seen; after 6 the new index is there, and the next rebuild, or the audit, does
what was left of 7.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from stockroom.images.repository.indexing import list_ranges
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.index.audit_report import DEFAULT_LIMIT
from stockroom.search.index.audit_terms import recount
from stockroom.search.index.document import build_document
from stockroom.search.index.rebuild import tables
from stockroom.search.index.rebuild.catching_up import CatchingUp, record_both, record_what_is_there
from stockroom.search.index.rebuild.checking import Comparison, NotWhole, check_counts, compare
from stockroom.search.index.rebuild.counting import announce_new_terms, set_df
from stockroom.search.index.rebuild.forms import delete_forms, update_lexicon
from stockroom.search.index.rebuild.indexing import Analyse, IdRange, IndexedRange
from stockroom.search.index.rebuild.loading import load_postings
from stockroom.search.index.rebuild.runs import Form, merge_forms, merge_runs

PICTURES_PER_RANGE = 25_000
STATEMENT_SECONDS = 1800
"""Longer than any statement on large tables takes: a drop, a count."""
FEW = 100
"""So few changes that the next step can follow."""
MAX_ROUNDS = 20
"""How often a rebuild catches up with a library that changes as fast as it is indexed."""

IndexRanges = Callable[[Sequence[IdRange], Path, str], Iterable[IndexedRange]]
"""Has ranges indexed into a folder for a rebuild, the name of which owns the tables; in any order, by this
process or by others."""


class Rebuilt(Struct, kw_only=True):
    """What a rebuild has done, and how many seconds each step took.

    `caught_up` counts pictures that changed meanwhile. `has_finished_former`: a rebuild of before was cut
    short after its swap, and was finished first.
    """

    pictures: int = 0
    postings: int = 0
    terms: int = 0
    caught_up: int = 0
    forms_added: int = 0
    forms_deleted: int = 0
    has_finished_former: bool = False
    comparison: Comparison = msgspec.field(default_factory=Comparison)
    seconds: dict[str, float] = msgspec.field(default_factory=dict)


class Refused(RuntimeError):
    """The new index was not put in place; the report says what was found."""

    def __init__(self, message: str, report: Rebuilt) -> None:
        super().__init__(message)
        self.report = report


class Unfinished(RuntimeError):
    """The new index is in place, and some pictures that were edited all the time may not be as they are."""


class Watcher:
    """Whoever follows a rebuild."""

    def tell(self, step: str, done: int, total: int) -> None:
        """What is done of a step, and of how much; 0 where that is unknown."""

    def check_claim(self) -> None:
        """Raise an error where another rebuild may have begun: two must not run at once."""


def open_database(settings: Settings) -> Database:
    """A connection for a rebuild, whose statements may take long."""
    return Database(replace(settings, db_statement_seconds=STATEMENT_SECONDS))


def rebuild(
    db: Database,
    index_ranges: IndexRanges,
    *,
    analyse: Analyse = build_document,
    may_differ: bool = False,
    watcher: Watcher | None = None,
    pictures_per_range: int = PICTURES_PER_RANGE,
) -> Rebuilt:
    """Build the index anew, and put it in place of the old one.

    `db` is of an account that may make, rename and drop tables. Raises Refused where more terms than a few
    find other pictures than before, unless they `may_differ`; and Overtaken where another rebuild has begun.
    """
    has_finished_former = tables.is_swapped(db)
    if has_finished_former:
        _Rebuild(db, analyse, watcher or Watcher(), tables.take_over(db)).finish()
    migration = tables.read_migration(db)
    work = _Rebuild(db, analyse, watcher or Watcher(), tables.create(db))
    work.report.has_finished_former = has_finished_former
    try:
        work.build(index_ranges, pictures_per_range)
        work.check(may_differ=may_differ)
        work.swap(migration)
    except BaseException as error:
        if not tables.is_owner(db, work.owner):
            # Whatever has failed, has failed for that.
            raise tables.Overtaken from error
        if not tables.is_swapped(db):
            work.undo()
        raise
    work.finish()
    return work.report


class _Rebuild:
    """The steps of one rebuild."""

    def __init__(self, db: Database, analyse: Analyse, watcher: Watcher, owner: str) -> None:
        self.owner = owner
        self._db = db
        self._watcher = watcher
        self._catching_up = CatchingUp(db, owner, analyse)
        self._df: Counter[int] | None = None
        self._wrong_forms: set[Form] = set()
        self.report = Rebuilt()

    def build(self, index_ranges: IndexRanges, pictures_per_range: int) -> None:
        """Fill the new tables, and the lexicon."""
        with tempfile.TemporaryDirectory(prefix="stockroom-reindex-") as name:
            with self._timed("index"):
                indexed = self._index(index_ranges, Path(name), pictures_per_range)
            with self._timed("load"):
                sampled = {image_id for each in indexed for image_id in each.sampled}
                blocks = merge_runs([each.postings for each in indexed])
                df = self._df = load_postings(self._db, blocks, sampled, self.owner, self._tell_loaded)
                self.report.postings, self.report.terms = df.total(), len(df)
                for table in (tables.POSTING, tables.SKIP):
                    self._db.query(f"ANALYZE TABLE {table}")
            with self._timed("forms"):
                self._watcher.tell("forms", 0, 0)
                forms = merge_forms([each.forms for each in indexed])
                self.report.forms_added, self._wrong_forms = update_lexicon(self._db, forms)
        with self._timed("catch up"):
            self._catch_up(df)

    def check(self, *, may_differ: bool) -> None:
        """Raise Refused unless the new index is whole, and answers like the old one, or `may_differ`."""
        assert self._df is not None  # noqa: S101 - `build` comes first
        with self._timed("check"):
            self._watcher.tell("check", 0, 0)
            try:
                check_counts(self._db, self._df)
            except NotWhole as error:
                raise Refused(f"the new index is not whole: {error}", self.report) from error
            comparison = self.report.comparison = compare(self._db)
        if not may_differ and not comparison.is_alike:
            raise Refused(
                f"{len(comparison.different)} of {comparison.compared} terms find other pictures than before",
                self.report,
            )

    def swap(self, migration: int) -> None:
        """Put the new tables in place, when they have nearly everything."""
        assert self._df is not None  # noqa: S101 - `build` comes first
        with self._timed("swap"):
            self._watcher.tell("swap", 0, 0)
            record_both(self._db)
            announce_new_terms(self._db, self._df)
            self._catch_up(self._df, then=lambda image_ids: record_both(self._db, image_ids))
            self._check_claim()
            tables.swap(self._db, migration, self.owner)
            # What is published since is counted at the end.
            set_df(self._db, self._df)

    def undo(self) -> None:
        """Have the old index as it was, after a swap that has not come about."""
        if "swap" in self.report.seconds:
            record_what_is_there(self._db, is_swapped=False)
            recount(self._db, DEFAULT_LIMIT)
        tables.drop(self._db, self.owner)

    def finish(self) -> None:
        """What remains to be done after a swap. All of it may be repeated, and needs only the tables."""
        with self._timed("finish"):
            self._catch_up_in_place()
            record_what_is_there(self._db, is_swapped=True)
            recount(self._db, DEFAULT_LIMIT)
            forms = self._wrong_forms - self._catching_up.forms
            delete_forms(self._db, forms)
            self.report.forms_deleted = len(forms)
            tables.drop(self._db, self.owner)

    def _index(self, index_ranges: IndexRanges, folder: Path, pictures_per_range: int) -> list[IndexedRange]:
        ranges = list(list_ranges(self._db, pictures_per_range))
        indexed: list[IndexedRange] = []
        for each in index_ranges(ranges, folder, self.owner):
            self._check_claim()
            indexed.append(each)
            self.report.pictures += each.pictures
            self._watcher.tell("index", len(indexed), len(ranges))
        # The names of the files are in the order of the ranges.
        return sorted(indexed, key=lambda each: each.postings)

    def _check_claim(self) -> None:
        self._watcher.check_claim()
        tables.check_owner(self._db, self.owner)

    def _tell_loaded(self, postings: int) -> None:
        self._check_claim()
        self._watcher.tell("load", postings, 0)

    def _catch_up(self, df: Counter[int], then: Callable[[list[int]], None] = lambda _: None) -> None:
        """Catch up until little is left."""
        for _ in range(MAX_ROUNDS):
            self._check_claim()
            image_ids = self._catching_up.catch_up(df)
            then(image_ids)
            self.report.caught_up += len(image_ids)
            self._watcher.tell("catch up", self.report.caught_up, 0)
            if len(image_ids) <= FEW:
                return

    def _catch_up_in_place(self) -> None:
        for _ in range(MAX_ROUNDS):
            tables.check_owner(self._db, self.owner)
            count, is_complete = self._catching_up.catch_up_in_place()
            self.report.caught_up += count
            self._watcher.tell("finish", self.report.caught_up, 0)
            if is_complete:
                return
        raise Unfinished("some pictures are edited all the time; reindex again when less is going on")

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.report.seconds[step] = round(time.monotonic() - started, 3)

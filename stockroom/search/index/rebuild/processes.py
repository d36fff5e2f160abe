"""Ranges of pictures that are indexed by several processes of this machine."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path

from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.index.document import build_document
from stockroom.search.index.rebuild.indexing import Analyse, IdRange, IndexedRange, index_range
from stockroom.search.index.rebuild.rebuild import IndexRanges
from stockroom.search.index.rebuild.vocabulary import Vocabulary


def index_in_processes(settings: Settings, count: int) -> IndexRanges:
    """Have ranges indexed by so many processes; by this one alone if there is one, or one range."""

    def index(ranges: Sequence[IdRange], folder: Path, owner: str) -> Iterator[IndexedRange]:
        if count == 1 or len(ranges) == 1:
            yield from index_here(settings, ranges, folder, owner)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(count, context, _Worker.open, (settings,)) as pool:
            try:
                futures = [pool.submit(_Worker.index, each, folder, owner) for each in ranges]
                for future in as_completed(futures):
                    yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    return index


def index_here(
    settings: Settings,
    ranges: Sequence[IdRange],
    folder: Path,
    owner: str,
    analyse: Analyse = build_document,
) -> Iterator[IndexedRange]:
    """Index ranges in this process, over a connection of its own."""
    with closing(Database(settings)) as db:
        vocabulary = Vocabulary(db)
        for id_range in ranges:
            yield index_range(db, vocabulary, id_range, folder, owner=owner, analyse=analyse)


class _Worker:
    """What a process of the pool keeps from one range to the next."""

    db: Database
    vocabulary: Vocabulary

    @classmethod
    def open(cls, settings: Settings) -> None:
        cls.db = Database(settings)
        cls.vocabulary = Vocabulary(cls.db)

    @classmethod
    def index(cls, id_range: IdRange, folder: Path, owner: str) -> IndexedRange:
        return index_range(cls.db, cls.vocabulary, id_range, folder, owner=owner)

"""The writing half of the search index, by which functions that never search start faster."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from pymysql.cursors import Cursor

from stockroom.runtime.database import Database
from stockroom.search.index import posting_writer
from stockroom.search.index.document import Document
from stockroom.search.index.posting_writer import StaleEntries
from stockroom.search.index.resolver import Entries, Resolver
from stockroom.search.index.term_dictionary import TermDictionary

__all__ = ["IndexWriter", "StaleEntries"]

T = TypeVar("T")
K = TypeVar("K")


class IndexWriter:
    """Makes the pictures of one database findable, and unfindable. One object a process.

    What is remembered of the index is forgotten with each new connection.
    """

    def __init__(self, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._dictionary = TermDictionary(db, clock)
        self._resolver = Resolver(db, self._dictionary, clock)
        self._connections = 0
        db.on_connect(self._note_connection)

    def forget(self) -> None:
        """Forget everything that is remembered of the database."""
        self._dictionary.forget()
        self._resolver.forget()

    def resolve(self, document: Document) -> Entries:
        """The index entries of a document; missing terms are created. Call it outside a transaction."""
        return self._read(lambda: self._resolver.resolve(document))

    def resolve_all(self, documents: Mapping[K, Document]) -> dict[K, Entries]:
        """The index entries of several documents, by the same keys, with as many statements as for one."""
        return self._read(lambda: self._resolver.resolve_all(documents))

    def add(self, cursor: Cursor, image_id: int, entries: Entries) -> None:
        """Make a picture findable by these entries and no others, in the transaction in which it is ready.

        A second time writes nothing. Raises StaleEntries when the entries were resolved before the database
        was restored, or before a term that no picture had was swept.
        """
        self.add_all(cursor, {image_id: entries})

    def add_all(
        self, cursor: Cursor, entries: Mapping[int, Entries], former: Mapping[int, Entries] | None = None
    ) -> None:
        """`add` for several pictures, by id. Round trips do not grow with the number of pictures.

        `former` are the entries of pictures that are findable already. They are needed where a picture was
        published before rows recorded the terms of their pictures.
        """
        self._write(lambda: posting_writer.write_postings(cursor, entries, former))

    def remove(self, cursor: Cursor, image_id: int) -> None:
        """Make a picture unfindable, in the transaction that ends its being ready.

        A second time does nothing. The row must still be there, in any state.
        """
        self.remove_all(cursor, [image_id])

    def remove_all(self, cursor: Cursor, image_ids: Collection[int]) -> None:
        """`remove` for several pictures. Round trips do not grow with the number of pictures."""
        posting_writer.delete_postings(cursor, image_ids)

    def _note_connection(self) -> None:
        self._connections += 1
        self.forget()

    def _read(self, work: Callable[[], T]) -> T:
        """What `work` reads; a second time if a connection was made meanwhile, as ids may have changed."""
        self._db.connect()
        connections = self._connections
        result = work()
        return result if connections == self._connections else work()

    def _write(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StaleEntries:
            self.forget()
            raise

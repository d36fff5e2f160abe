"""The search index as its callers see it: one object a process, which holds the index's memories."""

from collections.abc import Mapping

from pymysql.cursors import Cursor as DatabaseCursor

from stockroom.images.picture import Picture
from stockroom.runtime.database import Database
from stockroom.search.execution import page
from stockroom.search.execution.cursor import Cursor
from stockroom.search.execution.page import Page
from stockroom.search.index import writer
from stockroom.search.index.document import Document
from stockroom.search.index.writer import Entries
from stockroom.search.query.parse import Query
from stockroom.search.suggest import completion
from stockroom.search.suggest.similar import find_similar


class SearchIndex:
    """The inverted index of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find_images(self, query: Query, cursor: Cursor | None, limit: int) -> Page:
        """A page of the pictures that match a query."""
        return page.search(self._db, query, cursor, limit)

    def find_similar(self, picture: Picture, limit: int) -> list[Picture]:
        """Pictures like one, the most similar first."""
        return find_similar(self._db, picture, limit)

    def complete_tags(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The commonest tags that begin with a prefix, with how many pictures carry each."""
        return completion.complete_tags(self._db, prefix, limit)

    def complete_words(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The commonest words that begin with a prefix, with how many pictures have each."""
        return completion.complete_words(self._db, prefix, limit)

    def resolve(self, document: Document) -> Entries:
        """A document's term ids and weights; missing terms are created. Call it outside a transaction."""
        return writer.resolve(self._db, document)

    @staticmethod
    def add(cursor: DatabaseCursor, image_id: int, entries: Mapping[int, int]) -> None:
        """Make a picture findable, in the transaction that sets it `ready`."""
        writer.add(cursor, image_id, entries)

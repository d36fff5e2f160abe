"""Somebody who publishes, edits and deletes pictures while the index is built anew."""

import random

import msgspec
from pymysql.cursors import Cursor

from stockroom.images.picture import Picture as ReadyPicture
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.search.index.document import build_document
from stockroom.search.service import SearchIndex
from tests.search.pictures import Picture, at, stock


class Writer:
    """Writes as the functions do, over a connection of its own."""

    def __init__(self, db: Database, seed: int = 0) -> None:
        self._db = db
        self._index = SearchIndex(db)
        self._rng = random.Random(seed)
        self._ids = [image_id for (image_id,) in db.query("SELECT id FROM image WHERE state = 'ready'")]
        self.count = 0

    def write_something(self) -> None:
        self._rng.choice([self.publish, self.edit, self.edit, self.delete, self.purge])()

    def write_everything(self) -> None:
        """Each kind of change, once."""
        for change in (self.publish, self.edit, self.delete, self.purge):
            change()

    def publish(self) -> None:
        self.count += 1
        # Some pictures are older than others that are there.
        day = self._rng.choice([(2015, 1, 1), (2017, 1, 1)])
        text = f"red boat published{self.count}"
        self._ids += stock(
            self._db, [Picture(id=at(*day, number=self._rng.randrange(10**9)), description=text)]
        )

    def edit(self) -> None:
        self.count += 1
        image_id = self._rng.choice(self._ids)
        text = self._rng.choice(["green", "blue boat", "red tree"]) + f" edited{self.count}"
        (before,) = find_ready(self._db, [image_id])
        entries = self._index.resolve(build_document(describe(before, text)))

        def write(cursor: Cursor) -> None:
            cursor.execute(
                "UPDATE image SET description = %s, hashtags = NULL, revision = revision + 1 WHERE id = %s",
                (text, image_id),
            )
            self._index.add(cursor, image_id, entries)

        self._db.run_transaction(write)

    def delete(self) -> None:
        self._remove("UPDATE image SET state = 'deleted' WHERE id = %s")

    def purge(self) -> None:
        self._remove("DELETE FROM image WHERE id = %s")

    def _remove(self, sql: str) -> None:
        image_id = self._ids.pop(self._rng.randrange(len(self._ids)))

        def write(cursor: Cursor) -> None:
            self._index.remove(cursor, image_id)
            cursor.execute(sql, (image_id,))

        self._db.run_transaction(write)


def describe(picture: ReadyPicture, text: str) -> ReadyPicture:
    """A picture with another description."""
    metadata = msgspec.structs.replace(picture.metadata, description=text, hashtags=())
    return msgspec.structs.replace(picture, metadata=metadata)

"""Ready pictures for search tests, written the way the pipeline writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymysql.cursors import Cursor

from stockroom.analysis.hashtags import parse_hashtags
from stockroom.images import ids, tags
from stockroom.images.picture import Metadata
from stockroom.runtime.database import Database
from stockroom.search.index import writer as postings
from stockroom.search.index.document import Document, describe

OWNER = "Ada"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of a test; `tags` are the explicit ones."""

    id: int
    name: str = "picture.jpg"
    description: str = ""
    tags: tuple[str, ...] = ()
    width: int = 1200
    height: int = 800
    color: str = "#325ab4"
    license: str = "CC-BY-4.0"

    def document(self) -> Document:
        metadata = Metadata(
            name=self.name,
            description=self.description,
            tags=self.tags,
            hashtags=tuple(parse_hashtags(self.description)),
            license=self.license,
        )
        return describe(metadata, self.width, self.height, self.color, OWNER)


def at(year: int, month: int = 1, day: int = 1, number: int = 0) -> int:
    """The id of the `number`th picture of a day."""
    return ids.first_id(datetime(year, month, day, tzinfo=UTC)) + number


def stock(db: Database, pictures: Sequence[Picture]) -> list[int]:
    """Make them ready and findable; their ids."""
    db.execute("INSERT INTO owner (owner_id, issuer, subject, name) VALUES (1, 'test', 'ada', %s)", (OWNER,))
    terms = {picture.id: postings.resolve(db, picture.document()) for picture in pictures}
    rows = [
        (p.id, p.name, p.description, tags.serialize(p.tags), p.license, p.width, p.height, p.color)
        for p in pictures
    ]

    def write(cursor: Cursor) -> None:
        cursor.executemany(
            "INSERT INTO image (id, owner_id, state, size, type, credit, version, thumbhash, "
            "name, description, tags, license, width, height, color) "
            "VALUES (%s, 1, 'ready', 1, 'image/jpeg', '', 1, 'x', %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
        for picture in pictures:
            postings.add(cursor, picture.id, terms[picture.id])

    db.run_transaction(write)
    return [picture.id for picture in pictures]

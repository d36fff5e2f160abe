"""Ready pictures for search tests, written the way the ingest writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from pymysql.cursors import Cursor

from stockroom.analysis.hashtags import parse_hashtags
from stockroom.images import ids, tags
from stockroom.images.picture import Metadata
from stockroom.images.picture import Picture as ReadyPicture
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.runtime.database import Database
from stockroom.search.service import Document, PictureToIndex, SearchIndex, build_document

OWNER = "Ada"
OWNER_ID = 1
BATCH = 500
"""Pictures that are indexed at once, as an edit of many pictures does."""


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
    owner_id: int = OWNER_ID
    title: str = ""
    creator: str = ""
    place: str = ""
    camera: str = ""
    taken: datetime | None = None

    def document(self) -> Document:
        metadata = Metadata(
            name=self.name,
            description=self.description,
            tags=self.tags,
            hashtags=tuple(parse_hashtags(self.description)),
            license=self.license,
            creator=self.creator,
            place=self.place,
        )
        return build_document(
            PictureToIndex(
                metadata=metadata,
                title=self.title,
                camera=self.camera,
                taken=self.taken,
                width=self.width,
                height=self.height,
                color=self.color,
                owner_id=self.owner_id,
            )
        )


def at(year: int, month: int = 1, day: int = 1, number: int = 0) -> int:
    """The id of the `number`th picture of a day."""
    return ids.first_id(datetime(year, month, day, tzinfo=UTC)) + number


def stock(db: Database, pictures: Sequence[Picture]) -> list[int]:
    """Make them ready and findable; their ids."""
    index = SearchIndex(db)
    db.execute(
        "INSERT INTO owner (owner_id, issuer, subject, name, folded_name) VALUES (%s, 'test', 'ada', %s, %s) "
        "ON DUPLICATE KEY UPDATE name = owner.name",
        (OWNER_ID, OWNER, OWNER.lower()),
    )
    batches = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
    entries = [index.resolve_all({picture.id: picture.document() for picture in some}) for some in batches]
    rows = [
        (
            p.id,
            p.owner_id,
            p.name,
            p.description,
            tags.serialize(p.tags),
            p.license,
            p.width,
            p.height,
            p.color,
            p.creator,
            p.place,
            p.camera,
            p.taken,
            msgspec.json.encode(Embedded(title=p.title)).decode() if p.title else None,
        )
        for p in pictures
    ]

    def write(cursor: Cursor) -> None:
        cursor.executemany(
            "INSERT INTO image (id, owner_id, state, size, type, credit, version, thumbhash, "
            "name, description, tags, license, width, height, color, creator, place, camera, taken, "
            "embedded) "
            f"VALUES (%s, %s, 'ready', 1, 'image/jpeg', '', 1, 'x', {', '.join(['%s'] * 12)})",
            rows,
        )
        for some in entries:
            index.add_all(cursor, some)

    db.run_transaction(write)
    return [picture.id for picture in pictures]


def descriptions(pictures: Sequence[ReadyPicture]) -> list[str]:
    """What the pictures of a page say of themselves, in their order."""
    return [picture.metadata.description for picture in pictures]


def image_ids(pictures: Sequence[ReadyPicture]) -> list[int]:
    """The ids of the pictures of a page, in their order."""
    return [picture.image_id for picture in pictures]

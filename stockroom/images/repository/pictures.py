"""The statements that read pictures."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images import tags
from stockroom.images.picture import Metadata, Picture, Position
from stockroom.images.repository.metadata import METADATA_COLUMNS, make_metadata
from stockroom.images.states import ATTEMPT_SECONDS, VISIBLE, State
from stockroom.runtime.database import Database, Row, placeholders


class ImageRow(NamedTuple):
    """What the row of an original says. `revision` counts the changes of the metadata.

    `version` and `formats` are those of a ready picture's renditions. `lacks_renditions`: a ready picture
    whose renditions are to be completed. `has_recent_attempt`: one began so lately that it may be under way.
    `is_taken_down`: the content was taken down, and it was no picture before. `is_visible`: the dates allow
    the picture to be seen now. `was_picture`: the row was a picture before, and has its facts. `filled` names
    the fields of the metadata that were filled from the file. `has_been_read`: what the file says was taken
    over once, so that an empty field is one that somebody has emptied.
    """

    owner_id: int
    owner_name: str
    state: State
    link_key: str
    revision: int
    version: int
    formats: tuple[str, ...]
    lacks_renditions: bool
    has_recent_attempt: bool
    is_taken_down: bool
    was_picture: bool
    filled: tuple[str, ...]
    has_been_read: bool
    is_visible: bool
    metadata: Metadata


_METADATA = ", ".join(f"i.{column}" for column in METADATA_COLUMNS)

# JSON_VALUE makes texts of numbers, too.
_EMBEDDED = ", ".join(
    f"JSON_VALUE(i.embedded, '$.{path}')" for path in ("title", "gps.latitude", "gps.longitude")
)

_IMAGE_ID = len(METADATA_COLUMNS)
"""The place of the id among the columns of _SELECT_PICTURE."""

_SELECT_PICTURE = (
    f"SELECT {_METADATA}, i.id, i.owner_id, COALESCE(o.name, ''), i.width, i.height, i.color, "
    "i.thumbhash, i.taken, i.version, i.formats, i.link_key, i.camera, i.lens, i.filled, i.revision, "
    f"i.edited, {_EMBEDDED}, i.state FROM image i LEFT JOIN owner o ON o.owner_id = i.owner_id"
)
"""A picture whose owner is missing (a restore gone wrong) is still a picture, with an empty owner's name."""


class StatedPicture(NamedTuple):
    """A picture that was published, and the state in which it is now."""

    picture: Picture
    state: State


def find_ready(db: Database, image_ids: Sequence[int]) -> list[Picture]:
    """The ready pictures among `image_ids` that may be seen now, in that order.

    A picture is unseen from the moment on in which it expires, whenever the reaper hides it. One statement;
    one primary-key read each.
    """
    found = _find(db, image_ids, ("ready",), f" AND {VISIBLE}")
    return [found[image_id].picture for image_id in image_ids if image_id in found]


def find_in_states(
    db: Database, image_ids: Collection[int], states: Sequence[State]
) -> dict[int, StatedPicture]:
    """The pictures among `image_ids` that are in one of these states, by id.

    The states are of those that a published picture can have. One statement; one primary-key read each.
    """
    return _find(db, image_ids, states)


def _find(
    db: Database, image_ids: Collection[int], states: Sequence[State], condition: str = ""
) -> dict[int, StatedPicture]:
    if not image_ids:
        return {}
    rows = db.query(
        f"{_SELECT_PICTURE} WHERE i.id IN ({placeholders(image_ids)}) "
        f"AND i.state IN ({placeholders(states)}){condition}",
        (*image_ids, *states),
    )
    return {row[_IMAGE_ID]: StatedPicture(_picture(row), row[-1]) for row in rows}


class PictureLink(NamedTuple):
    """What the links to a ready picture and to its renditions are made of."""

    image_id: int
    link_key: str
    version: int
    edited: datetime | None


def list_links(db: Database, id_range: tuple[int, int], limit: int) -> list[PictureLink]:
    """The links of the pictures in a range of ids that may be seen now, oldest first, at most `limit`.

    The end is exclusive. PRIMARY of image: one range, with the few rows in it that are not ready.
    """
    rows = db.query(
        "SELECT id, link_key, version, edited FROM image WHERE id >= %s AND id < %s AND state = 'ready' "
        f"AND {VISIBLE} ORDER BY id LIMIT {limit:d}",
        id_range,
    )
    return [PictureLink(*row) for row in rows]


def read_ready(cursor: Cursor, image_id: int) -> Picture | None:
    """A ready picture, read inside a transaction; None when there is none. One primary-key read."""
    cursor.execute(f"{_SELECT_PICTURE} WHERE i.state = 'ready' AND i.id = %s", (image_id,))
    rows = cursor.fetchall()
    return _picture(rows[0]) if rows else None


def is_ready(db: Database, image_id: int) -> bool:
    """Whether an id is that of a ready picture that may be seen now. One primary-key read."""
    return bool(db.query(f"SELECT 1 FROM image WHERE id = %s AND state = 'ready' AND {VISIBLE}", (image_id,)))


def find_row(db: Database, image_id: int) -> ImageRow | None:
    """A row in any state; None when there is no row. Three primary-key reads.

    A row whose owner is missing (a restore gone wrong) is still a row, with an empty owner's name.
    """
    rows = db.query(
        f"SELECT {_METADATA}, i.owner_id, COALESCE(o.name, ''), i.state, i.link_key, i.revision, "
        "i.version, i.formats, i.state = 'ready' AND i.deadline IS NOT NULL, "
        f"COALESCE(i.attempted_at > UTC_TIMESTAMP(3) - INTERVAL {ATTEMPT_SECONDS} SECOND, 0), "
        "i.width IS NULL AND EXISTS (SELECT 1 FROM takedown t WHERE t.sha256 = i.sha256), "
        "i.width IS NOT NULL, i.filled, "
        f"i.embedded IS NOT NULL, {VISIBLE} FROM image i "
        "LEFT JOIN owner o ON o.owner_id = i.owner_id WHERE i.id = %s",
        (image_id,),
    )
    if not rows:
        return None
    (
        *metadata,
        owner_id,
        owner_name,
        state,
        link_key,
        revision,
        version,
        formats,
        lacks_renditions,
        has_recent_attempt,
        is_taken_down,
        was_picture,
        filled,
        has_been_read,
        is_visible,
    ) = rows[0]
    return ImageRow(
        owner_id=owner_id,
        owner_name=owner_name,
        state=state,
        link_key=link_key,
        revision=revision,
        version=version,
        formats=_split(formats),
        lacks_renditions=bool(lacks_renditions),
        has_recent_attempt=bool(has_recent_attempt),
        is_taken_down=bool(is_taken_down),
        was_picture=bool(was_picture),
        filled=_split(filled),
        has_been_read=bool(has_been_read),
        is_visible=bool(is_visible),
        metadata=make_metadata(metadata),
    )


def _picture(row: Row) -> Picture:
    """A row of the statement in _SELECT_PICTURE."""
    (
        *metadata,
        image_id,
        owner_id,
        owner_name,
        width,
        height,
        color,
        thumbhash,
        taken,
        version,
        formats,
        link_key,
        camera,
        lens,
        filled,
        revision,
        edited,
        title,
        latitude,
        longitude,
        _,
    ) = row
    return Picture(
        image_id=image_id,
        owner_id=owner_id,
        owner_name=owner_name,
        metadata=make_metadata(metadata),
        width=width,
        height=height,
        color=color,
        thumbhash=thumbhash,
        taken=taken,
        version=version,
        formats=_split(formats),
        link_key=link_key,
        title=title or "",
        camera=camera,
        lens=lens,
        gps=None if latitude is None or longitude is None else Position(float(latitude), float(longitude)),
        filled=_split(filled),
        revision=revision,
        edited=edited,
    )


def _split(column: str) -> tuple[str, ...]:
    """The names in one of the columns `formats` and `filled`."""
    return tuple(column.split(",")) if column else ()


def read_metadata(cursor: Cursor, image_ids: Sequence[int]) -> dict[int, Metadata]:
    """The metadata of rows in any state, inside a transaction, by id. One primary-key read each."""
    if not image_ids:
        return {}
    cursor.execute(
        f"SELECT {_METADATA}, i.id FROM image i WHERE i.id IN ({placeholders(image_ids)})", image_ids
    )
    return {image_id: make_metadata(metadata) for *metadata, image_id in cursor.fetchall()}


class PictureText(NamedTuple):
    """The texts of a ready picture in which phrases are looked for; `tags` are the explicit ones."""

    description: str
    name: str
    tags: tuple[str, ...]
    title: str = ""
    creator: str = ""
    place: str = ""


def find_texts(db: Database, image_ids: Sequence[int]) -> dict[int, PictureText]:
    """The texts of the ready pictures among `image_ids`. PRIMARY of image, one read each."""
    rows = db.query(
        "SELECT id, description, name, tags, COALESCE(JSON_VALUE(embedded, '$.title'), ''), creator, place "
        f"FROM image WHERE id IN ({placeholders(image_ids)}) "
        "AND state = 'ready'",
        image_ids,
    )
    return {
        image_id: PictureText(description, name, tags.deserialize(explicit), *others)
        for image_id, description, name, explicit, *others in rows
    }


def find_perceptual_hashes(db: Database, image_ids: Sequence[int]) -> dict[int, int]:
    """The 64-bit perceptual hashes of those of `image_ids` that have one. PRIMARY of image, one read each."""
    return dict(
        db.query(
            f"SELECT id, phash FROM image WHERE id IN ({placeholders(image_ids)}) AND phash IS NOT NULL",
            image_ids,
        )
    )


def find_oldest_and_newest(db: Database) -> tuple[int, int] | None:
    """The first and the last id of all rows; None when there are none. Two reads of the primary key."""
    ((oldest, newest),) = db.query("SELECT MIN(id), MAX(id) FROM image")
    return None if oldest is None else (oldest, newest)

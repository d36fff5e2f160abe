"""The catalogue: rows of pictures as the API shows them."""

import base64
from collections.abc import Sequence
from typing import Any

from stockroom.api import schemas as models
from stockroom.images import ids, tags
from stockroom.images.storage import RENDITIONS, rendition_key
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.runtime.timestamps import rfc3339

COLUMNS = (
    "i.id, i.name, i.description, i.tags, i.license, i.credit, i.width, i.height, i.color, i.thumbhash, "
    "i.taken, i.version, o.name, i.formats"
)


def images(db: Database, wanted: Sequence[int]) -> list[models.Image]:
    """The ready pictures among `wanted`, in that order. One statement; one primary-key read each."""
    if not wanted:
        return []
    rows = db.query(
        f"SELECT {COLUMNS} FROM image i JOIN owner o ON o.owner_id = i.owner_id "
        f"WHERE i.id IN ({placeholders(wanted)}) AND i.state = 'ready'",
        wanted,
    )
    found = {row[0]: image(row) for row in rows}
    return [found[number] for number in wanted if number in found]


def image(row: Row) -> models.Image:
    """A row of COLUMNS as the API shows it."""
    number: int = row[0]
    return models.Image(
        id=ids.encode(number),
        name=row[1],
        description=row[2],
        tags=tags.shown(tags.loaded(row[3]), row[2]),
        license=row[4],
        credit=row[5],
        width=row[6],
        height=row[7],
        color=row[8],
        thumbhash=base64.b64encode(row[9]).decode(),
        created=rfc3339(ids.created(number)),
        taken=None if row[10] is None else rfc3339(row[10]),
        owner=row[12],
        urls=_urls(number, row[11], row[13]),
    )


def _urls(number: int, version: Any, formats: str) -> models.ImageUrls:
    def url(name: str, format_: str = "jpeg") -> str:
        return "/" + rendition_key(number, version, name, format_)

    further = {
        f"p{name[:-1]}_{format_}": url(name, format_)
        for format_ in formats.split(",")
        if format_
        for name in RENDITIONS
    }
    return models.ImageUrls(p240=url("240p"), p720=url("720p"), **further)

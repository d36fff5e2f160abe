"""What happens when an original lands: it becomes a ready picture, a failed one with a reason, or goes.

State moves only by conditional updates and content under a key never changes, so duplicate, late and
reordered events are harmless.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pymysql.cursors import Cursor

from stockroom import ids, tags
from stockroom.database import Database
from stockroom.failure import fail
from stockroom.renditions import FORMATS, Options, Refused, Rendered, render
from stockroom.resources import Resources
from stockroom.search import postings
from stockroom.search.documents import Document
from stockroom.storage import RENDITION_VERSION, Storage
from stockroom.timestamps import column, now

Outcome = Literal["ready", "failed", "orphan", "kept", "superseded"]
"""What became of an event: a picture; a failure with its reason; an object without a row, deleted; one left
alone; one whose row was no longer pending when the work was done."""

ORPHAN_DAYS = 7
"""Objects without a row are deleted only when younger: after a restore, older ones must survive."""

_MEDIA_TYPES = {known.name: known.media_type for known in FORMATS}


@dataclass(frozen=True)
class _Picture:
    """What the row of an original says of it."""

    owner: str
    state: str
    name: str
    description: str
    tags: list[str]
    license: str


def process(at: Resources, number: int) -> Outcome:
    """Handle the arrival of the original of picture `number`. Safe to repeat."""
    db, storage, settings = at.db, at.storage, at.settings
    picture = _picture(db, number)
    if picture is None:
        return _orphan(storage, number)
    pending = picture.state == "pending"
    data = storage.read_original(number, settings.max_bytes) if pending else None
    if data is None:
        return "kept"
    if len(data) > settings.max_bytes:
        return _fail(db, storage, number, "too-large", f"The file has more than {settings.max_bytes} bytes.")
    try:
        rendered = render(data, Options(max_pixels=settings.max_pixels))
    except Refused as refused:
        return _fail(db, storage, number, refused.code, refused.sentence)
    with ThreadPoolExecutor(len(rendered.renditions)) as pool:
        writes = [
            pool.submit(storage.write_rendition, number, RENDITION_VERSION, name, rendition.data)
            for name, rendition in rendered.renditions.items()
        ]
        term_ids = postings.resolve(db, _document(picture, rendered))
        for write in writes:
            write.result()
    if db.transact(lambda cursor: _publish(cursor, number, rendered, term_ids)):
        return "ready"
    return _superseded(db, storage, number)


def _picture(db: Database, number: int) -> _Picture | None:
    # Two primary-key reads.
    rows = db.query(
        "SELECT o.name, i.state, i.name, i.description, i.tags, i.license "
        "FROM image i JOIN owner o ON o.owner_id = i.owner_id WHERE i.id = %s",
        (number,),
    )
    if not rows:
        return None
    owner, state, name, description, stored, license_ = rows[0]
    return _Picture(owner, state, name, description, tags.loaded(stored), license_)


def _orphan(storage: Storage, number: int) -> Outcome:
    if now() - ids.created(number) > timedelta(days=ORPHAN_DAYS):
        return "kept"
    storage.delete_original(number)
    return "orphan"


def _fail(db: Database, storage: Storage, number: int, code: str, detail: str) -> Outcome:
    if not fail(db, number, code, detail):
        return _superseded(db, storage, number)
    storage.delete_original(number)
    return "failed"


def _document(picture: _Picture, rendered: Rendered) -> Document:
    return Document(
        name=picture.name,
        description=picture.description,
        tags=tuple(tags.shown(picture.tags, picture.description)),
        orientation=rendered.orientation,
        color=rendered.color,
        owner=picture.owner,
        license=picture.license,
    )


def _publish(cursor: Cursor, number: int, rendered: Rendered, term_ids: postings.Entries) -> bool:
    """Ready and findable in one transaction; False when the row was not pending."""
    changed = cursor.execute(
        "UPDATE image SET state = 'ready', deadline = NULL, version = %s, width = %s, height = %s, "
        "color = %s, thumbhash = %s, phash = %s, taken = %s, type = %s "
        "WHERE id = %s AND state = 'pending'",
        (
            RENDITION_VERSION,
            rendered.width,
            rendered.height,
            rendered.color,
            rendered.thumbhash,
            rendered.phash,
            None if rendered.taken is None else column(rendered.taken),
            _MEDIA_TYPES[rendered.format],
            number,
        ),
    )
    if changed:
        postings.add(cursor, number, term_ids)
    return bool(changed)


def _superseded(db: Database, storage: Storage, number: int) -> Outcome:
    """Another delivery of the event was faster, or the row has gone: leave a picture, remove the rest."""
    picture = _picture(db, number)
    if picture is None or picture.state != "ready":
        storage.delete_renditions(number)
        storage.delete_original(number)
    return "superseded"

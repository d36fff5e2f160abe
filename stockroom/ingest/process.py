"""What happens when an original lands: it becomes a ready picture, a failed one with a reason, or goes.

State moves only by conditional updates and content under a key never changes, so duplicate, late and
reordered events are harmless.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Metadata
from stockroom.images.repository import find_any
from stockroom.images.storage import RENDITION_VERSION, Storage
from stockroom.ingest.failure import fail
from stockroom.renditions import FORMATS, Options, Refused, Rendered, Rendition
from stockroom.renditions.decoder import Decoder, DecoderFault
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger
from stockroom.runtime.timestamps import column, now
from stockroom.search.service import Document, Entries, PictureFacts, build_document

Outcome = Literal["ready", "failed", "orphan", "kept", "superseded"]
"""What became of an event: a picture; a failure with its reason; an object without a row, deleted; one left
alone; one whose row was no longer pending when the work was done."""

ORPHAN_DAYS = 7
"""Objects without a row are deleted only when younger: after a restore, older ones must survive."""

_MEDIA_TYPES = {known.name: known.media_type for known in FORMATS}


@dataclass(frozen=True)
class _Picture:
    """What the row of an original says of it."""

    owner_name: str
    state: str
    metadata: Metadata


def process(at: Resources, number: int, renderer: Decoder | None = None) -> Outcome:
    """Handle the arrival of the original of picture `number`. Safe to repeat."""
    db, storage = at.db, at.storage
    renderer = renderer or at.decoder
    # It loads libvips while the database and storage are being asked.
    renderer.start()
    picture = _picture(db, number)
    if picture is None:
        return _orphan(storage, number)
    if picture.state != "pending":
        return _settled(storage, number, picture.state)
    options = Options(max_bytes=at.settings.max_bytes, max_pixels=at.settings.max_pixels)
    try:
        with storage.original(number) as original:
            if original is None:
                return "kept"
            rendered = renderer.render(original.size, original.chunks, options)
    except Refused as refused:
        return _fail(db, storage, number, refused.code, refused.sentence)
    with _writing(storage, number, rendered.renditions, "jpeg"):
        entries = at.search_index.resolve(_document(picture, rendered))
    if not db.transact(lambda cursor: _publish(at, cursor, number, rendered, entries)):
        return _superseded(db, storage, number)
    _add_formats(at, number, renderer, options)
    return "ready"


def _settled(storage: Storage, number: int, state: str) -> Outcome:
    if state == "ready":
        return "kept"
    # Failed or being deleted, and stored again by a ticket that was still good.
    storage.delete_original(number)
    return "superseded"


@contextmanager
def _writing(
    storage: Storage, number: int, renditions: Mapping[str, Rendition], format_: str
) -> Iterator[None]:
    """All renditions on their way to storage at once; when it ends, they are there or it raises."""
    with ThreadPoolExecutor(len(renditions)) as pool:
        writes = [
            pool.submit(storage.write_rendition, number, RENDITION_VERSION, name, rendition, format_)
            for name, rendition in renditions.items()
        ]
        yield
        for write in writes:
            write.result()


def _add_formats(at: Resources, number: int, renderer: Decoder, options: Options) -> None:
    """The further formats of a picture that is ready already; each counts when it is written."""
    made: list[str] = []
    for format_ in at.settings.formats:
        if format_ == "jpeg":
            continue
        try:
            renditions = renderer.encode(format_, options)
        except DecoderFault:
            # The picture has its JPEGs, and nothing here is a reason to take it back.
            logger.exception("format left out", extra={"format": format_})
            continue
        with _writing(at.storage, number, renditions, format_):
            pass
        made.append(format_)
        changed = at.db.execute(
            "UPDATE image SET formats = %s WHERE id = %s AND state = 'ready' AND version = %s",
            (",".join(made), number, RENDITION_VERSION),
        )
        if not changed:
            # Deleted meanwhile, perhaps before these were written; or it was changed by a first try
            # whose answer was lost.
            _superseded(at.db, at.storage, number)
            return


def _picture(db: Database, number: int) -> _Picture | None:
    found = find_any(db, number)
    return None if found is None else _Picture(*found)


def _orphan(storage: Storage, number: int) -> Outcome:
    if now() - ids.created(number) > timedelta(days=ORPHAN_DAYS):
        return "kept"
    # Its renditions too: an upload can be cancelled between their writing and its publishing.
    storage.delete_renditions(number)
    storage.delete_original(number)
    return "orphan"


def _fail(db: Database, storage: Storage, number: int, code: str, detail: str) -> Outcome:
    if not fail(db, number, code, detail):
        return _superseded(db, storage, number)
    storage.delete_original(number)
    return "failed"


def _document(picture: _Picture, rendered: Rendered) -> Document:
    return build_document(
        PictureFacts(
            metadata=picture.metadata,
            width=rendered.width,
            height=rendered.height,
            color=rendered.color,
            owner_name=picture.owner_name,
        )
    )


def _publish(at: Resources, cursor: Cursor, number: int, rendered: Rendered, entries: Entries) -> bool:
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
        at.search_index.add(cursor, number, entries)
    return bool(changed)


def _superseded(db: Database, storage: Storage, number: int) -> Outcome:
    """Another delivery of the event was faster, or the row has gone: leave a picture, remove the rest."""
    picture = _picture(db, number)
    if picture is None or picture.state != "ready":
        storage.delete_renditions(number)
        storage.delete_original(number)
    return "superseded"

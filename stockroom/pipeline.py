"""What happens when an original lands: it becomes a ready picture, a failed one with a reason, or goes.

State moves only by conditional updates and content under a key never changes, so duplicate, late and
reordered events are harmless.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pymysql.cursors import Cursor

from stockroom import ids, tags
from stockroom.database import Database
from stockroom.failure import fail
from stockroom.observability import logger
from stockroom.renditions import ImageRejected, Options, Rendered, Rendition
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.resources import Resources, decoder
from stockroom.search import postings
from stockroom.search.documents import Document
from stockroom.storage import RENDITION_VERSION, Storage
from stockroom.timestamps import column, now

Outcome = Literal["ready", "failed", "orphan", "kept", "superseded"]
"""What became of an event: a picture; a failure with its reason; an object without a row, deleted; one left
alone; one whose row was no longer pending when the work was done."""

ORPHAN_DAYS = 7
"""Objects without a row are deleted only when younger: after a restore, older ones must survive."""


@dataclass(frozen=True)
class _Picture:
    """What the row of an original says of it."""

    owner: str
    state: str
    name: str
    description: str
    tags: list[str]
    license: str


def process(at: Resources, number: int, renderer: Decoder | None = None) -> Outcome:
    """Handle the arrival of the original of picture `number`. Safe to repeat."""
    db, storage = at.db, at.storage
    renderer = renderer or decoder()
    # It loads libvips while the database and storage are being asked.
    renderer.start()
    picture = _picture(db, number)
    if picture is None:
        return _orphan(storage, number)
    if picture.state != "pending":
        return _settled(storage, number, picture.state)
    options = Options(max_bytes=at.settings.max_bytes, max_pixels=at.settings.max_pixels)
    with ExitStack() as decoding:
        try:
            with storage.original(number) as original:
                if original is None:
                    return "kept"
                sandboxed = decoding.enter_context(
                    renderer.decode(original.size, original.chunks, options, at.settings.formats)
                )
        except ImageRejected as rejected:
            return _fail(db, storage, number, rejected.code, rejected.sentence)
        rendered = sandboxed.rendered
        with _writing(storage, number, rendered.renditions, "jpeg"):
            term_ids = postings.resolve(db, _document(picture, rendered))
        if not db.transact(lambda cursor: _publish(cursor, number, rendered, term_ids)):
            return _superseded(db, storage, number)
        _add_formats(at, number, sandboxed)
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


def _add_formats(at: Resources, number: int, sandboxed: SandboxedPicture) -> None:
    """The further formats of a picture that is ready already; each counts when it is written."""
    made: list[str] = []
    for further in sandboxed.further_formats():
        if further.fault:
            # The picture has its JPEGs, and nothing here is a reason to take it back.
            logger.error("format left out", extra={"format": further.name, "fault": further.fault})
            continue
        with _writing(at.storage, number, further.renditions, further.name):
            pass
        made.append(further.name)
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
    # Two primary-key reads. A row whose owner is missing (a restore gone wrong) is a row: its original stays.
    rows = db.query(
        "SELECT COALESCE(o.name, ''), i.state, i.name, i.description, i.tags, i.license "
        "FROM image i LEFT JOIN owner o ON o.owner_id = i.owner_id WHERE i.id = %s",
        (number,),
    )
    if not rows:
        return None
    owner, state, name, description, stored, license_ = rows[0]
    return _Picture(owner, state, name, description, tags.loaded(stored), license_)


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
            None if rendered.capture_time is None else column(rendered.capture_time),
            rendered.media_type,
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

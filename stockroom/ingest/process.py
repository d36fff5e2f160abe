"""What happens when an original arrives: it becomes a ready picture, a failed upload with a reason, or goes.

Rows change only by conditional updates, and the content under a key never changes. Duplicate, late and
reordered events are therefore harmless.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.repository import lifecycle
from stockroom.images.repository.pictures import ImageRow, find_row
from stockroom.images.states import State
from stockroom.images.storage import RENDITION_VERSION, Storage
from stockroom.ingest.failure import fail_upload
from stockroom.renditions import ImageRejected, Options, Rendered, Rendition
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.renditions.sandbox.failures import DecoderFailed
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now
from stockroom.search.filters import PictureFacts
from stockroom.search.index.document import Document, build_document

if TYPE_CHECKING:
    # Importing the whole index here would lengthen each cold start by its searching half.
    from stockroom.search.service import SearchIndex

Outcome = Literal["ready", "failed", "orphan", "kept", "superseded"]
"""What became of an event. "ready": a picture. "failed": a failed upload. "orphan": the original had no row
and was deleted. "kept": nothing was to be done. "superseded": the row was no longer pending."""

ORPHAN_DAYS = 7
"""An original without a row is deleted only while it is younger: after a restore of the database, older
originals may be the only copy."""


@dataclass(kw_only=True)
class OriginalProcessor:
    """Handles originals that have arrived, with the parts of one process."""

    db: Database
    storage: Storage
    search_index: "SearchIndex"
    decoder: Decoder
    settings: Settings

    def process(self, image_id: int) -> Outcome:
        """Handle the arrival of one original. Safe to repeat.

        Whatever is not a verdict about the file (storage or the database is away) is raised; the event then
        comes again.
        """
        # The decoder loads libvips while the database and storage are being asked.
        self.decoder.start()
        row = find_row(self.db, image_id)
        if row is None:
            return self._delete_orphan(image_id)
        if row.state != "pending":
            return self._leave_or_delete(image_id, row.state)
        try:
            with self._decode(image_id) as picture:
                return "kept" if picture is None else self._publish(image_id, row, picture)
        except ImageRejected as rejected:
            has_failed = fail_upload(self.db, self.storage, image_id, rejected.code, rejected.sentence)
            return "failed" if has_failed else self._supersede(image_id)

    @contextmanager
    def _decode(self, image_id: int) -> Iterator[SandboxedPicture | None]:
        """The picture of an original, for the `with` block; None when there is no original.

        Raises ImageRejected when the file is not accepted; DecoderUnavailable or DecoderFault when it was not
        judged.
        """
        with ExitStack() as decoding:
            try:
                picture = self._open_picture(image_id, decoding)
            except DecoderFailed as first:
                # Something else than this file may have been the reason: the original is opened again, and
                # decoded in a fresh process.
                logger.warning("decoder failed", extra={"image_id": image_id, "reason": str(first)})
                self.decoder.start()
                try:
                    picture = self._open_picture(image_id, decoding)
                except DecoderFailed as second:
                    logger.warning(
                        "decoder failed again", extra={"image_id": image_id, "reason": str(second)}
                    )
                    raise second.rejection from second
            yield picture

    def _open_picture(self, image_id: int, decoding: ExitStack) -> SandboxedPicture | None:
        """The picture of an original, until `decoding` is closed; None when there is no original."""
        options = Options(max_bytes=self.settings.max_bytes, max_pixels=self.settings.max_pixels)
        # The download ends with the first answer: further formats need no more of the original.
        with self.storage.open_original(image_id) as original:
            if original is None:
                return None
            return decoding.enter_context(
                self.decoder.decode(original.size, original.chunks, options, self.settings.formats)
            )

    def _publish(self, image_id: int, row: ImageRow, picture: SandboxedPicture) -> Outcome:
        """Write the JPEGs, make the picture ready and findable in one transaction, then add other formats."""
        rendered = picture.rendered
        with _writing_renditions(self.storage, image_id, rendered.renditions, "jpeg"):
            entries = self.search_index.resolve(_document(row, rendered))

        def publish(cursor: Cursor) -> bool:
            is_published = lifecycle.publish(cursor, image_id, rendered, version=RENDITION_VERSION)
            if is_published:
                self.search_index.add(cursor, image_id, entries)
            return is_published

        if not self.db.run_transaction(publish):
            return self._supersede(image_id)
        self._add_formats(image_id, picture)
        return "ready"

    def _add_formats(self, image_id: int, picture: SandboxedPicture) -> None:
        """Write the further formats of a published picture; each is recorded as soon as it is written."""
        written: tuple[str, ...] = ()
        for further in picture.further_formats():
            if further.fault:
                # The picture is published with its JPEGs, and a missing format is no reason to take it back.
                logger.error("format left out", extra={"format": further.name, "fault": further.fault})
                continue
            with _writing_renditions(self.storage, image_id, further.renditions, further.name):
                pass
            written += (further.name,)
            if not lifecycle.set_formats(self.db, image_id, written, version=RENDITION_VERSION):
                # Either the picture was deleted meanwhile, perhaps before these renditions were written, or
                # the first attempt of this statement succeeded and its answer was lost with the connection.
                self._supersede(image_id)
                return

    def _delete_orphan(self, image_id: int) -> Outcome:
        """Delete an original without a row, unless it is old."""
        if now() - ids.created_at(image_id) > timedelta(days=ORPHAN_DAYS):
            return "kept"
        # An upload that was cancelled between rendering and publishing has renditions too.
        self._delete_objects(image_id)
        return "orphan"

    def _leave_or_delete(self, image_id: int, state: State) -> Outcome:
        """Leave a ready picture alone; delete an original that was stored again for any other row."""
        if state == "ready":
            return "kept"
        self.storage.delete_original(image_id)
        return "superseded"

    def _supersede(self, image_id: int) -> Outcome:
        """Delete what was written for a row that is no longer pending, unless it is a picture by now.

        A picture means that another delivery of the same event was faster.
        """
        row = find_row(self.db, image_id)
        if row is None or row.state != "ready":
            self._delete_objects(image_id)
        return "superseded"

    def _delete_objects(self, image_id: int) -> None:
        self.storage.delete_renditions(image_id)
        self.storage.delete_original(image_id)


@contextmanager
def _writing_renditions(
    storage: Storage, image_id: int, renditions: Mapping[str, Rendition], format_: str
) -> Iterator[None]:
    """Write all renditions at the same time and run the `with` block meanwhile.

    The end of the block waits for the writes, and raises what a write raised.
    """
    with ThreadPoolExecutor(len(renditions)) as pool:
        writes = [
            pool.submit(storage.write_rendition, image_id, RENDITION_VERSION, name, rendition, format_)
            for name, rendition in renditions.items()
        ]
        yield
        for write in writes:
            write.result()


def _document(row: ImageRow, rendered: Rendered) -> Document:
    return build_document(
        PictureFacts(
            metadata=row.metadata,
            width=rendered.width,
            height=rendered.height,
            color=rendered.color,
            owner_name=row.owner_name,
        )
    )

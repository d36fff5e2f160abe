"""What happens when an original arrives: it becomes a ready picture, or a failed upload with a reason.

Rows change only by conditional updates, and the content under a key never changes. Duplicate, late and
reordered events are therefore harmless. An original is deleted only when its row says that it is deleting. An
event at a row that is deleted or hidden changes nothing, as the picture may be restored or shown. After a
restore of the database, an original without a row may be the only copy, which the audit reports.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from aws_lambda_powertools.metrics import MetricUnit
from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.images import change_log, visibility
from stockroom.images.log_context import about
from stockroom.images.repository import deletion, lifecycle
from stockroom.images.repository.metadata import FilledMetadata
from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.images.repository.pictures import ImageRow, find_row
from stockroom.images.states import FailureCode
from stockroom.images.storage import RenditionKey, Storage
from stockroom.ingest.decoding import decode_original
from stockroom.ingest.filling import fill_metadata
from stockroom.ingest.rendition_writing import write_renditions
from stockroom.renditions import ImageRejected, Rendered
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.renditions.sandbox.failures import DecoderUnavailable
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.observability import logger, metrics
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now
from stockroom.search.filters import PictureToIndex
from stockroom.search.index.document import Document, build_document

if TYPE_CHECKING:
    # Importing the whole index here would lengthen each cold start by its searching half.
    from stockroom.search.service import SearchIndex

Outcome = Literal["ready", "hidden", "failed", "orphan", "kept", "superseded"]
"""What became of an event. "ready": a picture, with all its renditions. "hidden": a picture that may not be
seen now, by its dates, without any renditions. "failed": a failed upload. "orphan": the original has no row.
"kept": nothing was to be done. "superseded": the row changed meanwhile."""

READY_METRIC = "TimeToReady"
"""From the end of a contributor's PUT until the picture is public."""

OUTSIDE_ERRORS = (Unavailable, DecoderUnavailable, EOFError)
"""Errors that say nothing about the file: the database, storage or the decoder is away."""

EXHAUSTED = (
    "The picture could not be processed, several times over. Its file is kept; the operator can have it "
    "processed again. Until then, export the picture again and upload that."
)


WAS_PICTURE = " It was a picture before: its file and its metadata are kept until it is one again."
"""What is added to the reason why a picture could not be shown again."""


class OriginalProcessor(Struct, kw_only=True):
    """Handles originals that have arrived, with the parts of one process."""

    db: Database
    storage: Storage
    search_index: "SearchIndex"
    decoder: Decoder
    settings: Settings

    def process(self, image_id: int, landed_at: datetime | None = None) -> Outcome:
        """Handle the arrival of one original. Safe to repeat.

        `landed_at` is when the contributor's PUT ended; None where the original is announced again. Whatever
        is not a verdict about the file (storage or the database is away) is raised; the event then comes
        again.
        """
        # The decoder loads libvips while the database and storage are being asked.
        self.decoder.start()
        with about(image_id):
            row = find_row(self.db, image_id)
            if row is None:
                return "orphan"
            if row.state == "pending" and row.is_taken_down:
                return self._take_down(image_id)
            if row.state == "pending":
                return self._make_picture(image_id, row, landed_at)
            if row.state == "ready" and row.lacks_renditions:
                return self._complete_renditions(image_id, row)
            if row.state == "deleting":
                self._delete_objects(image_id, row)
                return "superseded"
            return "kept"

    def _make_picture(self, image_id: int, row: ImageRow, landed_at: datetime | None) -> Outcome:
        """Pending becomes ready, or failed."""
        try:
            with self._attempt(image_id, row) as may_try:
                if not may_try and self._is_left_to_others(image_id, row):
                    return "kept"
                if not may_try:
                    return self._fail(image_id, row, "processing-failed", EXHAUSTED)
                with decode_original(image_id, self.storage, self.decoder, self.settings) as picture:
                    if picture is not None:
                        return self._finish(image_id, row, picture, landed_at)
                # There is nothing to try: nobody has uploaded the original yet.
                lifecycle.refund_attempt(self.db, image_id)
                return "kept"
        except ImageRejected as rejected:
            return self._fail(image_id, row, rejected.code, rejected.sentence)

    def _complete_renditions(self, image_id: int, row: ImageRow) -> Outcome:
        """Write all renditions of a ready picture again: some of them were never written, or are lost."""
        try:
            with self._attempt(image_id, row) as may_try:
                if may_try:
                    with decode_original(image_id, self.storage, self.decoder, self.settings) as picture:
                        if picture is not None:
                            key = RenditionKey(image_id, row.link_key, row.version)
                            with write_renditions(self.storage, key, picture.rendered.renditions, JPEG.name):
                                pass
                            return self._add_formats(key, picture)
                elif self._is_left_to_others(image_id, row):
                    return "kept"
        except ImageRejected as rejected:
            logger.error("renditions left out", extra={"code": rejected.code})
        else:
            # Either the attempts are used up, or the one that may begin has found no original.
            logger.error("renditions left out", extra={"has_original": not may_try})
        lifecycle.finish_formats(self.db, image_id, row.formats, version=row.version, link_key=row.link_key)
        return "kept"

    def _is_left_to_others(self, image_id: int, row: ImageRow) -> bool:
        """Whether somebody else sees to an original at which no attempt may begin.

        The last attempt may be under way, and about to publish the picture; the row of before may not know it
        yet, and the reaper comes back. Or the picture was hidden and shown meanwhile, with other links: it is
        announced again.
        """
        newest = find_row(self.db, image_id)
        return newest is not None and (newest.has_recent_attempt or newest.link_key != row.link_key)

    @contextmanager
    def _attempt(self, image_id: int, row: ImageRow) -> Iterator[bool]:
        """Count an attempt for the `with` block, which gets whether there may be one more.

        An attempt that ends for a reason outside of the file does not count.
        """
        may_try = lifecycle.begin_attempt(self.db, image_id, link_key=row.link_key)
        try:
            yield may_try
        except OUTSIDE_ERRORS:
            if may_try:
                try:
                    lifecycle.refund_attempt(self.db, image_id)
                except Unavailable:
                    logger.warning("attempt not taken back")
            raise

    def _finish(
        self, image_id: int, row: ImageRow, picture: SandboxedPicture, landed_at: datetime | None
    ) -> Outcome:
        """Publish a picture that may be seen now, and any other as hidden."""
        if row.is_visible:
            return self._publish(image_id, row, picture, landed_at)
        return self._publish_hidden(image_id, row, picture, landed_at)

    def _publish_hidden(
        self, image_id: int, row: ImageRow, picture: SandboxedPicture, landed_at: datetime | None
    ) -> Outcome:
        """Pending becomes hidden, and no rendition is written."""
        rendered = picture.rendered
        filled = fill_metadata(row, rendered.embedded)

        def publish_hidden(cursor: Cursor) -> bool:
            is_hidden = lifecycle.publish_hidden(cursor, image_id, rendered, filled, revision=row.revision)
            if is_hidden:
                change_log.append(cursor, change_log.LIBRARY, "hide", {image_id: {}})
            return is_hidden

        if not self.db.run_transaction(publish_hidden):
            newest = find_row(self.db, image_id)
            if newest is None or newest.state != "pending":
                return self._supersede(image_id, newest, row.link_key)
            if newest.is_taken_down:
                return self._take_down(image_id)
            # Its contributor has changed its metadata, or its time has come.
            return self._finish(image_id, newest, picture, landed_at)
        logger.info("published as hidden")
        # An earlier attempt, when its dates were others, may have left renditions.
        visibility.settle_all(self.db, self.storage, {image_id: row.link_key}, actor=change_log.LIBRARY)
        return "hidden"

    def _publish(
        self, image_id: int, row: ImageRow, picture: SandboxedPicture, landed_at: datetime | None
    ) -> Outcome:
        """Write the JPEGs, make the picture ready and findable in one transaction, then add other formats.

        The row may have changed since it was read. The transaction then changes nothing, and what follows is
        told by the row as it is by now:

            ready with these links          published after all: the formats are added
            not pending, or gone            superseded: what was written is deleted where nobody needs it
            pending, content taken down     taken down
            pending with other links        what was written is deleted, and all of this begins anew
            pending, not to be seen now     published as hidden
            pending with other metadata     the next try takes these
        """
        rendered = picture.rendered
        key = RenditionKey(image_id, row.link_key, self.settings.rendition_version)
        with write_renditions(self.storage, key, rendered.renditions, JPEG.name):
            filled = fill_metadata(row, rendered.embedded)
            entries = self.search_index.resolve(_document(row, rendered, filled))

        # Each try of the loop below calls this, which reads `row`, `filled` and `entries` as they are then.
        def publish(cursor: Cursor) -> bool:
            is_published = lifecycle.publish(
                cursor,
                image_id,
                rendered,
                filled,
                revision=row.revision,
                version=key.version,
                link_key=key.link_key,
                has_further_formats=bool(self.settings.further_formats),
            )
            if is_published:
                self.search_index.add(cursor, image_id, entries)
                insert_bands(cursor, [image_id])
                detail = {"license": filled.metadata.license}
                change_log.append(cursor, row.owner_id, "publish", {image_id: detail})
            return is_published

        while not self.db.run_transaction(publish):
            newest = find_row(self.db, image_id)
            if newest is not None and newest.lacks_renditions and _has_key(newest, key):
                # The picture is public: by the commit of this transaction, whose answer was lost, or by
                # another delivery of the event.
                break
            if newest is None or newest.state != "pending":
                return self._supersede(image_id, newest, key.link_key)
            if newest.is_taken_down:
                return self._take_down(image_id)
            if newest.link_key != key.link_key:
                # It was hidden and shown again meanwhile, and nothing may be left under the links of before.
                self.storage.delete_renditions(image_id, key.link_key)
                return self._finish(image_id, newest, picture, landed_at)
            if not newest.is_visible:
                return self._publish_hidden(image_id, newest, picture, landed_at)
            # The contributor has posted the file again, with other metadata.
            row = newest
            filled = fill_metadata(row, rendered.embedded)
            entries = self.search_index.resolve(_document(row, rendered, filled))
        else:
            _measure_publication(landed_at)
        return self._add_formats(key, picture)

    def _add_formats(self, key: RenditionKey, picture: SandboxedPicture) -> Outcome:
        """Write the further formats of a published picture; each is recorded as soon as it is written.

        A format that cannot be made leaves the row with its deadline: the reaper has it tried again. One that
        the picture is not to have is left out for good.
        """
        written: list[str] = []
        is_complete = True
        for further in picture.further_formats():
            if further.fault:
                logger.error("format left out", extra={"format": further.name, "fault": further.fault})
                is_complete = False
                continue
            if further.left_out:
                logger.info("format not made", extra={"format": further.name, "reason": further.left_out})
                continue
            with write_renditions(self.storage, key, further.renditions, further.name):
                pass
            written.append(further.name)
            if not lifecycle.set_formats(
                self.db, key.image_id, written, version=key.version, link_key=key.link_key
            ):
                # The picture was deleted or hidden meanwhile, perhaps before these renditions were written,
                # or it has a newer version.
                newest = find_row(self.db, key.image_id)
                if newest is None or newest.state != "ready" or newest.link_key != key.link_key:
                    return self._supersede(key.image_id, newest, key.link_key)
        if is_complete and lifecycle.finish_formats(
            self.db, key.image_id, written, version=key.version, link_key=key.link_key
        ):
            return "ready"
        newest = find_row(self.db, key.image_id)
        if newest is None or newest.state != "ready" or newest.link_key != key.link_key:
            return self._supersede(key.image_id, newest, key.link_key)
        return "ready"

    def _fail(self, image_id: int, row: ImageRow, code: FailureCode, detail: str) -> Outcome:
        """Pending becomes failed.

        The original stays, so that it can be rendered again after a fix of ours.
        """
        if row.was_picture:
            detail += WAS_PICTURE
        if lifecycle.fail(self.db, image_id, code, detail, days=self.settings.failed_days):
            logger.info("upload failed", extra={"code": code})
            return "failed"
        return self._supersede(image_id, find_row(self.db, image_id), link_key=None)

    def _take_down(self, image_id: int) -> Outcome:
        """Delete an upload whose content was taken down after the upload was announced.

        Whoever posts the file again learns the reason.
        """

        def take_down(cursor: Cursor) -> None:
            locked = deletion.lock(cursor, [image_id]).get(image_id)
            if locked is not None and locked.state == "pending":
                deletion.take_down(cursor, image_id, upload_seconds=self.settings.upload_seconds)
                change_log.append(cursor, change_log.LIBRARY, "take-down", {image_id: {"was": "pending"}})

        self.db.run_transaction(take_down)
        logger.info("taken down")
        return self._supersede(image_id, find_row(self.db, image_id), link_key=None)

    def _supersede(self, image_id: int, row: ImageRow | None, link_key: str | None) -> Outcome:
        """Delete what was written for a row that is deleting or hidden by now, or that has other links.

        `link_key` is that of the renditions that were written, if any were. Whatever else the row is keeps
        its objects. A picture means that another delivery of the same event was faster.
        """
        if row is not None and row.state == "deleting":
            self._delete_objects(image_id, row)
        if row is not None and link_key is not None and (row.state == "hidden" or row.link_key != link_key):
            self.storage.delete_renditions(image_id, link_key)
        return "superseded"

    def _delete_objects(self, image_id: int, row: ImageRow) -> None:
        self.storage.delete_renditions(image_id, row.link_key)
        self.storage.delete_original(image_id)


def _has_key(row: ImageRow, key: RenditionKey) -> bool:
    """Whether the renditions of a row have these keys."""
    return (row.version, row.link_key) == (key.version, key.link_key)


def _measure_publication(landed_at: datetime | None) -> None:
    """Measure how long a contributor waits, from the end of the PUT until the picture is public."""
    logger.info("published")
    if landed_at is not None:
        # Storage has a clock of its own.
        milliseconds = max(0.0, (now() - landed_at).total_seconds() * 1000)
        metrics.add_metric(name=READY_METRIC, unit=MetricUnit.Milliseconds, value=milliseconds)


def _document(row: ImageRow, rendered: Rendered, filled: FilledMetadata) -> Document:
    return build_document(
        PictureToIndex(
            metadata=filled.metadata,
            title=filled.embedded.title,
            camera=filled.embedded.camera,
            taken=rendered.capture_time,
            width=rendered.width,
            height=rendered.height,
            color=rendered.color,
            owner_id=row.owner_id,
        )
    )

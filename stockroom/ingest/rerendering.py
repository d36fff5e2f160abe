"""Ready pictures get renditions of a new version, by the same code as new uploads.

Whoever renders needs no database: `Rerenderer` takes what was read of a picture, and its answer is all that
is known of the new renditions. `commit` then moves the rows, by conditional updates, and deletes what was
written for pictures that are gone or hidden by then.

The links of a picture may end at any moment, while its new renditions are being written. Whoever ends them
deletes what there is. What is written after that, `commit` deletes; and if no commit ever comes, the reaper
does: nothing is written later than JOB_SECONDS after the row was read, and while a run of the job is under
way, the reaper looks at ended links once more after that time (`repository/ended_links.py`, `uploads_until`).
"""

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

from stockroom.images.log_context import about
from stockroom.images.repository import renditions
from stockroom.images.repository.renditions import Move, Source
from stockroom.images.states import JOB_SECONDS
from stockroom.images.storage import RenditionKey, Storage, list_rendition_keys
from stockroom.ingest.decoding import decode_original
from stockroom.ingest.picture_tries import MAX_DETAIL, PAUSES, get_last_line, try_repeatedly
from stockroom.ingest.rendition_writing import write_renditions
from stockroom.renditions import Rendition
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

ResultOutcome = Literal["rendered", "present", "failed", "missing", "skipped"]
"""What became of a source. "rendered": all renditions of the new version are stored. "present": they were
stored before. "failed": the picture keeps its version, `code` and `detail` say why. "missing": there is no
original. "skipped": too much time has passed since the row was read."""

RESERVE_SECONDS = 2100
"""No write begins in the last so many of the JOB_SECONDS: a write takes time, and clocks differ. Each may be
wrong by half an hour in all, which is less than the least grace period of uploads bears."""
MOVES_A_TRANSACTION = 100
"""Their rows are locked until its end."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one source. `formats` are those beside JPEG, separated by commas.

    `bytes_in` is the size of the original, `bytes_out` that of what was written. `finished` is in
    milliseconds since 1970, `seconds` how long it took. `worker` is the process that did it.
    """

    image_id: int
    link_key: str
    from_version: int
    version: int
    outcome: ResultOutcome
    code: str = ""
    detail: str = ""
    formats: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: float = 0.0
    finished: int = 0
    worker: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether all renditions of the new version are stored."""
        return self.outcome in ("rendered", "present")


class _TooLate(Exception):
    """Nothing may be written for the source any more."""


class _FormatLeftOut(Exception):
    """A format could not be made; the message says which, and why."""


@dataclass(kw_only=True)
class Rerenderer:
    """Makes the renditions of a new version, with the parts of one process. For one picture at a time."""

    storage: Storage
    decoder: Decoder
    settings: Settings
    clock: Callable[[], float] = time.time
    pauses: Sequence[float] = PAUSES

    @cached_property
    def worker(self) -> str:
        """The name of this process in its results."""
        return f"{socket.gethostname()}:{os.getpid()}"

    def rerender(self, source: Source, version: int, *, may_be_present: bool = False) -> Result:
        """Write all renditions of a picture under the keys of `version`. Safe to repeat, and side by side.

        `may_be_present`: a process before this one may have written them, so that storage is asked first.
        Whatever goes wrong with one picture is its result, and raises nothing.
        """
        started = time.perf_counter()
        with about(source.image_id):
            made = try_repeatedly(lambda: self._judge(source, version, may_be_present), _failed, self.pauses)
        return msgspec.structs.replace(
            made,
            image_id=source.image_id,
            link_key=source.link_key,
            from_version=source.version,
            version=version,
            bytes_in=source.size,
            seconds=time.perf_counter() - started,
            finished=int(time.time() * 1000),
            worker=self.worker,
        )

    def _judge(self, source: Source, version: int, may_be_present: bool) -> Result:
        """The result of one try. A picture with a format that could not be made is rendered once more."""
        try:
            try:
                return self._render(source, version, may_be_present)
            except _FormatLeftOut:
                # A busy machine or earlier files may have been the reason; if so, the worker is a fresh one.
                return self._render(source, version, may_be_present)
        except _FormatLeftOut as left_out:
            return _failed("format-left-out", str(left_out)[:MAX_DETAIL])
        except _TooLate:
            return _result("skipped", code="too-late")

    def _render(self, source: Source, version: int, may_be_present: bool) -> Result:
        key = RenditionKey(source.image_id, source.link_key, version)
        if may_be_present and self._is_present(key):
            return _result("present", formats=self.settings.further_formats)
        self._check_time(source)
        with decode_original(source.image_id, self.storage, self.decoder, self.settings) as picture:
            return _result("missing") if picture is None else self._write(source, key, picture)

    def _write(self, source: Source, key: RenditionKey, picture: SandboxedPicture) -> Result:
        """Write the JPEGs, then the other formats. A picture keeps its version if one of them has a fault."""
        written = self._write_format(source, key, picture.rendered.renditions, JPEG.name)
        formats: list[str] = []
        for further in picture.further_formats():
            if further.fault:
                logger.error("format left out", extra={"format": further.name, "fault": further.fault})
                raise _FormatLeftOut(f"{further.name}: {get_last_line(further.fault)}")
            if further.left_out:
                logger.info("format not made", extra={"format": further.name, "reason": further.left_out})
                continue
            written += self._write_format(source, key, further.renditions, further.name)
            formats.append(further.name)
        return _result("rendered", formats=formats, bytes_out=written)

    def _write_format(
        self, source: Source, key: RenditionKey, made: Mapping[str, Rendition], format_: str
    ) -> int:
        """Write the renditions of one format; how many bytes they have."""
        self._check_time(source)
        with write_renditions(self.storage, key, made, format_):
            pass
        return sum(len(each.data) for each in made.values())

    def _check_time(self, source: Source) -> None:
        if self.clock() > source.read_at + JOB_SECONDS - RESERVE_SECONDS:
            raise _TooLate

    def _is_present(self, key: RenditionKey) -> bool:
        """Whether the renditions in every format are stored.

        Of a picture that gets one of the formats left out, nobody knows: it is rendered again.
        """
        expected = list_rendition_keys(key, (JPEG.name, *self.settings.further_formats))
        return self.storage.list_version(*key).issuperset(expected)


class Committed(NamedTuple):
    """What became of some results: the ids of pictures that have the new version now, and of the others.

    The others are left as they are: they were deleted, hidden, moved or are being completed.
    """

    moved: set[int]
    refused: set[int]


def commit(db: Database, storage: Storage, results: Sequence[Result], version: int) -> Committed:
    """Move the rows of complete results to the new version. Safe to repeat, also long after.

    What was written for pictures that are gone, going or hidden by now is deleted; the versions of before are
    left to whoever has ended the links, whose deletion the CDN is told of. Raises StorageUnavailable and
    DatabaseUnavailable; the rows that have moved stay so.
    """
    complete = [
        Move(each.image_id, each.link_key, each.from_version, each.formats)
        for each in results
        if each.is_complete
    ]
    moved: set[int] = set()
    for some in split_into_chunks(complete, MOVES_A_TRANSACTION):
        moved |= _move(db, some, version)
    others = [each for each in results if each.image_id not in moved]
    # Those that failed may have written some of their renditions.
    for image_id, link_key in renditions.find_dead(db, [(each.image_id, each.link_key) for each in others]):
        with about(image_id):
            storage.delete_version(image_id, link_key, version)
            logger.info("renditions of an ended link deleted")
    return Committed(moved, {each.image_id for each in complete} - moved)


def _move(db: Database, moves: Sequence[Move], version: int) -> set[int]:
    return db.run_transaction(lambda cursor: renditions.move(cursor, moves, version))


def _result(
    outcome: ResultOutcome,
    *,
    code: str = "",
    detail: str = "",
    formats: Sequence[str] = (),
    bytes_out: int = 0,
) -> Result:
    """A result without what it says of its source."""
    return Result(
        image_id=0,
        link_key="",
        from_version=0,
        version=0,
        outcome=outcome,
        code=code,
        detail=detail,
        formats=",".join(formats),
        bytes_out=bytes_out,
    )


def _failed(code: str, detail: str) -> Result:
    return _result("failed", code=code, detail=detail)

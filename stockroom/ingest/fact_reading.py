"""What is derived from the file of a picture is derived once more, by whoever has no database.

Two kinds of facts differ in what they cost. What a file says about its picture (EXIF, IIM, XMP, with the time
of capture, camera and lens) lies in a few of its bytes: 64 KiB for nearly every JPEG. How it looks (colour,
ThumbHash, both hashes) is that of pixels which were never compressed again: a stored rendition has others, so
the whole original is decoded.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import msgspec

from stockroom.images.log_context import about
from stockroom.images.repository.facts import FactSource, Looks
from stockroom.images.storage import Storage
from stockroom.ingest.decoding import decode_original, describe_original
from stockroom.ingest.picture_tries import PAUSES, try_repeatedly
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.renditions.sources.gif import GIF
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import to_column_value

Which = Literal["embedded", "looks"]
"""Which facts are derived: "looks" has those of "embedded", too, as the file is there as a whole."""
WHICH: tuple[Which, ...] = get_args(Which)

FactOutcome = Literal["read", "failed", "missing"]
"""What became of a source. "read": its facts are there. "failed": the picture keeps its facts, `code` and
`detail` say why. "missing": there is no original."""


class FactResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one source, in columns of texts and numbers.

    `taken` is an ISO moment in UTC, or empty; `embedded` is JSON. `has_looks`: the facts of "looks" are
    there, of which the hashes are in hexadecimal digits, as an unsigned number of 64 bits fits no column.
    `requests` and `bytes_in` are what was asked of storage.
    """

    image_id: int
    outcome: FactOutcome
    code: str = ""
    detail: str = ""
    taken: str = ""
    embedded: str = ""
    has_looks: bool = False
    color: str = ""
    thumbhash: str = ""
    phash: str = ""
    pixel_hash: str = ""
    requests: int = 0
    bytes_in: int = 0
    seconds: float = 0.0
    finished: int = 0

    def read_embedded(self) -> Embedded:
        """What the file says."""
        return msgspec.json.decode(self.embedded, type=Embedded)

    def read_taken(self) -> datetime | None:
        """When the picture was taken, as the database stores it."""
        return datetime.fromisoformat(self.taken) if self.taken else None

    def read_looks(self) -> Looks | None:
        """How the picture looks, if that was asked for."""
        if not self.has_looks:
            return None
        return Looks(
            self.color, bytes.fromhex(self.thumbhash), int(self.phash, 16), bytes.fromhex(self.pixel_hash)
        )


@dataclass(kw_only=True)
class FactReader:
    """Derives facts with the parts of one process. For one picture at a time."""

    storage: Storage
    decoder: Decoder
    settings: Settings
    pauses: Sequence[float] = PAUSES

    def read(self, source: FactSource, which: Which) -> FactResult:
        """The facts of a picture. Whatever goes wrong with one picture is its result, and raises nothing."""
        started = time.perf_counter()
        with about(source.image_id):
            result = try_repeatedly(
                lambda: self._look(source) if which == "looks" else self._describe(source),
                _failed,
                self.pauses,
            )
        return msgspec.structs.replace(
            result,
            image_id=source.image_id,
            seconds=time.perf_counter() - started,
            finished=int(time.time() * 1000),
        )

    def _describe(self, source: FactSource) -> FactResult:
        if source.type == GIF.media_type:
            # Nothing is read of its metadata, whatever they are.
            return _describe(Embedded(), None)
        found = describe_original(source.image_id, source.size, self.storage, self.decoder, self.settings)
        if found is None:
            return FactResult(image_id=0, outcome="missing")
        return msgspec.structs.replace(
            _describe(found.described.embedded, found.described.capture_time),
            requests=found.requests,
            bytes_in=found.bytes,
        )

    def _look(self, source: FactSource) -> FactResult:
        with decode_original(source.image_id, self.storage, self.decoder, self.settings) as picture:
            if picture is None:
                return FactResult(image_id=0, outcome="missing")
            rendered = picture.rendered
        return msgspec.structs.replace(
            _describe(rendered.embedded, rendered.capture_time),
            has_looks=True,
            color=rendered.color,
            thumbhash=rendered.thumbhash.hex(),
            phash=f"{rendered.phash:x}",
            pixel_hash=rendered.pixel_hash.hex(),
            requests=1,
            bytes_in=source.size,
        )


def _describe(embedded: Embedded, capture_time: datetime | None) -> FactResult:
    """A result without what it says of its source."""
    return FactResult(
        image_id=0,
        outcome="read",
        embedded=msgspec.json.encode(embedded).decode(),
        taken="" if capture_time is None else to_column_value(capture_time).isoformat(),
    )


def _failed(code: str, detail: str) -> FactResult:
    return FactResult(image_id=0, outcome="failed", code=code, detail=detail)

"""What goes into a rendering and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EXTENSIONS = {"jpeg": "jpg", "webp": "webp", "avif": "avif"}
"""Output formats and how the names of their files end; every picture has JPEG."""

Orientation = Literal["landscape", "portrait", "square"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Limits (bytes, pixels; quality 1…100). They are checked on the header, before any pixel is decoded.

    Most files stream through a few lines of memory. `max_pixels_held` is the limit for those that have to be
    decoded whole (progressive JPEG, interlaced PNG, GIF, WebP), and `max_pixels_avif` for AVIF, which takes
    up to 25 bytes a pixel. Within these defaults and 50 MiB a file, 0.7 GB are enough.

    `max_metadata` is for all metadata of a file together, `max_parts` for the number of segments or chunks
    ahead of the picture. An animation shows its first frame; `max_frames` is how many may be listed.
    `max_scans` is how often a progressive JPEG may go over its picture: encoders use about ten.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_pixels: int = 100_000_000
    max_pixels_held: int = 50_000_000
    max_pixels_avif: int = 25_000_000
    max_side: int = 65_500
    max_metadata: int = 8_000_000
    max_parts: int = 1_000
    max_frames: int = 1_000
    max_scans: int = 100
    quality: int = 80


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded picture, ready to be stored. Width and height in pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Everything the catalogue keeps about one picture.

    `format` is the source's (a name in `FORMATS`); `width` and `height` are the source's in pixels, as it is
    seen (after rotation). `renditions` maps "720p" and "240p". `color` is "#rrggbb". `thumbhash` is its raw
    bytes (at most 25). `phash` is an unsigned 64-bit integer; pictures look alike when few bits differ.
    `taken` is EXIF's time of capture: aware when the camera wrote its offset from UTC, else naive: the time
    on the camera's clock, wherever it was.
    """

    format: str
    width: int
    height: int
    renditions: Mapping[str, Rendition]
    color: str
    thumbhash: bytes
    phash: int
    taken: datetime | None

    @property
    def orientation(self) -> Orientation:
        if self.width == self.height:
            return "square"
        return "landscape" if self.width > self.height else "portrait"

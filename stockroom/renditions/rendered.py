"""What `render` returns: the renditions of a picture and the facts about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from stockroom.renditions.embedded.embedded import Embedded


class Size(NamedTuple):
    """The sides of a rendition, in pixels: those of one, or the largest that it may have."""

    height: int
    width: int


# The height is what gives a rendition its name. The width is limited too, as a strip of 20,000 x 1 pixels
# would otherwise stay as wide as it is; panoramas up to 7:1 keep their full height.
SIZES = {"1440p": Size(1440, 10240), "720p": Size(720, 5120), "240p": Size(240, 1706)}
"""The renditions, by name, with their largest sides. A smaller picture keeps its own sides.

Every picture has the latter two. The first one is in the output format of the same name alone.
"""


def fit(width: int, height: int, name: str) -> Size:
    """The sides of the rendition `name` of a picture with these sides, which must not be 0."""
    largest = SIZES[name]
    shrink = max(1, height / largest.height, width / largest.width)
    return Size(height=max(1, int(height / shrink + 0.5)), width=max(1, int(width / shrink + 0.5)))


class Rendition(msgspec.Struct, frozen=True):
    """One encoded picture, ready to be stored. Width and height are in pixels."""

    data: bytes
    media_type: str
    width: int
    height: int


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """The JPEG renditions of one picture, and everything that the catalogue stores about it.

    `media_type` is the original's, as its bytes show it. `width` and `height` are the original's sides in
    pixels, after its EXIF orientation has been applied. `renditions` are those at 720p and at 240p.
    `color` is the dominant colour, "#rrggbb". `thumbhash` has at most 25 bytes. `phash` is an unsigned 64-bit
    integer; two pictures look alike when few of their bits differ. `pixel_hash` is a SHA-256 of the pixels
    (`rendering.compute_pixel_hash` says which). `capture_time` is from EXIF, XMP or IIM: in UTC when the file
    has the offset, otherwise naive, the time that the camera's clock showed. `embedded` is what the file says
    about its picture.
    """

    media_type: str
    width: int
    height: int
    renditions: Mapping[str, Rendition]
    color: str
    thumbhash: bytes
    phash: int
    pixel_hash: bytes
    capture_time: datetime | None
    embedded: Embedded = Embedded()

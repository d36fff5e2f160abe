"""The formats in which renditions are encoded. To add one: write its function and name it at the end.

Every picture has JPEG. The other formats come beside it. One of them, `1440p`, is a larger rendition rather
than another coding: it stands in this list because it is chosen, made and recorded like the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options


class OutputFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A format of renditions. `save` encodes an sRGB image, at the quality that the options name (1…100).

    `magic` matches the first bytes of every file of the format. `renditions` are the names, in `SIZES`, of
    those that a picture has in the format.
    """

    name: str
    media_type: str
    extension: str
    magic: re.Pattern[bytes]
    save: Callable[[pyvips.Image, Options], bytes]
    renditions: tuple[str, ...] = ("720p", "240p")


# keep=none: no EXIF, GPS, XMP or profile. A picture without a profile is taken for sRGB everywhere.


def _save_jpeg(image: pyvips.Image, options: Options) -> bytes:
    return bytes(image.jpegsave_buffer(Q=options.quality, optimize_coding=True, keep="none"))


def _save_webp(image: pyvips.Image, options: Options) -> bytes:
    return bytes(image.webpsave_buffer(Q=options.quality, effort=2, keep="none"))


def _save_avif(image: pyvips.Image, options: Options) -> bytes:
    # AV1 looks the same at a lower number: 60 there is about 80 in the others.
    quality = round(options.quality * 0.75)
    return bytes(image.heifsave_buffer(compression="av1", Q=quality, effort=2, keep="none"))


JPEG = OutputFormat(
    name="jpeg",
    media_type="image/jpeg",
    extension="jpg",
    magic=re.compile(rb"\xff\xd8\xff"),
    save=_save_jpeg,
)
WEBP = OutputFormat(
    name="webp",
    media_type="image/webp",
    extension="webp",
    magic=re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    save=_save_webp,
)
AVIF = OutputFormat(
    name="avif",
    media_type="image/avif",
    extension="avif",
    magic=re.compile(rb".{4}ftypavif", re.DOTALL),
    save=_save_avif,
)

LARGER = OutputFormat(
    name="1440p",
    media_type=WEBP.media_type,
    extension=WEBP.extension,
    magic=WEBP.magic,
    save=_save_webp,
    renditions=("1440p",),
)
"""The rendition for large screens, for which the original is decoded once more.

Every browser that the page supports shows WebP, so there is no other coding of it.
"""

OUTPUT_FORMATS = {format_.name: format_ for format_ in (JPEG, WEBP, AVIF, LARGER)}


def find_formats(names: Iterable[str]) -> list[OutputFormat]:
    """The formats of these names, in their order; a name that this release does not know is passed over.

    Rows name the formats of their pictures, and a later release that was rolled back may have known more.
    """
    return [OUTPUT_FORMATS[name] for name in names if name in OUTPUT_FORMATS]

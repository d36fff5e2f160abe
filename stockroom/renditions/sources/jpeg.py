"""JPEG (ITU T.81): segments that begin with a marker, then one scan of compressed data or, if progressive,
many."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stockroom.renditions import exif
from stockroom.renditions.image_fields import read_number
from stockroom.renditions.limits import (
    SAVE_WITHOUT_OPTION,
    MetadataTally,
    check_dimensions,
    find_most_scans,
)
from stockroom.renditions.rejection import corrupt, too_slow
from stockroom.renditions.sources.source_format import SourceFormat

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler

SHRINK_FOR_DIVISOR = {2: 3.0, 4: 8.0}
"""The decoder can divide the sides by these numbers itself, which is fast and rough. For each: how many times
as large as the rendition a picture has to be, so that the filter makes good what the decoder has roughened.
With less, photographs come out below 45 dB (docs/formats.md)."""

_MAX_ARITHMETIC_BYTES = 10_000_000
"""Arithmetic coding takes the decoder 150 ns a byte, ten times as long as Huffman's. No camera uses it."""
_ARITHMETIC = frozenset({0xC9, 0xCA})
"""Markers of frames, sequential and progressive, whose data are coded so."""

_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
_FILL, _SCAN, _END, _APP1 = 0xFF, 0xDA, 0xD9, 0xE1
# Application segments and comments, from APP0 on. The markers below are frames and tables.
_FIRST_METADATA_MARKER = 0xE0
# Markers without a length and content: TEM, RST0 to RST7, SOI; and 00, which is no marker.
_STANDALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
# A marker within or behind compressed data, whose own bytes FF precede 00. Restarts belong to the data.
_MARKER_AFTER_DATA = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")


def _check_container(original: Original, options: Options) -> None:
    tally = MetadataTally(options)
    for marker, start, end in _iterate_segments(original):
        if marker == _SCAN:
            return
        if marker in _ARITHMETIC and original.size > _MAX_ARITHMETIC_BYTES:
            raise too_slow()
        # Frames and tables are no metadata. They count as parts, as they may not be repeated without end
        # either.
        is_metadata = marker is None or marker in _STANDALONE or marker >= _FIRST_METADATA_MARKER
        tally.add_part(end - start if is_metadata else 0)
        if marker == _APP1 and original.slice(start + 4, start + 10) == exif.PREFIX:
            exif.check_directories(original.slice(start + 10, end), options)


def _iterate_segments(original: Original) -> Iterator[tuple[int | None, int, int]]:
    """The marker, first byte and end of each segment, up to the first scan. No marker: bytes between
    segments."""
    position = 2
    while True:
        head = original.slice(position, position + 4)
        if len(head) < 4 or head[:2] == _END_OF_IMAGE:
            return
        marker: int | None = head[1]
        if head[0] != 0xFF:
            # The decoder skips such bytes too.
            found = original.whole().find(b"\xff", position)
            marker, end = None, found if found > 0 else original.size
        elif marker == _FILL:
            end = position + 1
        elif marker in _STANDALONE:
            end = position + 2
        else:
            end = position + 2 + int.from_bytes(head[2:])
        yield marker, position, end
        if marker == _SCAN:
            return
        position = end


def _check_header(image: pyvips.Image, original: Original, options: Options) -> None:
    if image.bands == 2:
        # Two components have no meaning in JPEG, and libvips calls them sRGB.
        raise corrupt()
    if not read_number(image, "jpeg-multiscan"):
        check_dimensions(image.width, image.height, "a JPEG", options.max_pixels, options)
        return
    check_dimensions(
        image.width,
        image.height,
        "a progressive JPEG",
        options.max_pixels_in_memory,
        options,
        remedy=SAVE_WITHOUT_OPTION,
    )
    most_scans = find_most_scans(image.width * image.height, options)
    if _count_scans(original, most_scans + 1, options) > most_scans:
        raise too_slow()


def _count_scans(original: Original, limit: int, options: Options) -> int:
    """How many scans the picture has, counted up to `limit`.

    Segments between scans are passed over: a comment may look like a scan, or like the end of the image.
    """
    position = next((start for marker, start, _ in _iterate_segments(original) if marker == _SCAN), 0)
    data, tally = original.whole(), MetadataTally(options)
    scans = 0
    while scans < limit and (found := _MARKER_AFTER_DATA.search(data, position)):
        marker, position = found[1][0], found.end()
        if marker == _END:
            break
        if marker == _SCAN:
            scans += 1
        else:
            tally.add_part(0)
        if marker not in _STANDALONE:
            # The length counts itself.
            position += max(int.from_bytes(data[position : position + 2]), 2)
    return scans


def _scale(scaler: Scaler) -> pyvips.Image:
    if scaler.header.plain_space is None:
        return scaler.thumbnail()
    # A side of at least one pixel has to be left.
    divisors = [
        divisor
        for divisor, shrink in SHRINK_FOR_DIVISOR.items()
        if scaler.shrink >= shrink and scaler.shorter_side >= divisor
    ]
    return scaler.resample(shrink=max(divisors, default=1))


def _is_cut_off(data: FileBytes) -> bool:
    # The end of the image has to come after the last scan begins: an embedded preview ends before that.
    return data.rfind(_END_OF_IMAGE) < max(data.rfind(_START_OF_SCAN), 2)


JPEG = SourceFormat(
    name="jpeg",
    title="JPEG",
    media_type="image/jpeg",
    signatures=("ffd8ff",),
    brands=(),
    extensions=("jpg", "jpeg", "jpe", "jfif"),
    remark="RGB, gray and CMYK",
    further_limits=(("bytes of a file in arithmetic coding, which no camera uses", _MAX_ARITHMETIC_BYTES),),
    loader="jpegload",
    loader_class="VipsForeignLoadJpeg",
    check_container=_check_container,
    check_header=_check_header,
    scale=_scale,
    find_blocks=None,
    is_cut_off=_is_cut_off,
    sample=b64decode(
        "/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARES"
        "EhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAQABADASIAAhEB"
        "AxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAA"
        "AAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAA//2Q=="
    ),
)

"""WebP: a RIFF file. Its chunks hold one picture, or one frame of an animation each, and metadata."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from stockroom.renditions import exif
from stockroom.renditions.limits import MetadataTally, check_dimensions, check_frames, too_much_metadata
from stockroom.renditions.sources.source_format import SourceFormat

if TYPE_CHECKING:
    from stockroom.renditions.embedded.reconcile import Blocks
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler

LEFT_TO_THE_FILTER = 1.75
"""The decoder can scale the picture itself, which is fast and rough. The filter gets so many times the
rendition's sides, and makes good what the decoder has roughened. With less, photographs come out below 45 dB
(docs/formats.md)."""

_FRAME, _FRAME_HEADER_SIZE = b"ANMF", 16
# A frame has one or two; programs may add some of their own.
_MAX_FRAME_CHUNKS = 8
_FEATURES, _FLAGS = b"VP8X", 20
_EXIF, _XMP = b"EXIF", b"XMP "
_METADATA = {_EXIF: 0x08, _XMP: 0x04}
"""Chunks with metadata, and the flags by which a file announces them."""
_PICTURE_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"ALPH"})


def _check_container(original: Original, options: Options) -> None:
    tally, frames, position = MetadataTally(options), 0, 12
    # What follows the end that the RIFF header announces is no part of the picture.
    size = min(original.size, _announced_end(original.slice(0, 8)))
    while True:
        head = original.slice(position, position + 8)
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        if len(head) < 8 or position + 8 + length > size:
            return
        if kind == _FRAME:
            frames += 1
            check_frames(frames, options)
            _check_frame(original, position + 8 + _FRAME_HEADER_SIZE, position + 8 + length, options)
        else:
            tally.add_part(0 if kind in _PICTURE_CHUNKS else length)
            if kind == b"EXIF":
                tiff = original.slice(position + 8, position + 8 + length).removeprefix(exif.PREFIX)
                exif.check_directories(tiff, options)
        # Chunks begin at even positions.
        position += 8 + length + length % 2


def _check_frame(original: Original, position: int, end: int, options: Options) -> None:
    """Raise `ImageRejected` for a frame of more chunks than its picture and its transparency need."""
    for _ in range(_MAX_FRAME_CHUNKS):
        if position + 8 > end:
            return
        length = int.from_bytes(original.slice(position + 4, position + 8), "little")
        position += 8 + length + length % 2
    if position + 8 <= end:
        raise too_much_metadata(options)


def _announced_end(head: FileBytes) -> int:
    return int.from_bytes(head[4:8], "little") + 8


def _check_header(image: pyvips.Image, _original: Original, options: Options) -> None:
    check_dimensions(image.width, image.height, "a WebP", options.max_pixels_in_memory, options)


def _scale(scaler: Scaler) -> pyvips.Image:
    if scaler.header.plain_space is None:
        return scaler.thumbnail()
    # A side of at least one pixel has to be left.
    return scaler.resample(scale=min(1, max(LEFT_TO_THE_FILTER / scaler.shrink, 1 / scaler.shorter_side)))


def _find_blocks(original: Original, options: Options) -> Blocks:
    """The first block of each kind that the file announces. Metadata lie behind the picture."""
    from stockroom.renditions.embedded.reconcile import Blocks

    head = original.slice(0, _FLAGS + 1)
    flags = head[_FLAGS] if head[12:16] == _FEATURES and len(head) > _FLAGS else 0
    wanted = {kind for kind, flag in _METADATA.items() if flags & flag}
    found: dict[bytes, bytes] = {}
    parts, position = MetadataTally(options), 12
    size = min(original.size, _announced_end(original.slice(0, 8)))
    while position + 8 <= size and found.keys() != wanted:
        head = original.slice(position, position + 8)
        kind, start = head[:4], position + 8
        end = start + int.from_bytes(head[4:], "little")
        if end > size:
            break
        parts.add_part(end - start if kind in wanted else 0)
        if kind in wanted:
            found.setdefault(kind, original.slice(start, end))
        position = end + end % 2
    return Blocks(exif=found.get(_EXIF, b""), xmp=found.get(_XMP, b""))


def _is_cut_off(data: FileBytes) -> bool:
    return _announced_end(data) > len(data)


WEBP = SourceFormat(
    name="webp",
    title="WebP",
    media_type="image/webp",
    signatures=(f"{b'RIFF'.hex()}........{b'WEBP'.hex()}",),
    brands=(),
    extensions=("webp",),
    remark="of an animated one the first frame",
    further_limits=(("chunks of a frame", _MAX_FRAME_CHUNKS),),
    loader="webpload",
    loader_class="VipsForeignLoadWebp",
    check_container=_check_container,
    check_header=_check_header,
    scale=_scale,
    find_blocks=_find_blocks,
    is_cut_off=_is_cut_off,
    sample=b64decode("UklGRiQAAABXRUJQVlA4IBgAAABQAQCdASoQABAAAsBMJaQABHQAAORAAAA="),
)

"""PNG: chunks of a length, a type, content and a checksum. The picture is in the chunks called IDAT."""

from __future__ import annotations

import zlib
from base64 import b64decode
from typing import TYPE_CHECKING

from stockroom.renditions import exif
from stockroom.renditions.image_fields import read_number
from stockroom.renditions.limits import SAVE_WITHOUT_OPTION, MetadataTally, check_dimensions
from stockroom.renditions.sources.source_format import SourceFormat

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COMPRESSED_METADATA = frozenset({b"zTXt", b"iTXt", b"iCCP"})
# IEND is the last chunk. Programs that add something behind it add little.
_END_WITHIN = 4096


def _check_container(original: Original, options: Options) -> None:
    tally, position = MetadataTally(options), len(_SIGNATURE)
    while True:
        head = original.slice(position, position + 8)
        kind = head[4:]
        if len(head) < 8 or kind in {b"IDAT", b"IEND"}:
            return
        end = position + 12 + int.from_bytes(head[:4])
        if end > original.size:
            return
        tally.add_part(end - position)
        if kind in _COMPRESSED_METADATA:
            content = original.slice(position + 8, end - 4)
            tally.add_bytes(_inflated_size(kind, content, options.max_metadata + 1))
        elif kind == b"eXIf":
            exif.check_directories(original.slice(position + 8, end - 4), options)
        position = end


def _inflated_size(kind: bytes, content: bytes, limit: int) -> int:
    """How many bytes the compressed part of a chunk inflates to, counted up to `limit`."""
    _, _, compressed = content.partition(b"\0")
    if kind == b"iTXt":
        if compressed[:1] != b"\1":
            return 0
        # The compression method, a language and a translated keyword come before the text.
        *_, compressed = compressed[2:].split(b"\0", 2)
    else:
        compressed = compressed[1:]
    stream, size = zlib.decompressobj(), 0
    try:
        # In small pieces, so that everything that comes out before an error is counted.
        for start in range(0, len(compressed), 1024):
            size += len(stream.decompress(compressed[start : start + 1024], limit - size))
            if size >= limit or stream.eof:
                break
            while stream.unconsumed_tail and size < limit:
                size += len(stream.decompress(stream.unconsumed_tail, limit - size))
    except zlib.error:
        pass
    return size


def _check_header(image: pyvips.Image, _original: Original, options: Options) -> None:
    if read_number(image, "interlaced"):
        check_dimensions(
            image.width,
            image.height,
            "an interlaced PNG",
            options.max_pixels_in_memory,
            options,
            remedy=SAVE_WITHOUT_OPTION,
        )
    elif image.bands == 2 and image.format == "ushort":
        # libvips takes three times as long to scale these as all other pixels: 6 seconds for 100 million.
        check_dimensions(
            image.width,
            image.height,
            "a gray PNG of 16 bits with transparency",
            options.max_pixels_in_memory,
            options,
            remedy=SAVE_WITHOUT_OPTION,
        )
    else:
        check_dimensions(image.width, image.height, "a PNG", options.max_pixels, options)


def _scale(scaler: Scaler) -> pyvips.Image:
    return scaler.thumbnail() if scaler.header.plain_space is None else scaler.resample()


def _is_cut_off(data: FileBytes) -> bool:
    return b"IEND" not in data[-_END_WITHIN:]


PNG = SourceFormat(
    name="png",
    title="PNG",
    media_type="image/png",
    signatures=(_SIGNATURE.hex(),),
    brands=(),
    extensions=("png",),
    remark="1 to 16 bits a channel; of an animated one the still picture",
    further_limits=(),
    loader="pngload",
    loader_class="VipsForeignLoadPng",
    check_container=_check_container,
    check_header=_check_header,
    scale=_scale,
    find_blocks=None,
    is_cut_off=_is_cut_off,
    sample=b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAFElEQVQoz2NoIBEwjGoY1TB8NQAA"
        "JYSAEESZTEwAAAAASUVORK5CYII="
    ),
)

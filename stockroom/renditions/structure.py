"""How much a file carries beside its picture, counted on its own structure before any library reads it.

Metadata and frames are what a decoder reads, inflates or lists before it knows the sides of the picture, so a
limit on pixels does not hold them. Each walk ends at the picture's data, at the first limit, or where the
structure stops making sense: that is for the decoder to judge.
"""

import zlib
from typing import Any

from stockroom.renditions.boxes import check_boxes
from stockroom.renditions.ifds import check_directories
from stockroom.renditions.limits import check_frames, check_metadata, check_sides
from stockroom.renditions.model import Options
from stockroom.renditions.original import Original


def check(original: Original, format_: str, options: Options) -> int:
    """Raises `Refused` for more metadata, parts or frames than `options` allow. Where a JPEG's first scan
    begins, if it has got that far; otherwise 0."""
    if format_ == "jpeg":
        return _jpeg(original, options)
    if format_ == "avif":
        check_boxes(original.whole(), options)
    else:
        {"png": _png, "gif": _gif, "webp": _webp}[format_](original, options)
    return 0


class _Tally:
    """Counts parts and bytes of metadata."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._bytes = self._parts = 0

    def add(self, size: int) -> None:
        self._bytes += size
        self._parts += 1
        check_metadata(self._bytes, self._parts, self._options)

    def more(self, size: int) -> None:
        """Bytes of a part that has been added."""
        self._bytes += size
        check_metadata(self._bytes, self._parts, self._options)


# Markers that nothing belongs to: TEM, RST0 to RST7, SOI; and a stuffed zero.
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_EXIF = b"Exif\0\0"


def _jpeg(original: Original, options: Options) -> int:
    tally, at = _Tally(options), 2
    while True:
        head = original.slice(at, at + 4)
        if len(head) < 4:
            return 0
        if head[0] != 0xFF:
            # What is no marker is skipped by the decoder, too.
            end = original.whole().find(b"\xff", at)
            tally.add((end if end > 0 else original.size) - at)
            at = end if end > 0 else original.size
        elif head[1] == 0xDA:
            return at
        elif head[1] == 0xD9:
            return 0
        elif head[1] == 0xFF:
            tally.add(1)
            at += 1
        elif head[1] in _ALONE:
            tally.add(2)
            at += 2
        else:
            length = 2 + int.from_bytes(head[2:])
            # Frames and tables are no metadata, and still may not be repeated without end.
            tally.add(length if head[1] >= 0xE0 else 0)
            if head[1] == 0xE1 and original.slice(at + 4, at + 10) == _EXIF:
                check_directories(original.slice(at + 10, at + length), options)
            at += length


def _png(original: Original, options: Options) -> None:
    tally, at = _Tally(options), 8
    while True:
        head = original.slice(at, at + 8)
        if len(head) < 8 or head[4:] in {b"IDAT", b"IEND"}:
            return
        kind, end = head[4:], at + 12 + int.from_bytes(head[:4])
        if end > original.size:
            return
        tally.add(end - at)
        if kind in {b"zTXt", b"iTXt", b"iCCP"}:
            tally.more(_inflated(kind, original.slice(at + 8, end - 4), options.max_metadata + 1))
        elif kind == b"eXIf":
            check_directories(original.slice(at + 8, end - 4), options)
        at = end


def _inflated(kind: bytes, body: bytes, limit: int) -> int:
    """How much a compressed chunk of PNG inflates to, counted up to a limit."""
    _, _, packed = body.partition(b"\0")
    if kind == b"iTXt":
        if packed[:1] != b"\1":
            return 0
        *_, packed = packed[2:].split(b"\0", 2)
    else:
        packed = packed[1:]
    stream, size = zlib.decompressobj(), 0
    try:
        # In small pieces: what has come out before an error counts.
        for at in range(0, len(packed), _PIECE):
            size += len(stream.decompress(packed[at : at + _PIECE], limit - size))
            if size >= limit or stream.eof:
                break
            while stream.unconsumed_tail and size < limit:
                size += len(stream.decompress(stream.unconsumed_tail, limit - size))
    except zlib.error:
        pass
    return size


_PIECE = 1024


def _webp(original: Original, options: Options) -> None:
    tally, frames, at = _Tally(options), 0, 12
    # What comes behind the file's own end belongs to nobody.
    size = min(original.size, 8 + int.from_bytes(original.slice(4, 8), "little"))
    while True:
        head = original.slice(at, at + 8)
        length = int.from_bytes(head[4:], "little")
        if len(head) < 8 or at + 8 + length > size:
            return
        if head[:4] == b"ANMF":
            frames += 1
            check_frames(frames, options)
        else:
            tally.add(0 if head[:4] in {b"VP8 ", b"VP8L", b"ALPH"} else length)
            if head[:4] == b"EXIF":
                check_directories(original.slice(at + 8, at + 8 + length).removeprefix(_EXIF), options)
        at += 8 + length + length % 2


def _gif(original: Original, options: Options) -> None:
    data, size = original.whole(), original.size
    if size < 13:
        return
    # A canvas that libvips finds unlikely it shrinks to its frames, and says nothing.
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    check_sides(width, height, "a GIF", min(options.max_pixels, options.max_pixels_held), options)
    tally, frames, controls, at = _Tally(options), 0, 0, 13 + _gif_colors(data[10])
    blocks = _Blocks(data, size, options)
    while at + 10 <= size:
        if data[at] == 0x2C:
            frames += 1
            check_frames(frames, options)
            at = blocks.end(at + 10 + _gif_colors(data[at + 9]) + 1)
        elif data[at] == 0x21 and data[at + 1] == 0xF9:
            # A frame's own control extension is counted with it.
            controls += 1
            check_frames(controls, options)
            at = blocks.end(at + 2)
        elif data[at] == 0x21:
            end = blocks.end(at + 2)
            tally.add(end - at)
            at = end
        else:
            return


def _gif_colors(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


class _Blocks:
    """The chains of blocks of a GIF. Encoders fill their blocks: half as many again may be short."""

    def __init__(self, data: Any, size: int, options: Options) -> None:
        self._data, self._size, self._options = data, size, options
        self._left = size // 170 + 8 * options.max_frames

    def end(self, at: int) -> int:
        """Where the chain at `at` ends."""
        data, size, left = self._data, self._size, self._left
        while at < size and data[at]:
            at += data[at] + 1
            left -= 1
            if left < 0:
                check_metadata(0, self._options.max_parts + 1, self._options)
        self._left = left
        return at + 1

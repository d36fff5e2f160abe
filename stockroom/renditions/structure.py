"""How much a file carries beside its picture, counted on its own structure before any library reads it.

Metadata and frames are what a decoder reads, inflates or lists before it knows the sides of the picture, so a
limit on pixels does not hold them. Each walk ends at the picture's data, at the first limit, or where the
structure stops making sense: that is for the decoder to judge.
"""

import zlib
from typing import Any

from stockroom.renditions.limits import check_frames, check_metadata, check_sides
from stockroom.renditions.model import Options
from stockroom.renditions.original import Original


def check(original: Original, format_: str, options: Options) -> None:
    """Raises `Refused` for more metadata, parts or frames than `options` allow."""
    walk = {"jpeg": _jpeg, "png": _png, "gif": _gif, "webp": _webp}.get(format_)
    # AVIF keeps them anywhere; its library has limits of its own.
    if walk:
        walk(original, options)


class _Tally:
    """Counts parts and bytes of metadata."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._bytes = self._parts = 0

    def add(self, size: int) -> None:
        self._bytes += size
        self._parts += 1
        check_metadata(self._bytes, self._parts, self._options)


def _jpeg(original: Original, options: Options) -> None:
    tally, at = _Tally(options), 2
    while True:
        head = original.slice(at, at + 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return
        if head[1] == 0xFF:
            tally.add(1)
            at += 1
            continue
        length = 2 + int.from_bytes(head[2:])
        # Frames and tables are no metadata, and still may not be repeated without end.
        tally.add(length if head[1] >= 0xE0 else 0)
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
            tally.add(_inflated(kind, original.slice(at + 8, end - 4), options.max_metadata + 1))
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
    try:
        return len(zlib.decompressobj().decompress(packed, limit))
    except zlib.error:
        return 0


def _webp(original: Original, options: Options) -> None:
    tally, frames, at = _Tally(options), 0, 12
    while True:
        head = original.slice(at, at + 8)
        length = int.from_bytes(head[4:], "little")
        if len(head) < 8 or at + 8 + length > original.size:
            return
        if head[:4] == b"ANMF":
            frames += 1
            check_frames(frames, options)
        else:
            tally.add(0 if head[:4] in {b"VP8 ", b"VP8L", b"ALPH"} else length)
        at += 8 + length + length % 2


def _gif(original: Original, options: Options) -> None:
    data, size = original.whole(), original.size
    if size < 13:
        return
    # A canvas that libvips finds unlikely it shrinks to its frames, and says nothing.
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    check_sides(width, height, "a GIF", min(options.max_pixels, options.max_pixels_held), options)
    tally, frames, at = _Tally(options), 0, 13 + _gif_colors(data[10])
    while at + 10 <= size:
        if data[at] == 0x2C:
            frames += 1
            check_frames(frames, options)
            at += 10 + _gif_colors(data[at + 9]) + 1
        elif data[at] == 0x21:
            # A frame's own control extension is counted with it.
            if data[at + 1] != 0xF9:
                tally.add(_gif_blocks(data, at + 2, size) - at)
            at += 2
        else:
            return
        at = _gif_blocks(data, at, size)


def _gif_colors(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks(data: Any, at: int, size: int) -> int:
    """Where the chain of blocks at `at` ends."""
    while at < size and data[at]:
        at += data[at] + 1
    return at + 1

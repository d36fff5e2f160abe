"""What an AVIF carries, by its boxes (ISO/IEC 14496-12 and 23008-12).

Items may share bytes, and tiles may be of any size, so neither the file's nor the picture's says much.
Damage is not looked for: where the boxes stop making sense, the decoder judges.
"""

import struct
from collections.abc import Iterator
from typing import Any

from stockroom.renditions.ifds import check_directories
from stockroom.renditions.limits import check_metadata, check_tiles
from stockroom.renditions.model import Options

_CODED = b"av01"
_DERIVED = frozenset({_CODED, b"grid", b"iden", b"iovl", b"tmap"})
_TILES = 2
"""Coded pixels of all items together, by those that the picture may have: its alpha, and a thumbnail."""


def check_boxes(data: Any, options: Options) -> None:
    """Raises `Refused` for more metadata, items, boxes or coded pixels than `options` allow."""
    meta = None
    for count, (kind, start, end) in enumerate(_boxes(data, 0, len(data))):
        check_metadata(0, count, options)
        if kind == b"meta" and meta is None:
            meta = (start + 4, end)
    if meta is None:
        return
    try:
        _check_items(data, {kind: (start, end) for kind, start, end in _boxes(data, *meta)}, options)
    except (struct.error, IndexError):
        return


def _check_items(data: Any, parts: dict[bytes, tuple[int, int]], options: Options) -> None:
    types = dict(_types(data, *parts[b"iinf"])) if b"iinf" in parts else {}
    carried = count = 0
    for number, extents in _places(data, parts) if b"iloc" in parts else ():
        if types.get(number) in _DERIVED:
            continue
        count += 1
        carried += sum(size for _, size in extents)
        check_metadata(carried, count, options)
        if types.get(number) == b"Exif" and extents:
            at, size = extents[0]
            _check_exif(bytes(data[at : at + size]), options)
    if b"iprp" in parts:
        _check_properties(data, types, *parts[b"iprp"], options)


def _check_exif(item: bytes, options: Options) -> None:
    # Four bytes say how far the TIFF header is from here.
    check_directories(item[4 + int.from_bytes(item[:4]) :], options)


def _check_properties(data: Any, types: dict[int, bytes], start: int, end: int, options: Options) -> None:
    inner = {kind: place for kind, *place in _boxes(data, start, end)}
    if b"ipco" not in inner or b"ipma" not in inner:
        return
    pixels: dict[int, int] = {}
    profiles = 0
    for number, (kind, at, until) in enumerate(_boxes(data, *inner[b"ipco"]), 1):
        check_metadata(profiles, number, options)
        if kind == b"ispe":
            width, height = struct.unpack_from(">4xII", data, at)
            pixels[number] = width * height
        elif kind == b"colr":
            profiles += until - at
    check_metadata(profiles, 0, options)
    coded = sum(
        pixels.get(number, 0)
        for item, numbers in _associations(data, inner[b"ipma"][0])
        if types.get(item) == _CODED
        for number in numbers
    )
    check_tiles(coded, _TILES * min(options.max_pixels, options.max_pixels_avif))


def _boxes(data: Any, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of the content of each box."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= end:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        size = size or end - at
        if size < head or at + size > end:
            return
        yield kind, at + head, at + size
        at += size


def _types(data: Any, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Item numbers and types."""
    wide = data[start] > 0
    for kind, at, _ in _boxes(data, start + (8 if wide else 6), end):
        if kind == b"infe" and data[at] in (2, 3):
            form = ">4xH2x4s" if data[at] == 2 else ">4xI2x4s"
            yield struct.unpack_from(form, data, at)


def _places(data: Any, parts: dict[bytes, tuple[int, int]]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Item numbers, and where in the file (or in its `idat`) their extents lie: first byte and length."""
    at, _ = parts[b"iloc"]
    version, sizes = data[at], int.from_bytes(data[at + 4 : at + 6])
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version > 1 else 2
    at += 6

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > len(data):
            raise IndexError
        return int.from_bytes(data[at - size : at])

    for _ in range(number(wide)):
        item = number(wide)
        inside = number(2) & 15 if version else 0
        number(2)
        start = number(base) + (parts.get(b"idat", (0, 0))[0] if inside == 1 else 0)
        extents = []
        for _ in range(number(2)):
            if version:
                number(index)
            begin = start + number(offset)
            extents.append((begin, number(length) or max(len(data) - begin, 0)))
        yield item, extents


def _associations(data: Any, at: int) -> Iterator[tuple[int, list[int]]]:
    """Item numbers and those of their properties."""
    version, flags = data[at], data[at + 3]
    (count,) = struct.unpack_from(">I", data, at + 4)
    at += 8
    for _ in range(count):
        form = ">IB" if version else ">HB"
        item, properties = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        size = 2 if flags & 1 else 1
        mask = 0x7FFF if flags & 1 else 0x7F
        values = [int.from_bytes(data[at + n * size : at + (n + 1) * size]) & mask for n in range(properties)]
        at += properties * size
        yield item, values

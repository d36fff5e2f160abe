"""Boxes of the ISO base media file format (ISO/IEC 14496-12), and items of HEIF (ISO/IEC 23008-12) in them.

AVIF and HEIC are files of this kind. The readers here stop, or raise `struct.error` or `IndexError`, where a
file stops making sense: damage is for the decoder to judge.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stockroom.renditions.original import FileBytes


class Box(NamedTuple):
    """The type of a box, and where its content begins and ends in the file."""

    kind: bytes
    start: int
    end: int


class Extent(NamedTuple):
    """A part of an item: its first byte in the file, and its length."""

    start: int
    length: int


def has_file_type_box(head: bytes) -> bool:
    """Whether a file that begins with `head` is of this format at all."""
    return head[4:8] == b"ftyp"


def read_brands(head: bytes) -> list[bytes]:
    """The brands in the file type box: the major brand first, then the compatible ones."""
    size = int.from_bytes(head[:4])
    return [head[8:12], *(head[start : start + 4] for start in range(16, min(size, 256, len(head)), 4))]


def iterate_boxes(data: FileBytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two positions, one after the other. A box that does not fit ends the iteration."""
    position = start
    while position + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, position)
        header_size = 8
        if size == 1 and position + 16 <= end:
            (size,), header_size = struct.unpack_from(">Q", data, position + 8), 16
        # Size 0 stands for the rest of the file.
        size = size or end - position
        if size < header_size or position + size > end:
            return
        yield Box(kind, position + header_size, position + size)
        position += size


def find_announced_end(data: FileBytes) -> int:
    """Where the file ends by its last box: beyond `len(data)` when the end of the file is missing."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4])
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16])
        if size == 0:
            return len(data)
        if size < 8:
            # No box is as small: the file is damaged here, which says nothing about its end.
            return position
        position += size
    return position if position == len(data) else max(position, len(data) + 1)


def read_item_types(data: FileBytes, entries: Iterable[Box]) -> dict[int, bytes]:
    """Item ids with their types (`av01`, `Exif`, `grid` …), from the entries of an `iinf` box."""
    types = {}
    for box in entries:
        if box.kind == b"infe" and data[box.start] in (2, 3):
            layout = ">4xH2x4s" if data[box.start] == 2 else ">4xI2x4s"
            item_id, item_type = struct.unpack_from(layout, data, box.start)
            types[item_id] = item_type
    return types


def find_item_entries(data: FileBytes, item_info: Box) -> int:
    """The position of the first entry in an `iinf` box."""
    return item_info.start + (8 if data[item_info.start] else 6)


def iterate_item_extents(
    data: FileBytes, item_locations: Box, item_data: Box | None
) -> Iterator[tuple[int, Extent]]:
    """Item ids with one place of their content each, from an `iloc` box, and from `idat` if it is there.

    An item may have many extents, which may take no bytes of the box. An item without any comes with an empty
    one, so that whoever counts what comes here counts every step.
    """
    position = item_locations.start
    version, sizes = data[position], int.from_bytes(data[position + 4 : position + 6])
    # Four sizes of numbers, in bytes, four bits each.
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    id_size = 4 if version > 1 else 2
    position += 6

    def read_number(size: int) -> int:
        nonlocal position
        position += size
        if position > len(data):
            raise IndexError("a number beyond the end of the file")
        return int.from_bytes(data[position - size : position])

    for _ in range(read_number(id_size)):
        item_id = read_number(id_size)
        construction_method = read_number(2) & 15 if version else 0
        read_number(2)  # the data reference
        base = read_number(base_size)
        if construction_method == 1 and item_data is not None:
            base += item_data.start
        count = read_number(2)
        if not count:
            yield item_id, Extent(base, 0)
        for _ in range(count):
            if version:
                read_number(index_size)
            start = base + read_number(offset_size)
            # Length 0 stands for the rest of the file.
            yield item_id, Extent(start, read_number(length_size) or max(len(data) - start, 0))


def iterate_references(
    data: FileBytes, references: Box, boxes: Iterable[Box]
) -> Iterator[tuple[bytes, int, int]]:
    """References (`dimg`, `auxl` …) with the ids of both items, from an `iref` box and the boxes in it."""
    size, layout = (4, ">IH") if data[references.start] else (2, ">HH")
    for box in boxes:
        from_id, count = struct.unpack_from(layout, data, box.start)
        first = box.start + struct.calcsize(layout)
        for position in range(first, min(first + count * size, box.end), size):
            yield box.kind, from_id, int.from_bytes(data[position : position + size])


def iterate_property_associations(data: FileBytes, associations: Box) -> Iterator[tuple[int, list[int]]]:
    """Item ids with the numbers of their properties (from 1), from an `ipma` box."""
    position = associations.start
    version, flags = data[position], data[position + 3]
    (count,) = struct.unpack_from(">I", data, position + 4)
    position += 8
    # The highest bit of an association says whether a reader must understand the property.
    size, mask = (2, 0x7FFF) if flags & 1 else (1, 0x7F)
    for _ in range(count):
        layout = ">IB" if version else ">HB"
        item_id, length = struct.unpack_from(layout, data, position)
        position += struct.calcsize(layout)
        numbers = [
            int.from_bytes(data[position + n * size : position + (n + 1) * size]) & mask
            for n in range(length)
        ]
        position += length * size
        yield item_id, numbers

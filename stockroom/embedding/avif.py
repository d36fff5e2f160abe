"""AVIF: XMP and Exif as items of a HEIF file (ISO/IEC 23008-12), whose box `meta` says where they lie.

A changed item goes to a new box `mdat` at the end of the file. The box `meta` grows by the entry of a new
item, so the positions of all that follows it are counted anew. Sequences have positions in further boxes, and
are left alone.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stockroom.embedding import exif, xmp
from stockroom.embedding.description import Description, Unembeddable
from stockroom.embedding.pieces import FileBytes, Piece, Span, count_parts, join
from stockroom.renditions.isobmff import Box, find_item_entries, iterate_boxes

XMP_TYPE = b"application/rdf+xml"
_MOST_ITEM_BYTES = 16 * 1024 * 1024
_IN_FILE, _IN_META = 0, 1
_SHORT_ID = 0xFFFF
_MOST_POSITION = 0xFFFFFFFF


class _Box(NamedTuple):
    """A box: its type, where it begins, where its content begins, and where it ends."""

    kind: bytes
    head: int
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.head, self.end)


class _Extent(NamedTuple):
    """A part of an item: the number of a part of another item, a position, and a length."""

    number: int
    position: int
    length: int


class _Item(NamedTuple):
    """An item of `iloc`: how its positions are counted, in which file, and its parts."""

    item_id: int
    method: int
    file: int
    extents: tuple[_Extent, ...]


class _Locations(NamedTuple):
    """The content of `iloc`; of the sizes of its numbers, in bytes, those that stay."""

    version: int
    index_size: int
    offset_size: int
    length_size: int
    items: list[_Item]


def embed(data: FileBytes, description: Description) -> list[Piece]:
    """The pieces of the copy. Raises Unembeddable for a sequence, and for a file whose boxes are damaged.

    Numbers that lead beyond the file, or do not fit where they have to be written, are the errors of Python
    and of `struct`.
    """
    boxes = list(_list_boxes(data, 0, len(data)))
    metas = [box for box in boxes if box.kind == b"meta"]
    if any(box.kind == b"moov" for box in boxes):
        raise Unembeddable("AVIF sequences carry no metadata")
    if len(metas) != 1 or boxes[-1].end != len(data):
        raise Unembeddable("its boxes are damaged")
    (meta,) = metas
    children = {box.kind: box for box in _list_boxes(data, meta.start + 4, meta.end)}
    if not {b"iinf", b"iloc", b"pitm"} <= children.keys():
        raise Unembeddable("its boxes are damaged")
    locations = _read_locations(data, children[b"iloc"])
    contents = _make_contents(data, children, locations, description)
    new_ids = contents.keys() - {item.item_id for item in locations.items}
    # The size of the new `meta` does not depend on the places in it.
    draft = _make_meta(data, meta, children, _place(locations, contents, meta, 0, 0), new_ids)
    grown = len(draft) - (meta.end - meta.head)
    last = boxes[-1]
    ends_open = int.from_bytes(data[last.head : last.head + 4]) == 0
    payload = b"".join(contents.values())
    head = b"" if ends_open else struct.pack(">I4s", 8 + len(payload), b"mdat")
    placed = _place(locations, contents, meta, grown, len(data) + grown + len(head))
    pieces: list[Piece] = [
        Span(0, meta.head),
        _make_meta(data, meta, children, placed, new_ids),
        Span(meta.end, len(data)),
        head + payload,
    ]
    return join(piece for piece in pieces if piece)


def _list_boxes(data: FileBytes, start: int, end: int) -> Iterator[_Box]:
    head = start
    for _, box in zip(count_parts(), iterate_boxes(data, start, end), strict=False):
        yield _Box(box.kind, head, box.start, box.end)
        head = box.end


def _make_contents(
    data: FileBytes, children: dict[bytes, _Box], locations: _Locations, description: Description
) -> dict[int, bytes]:
    """The new content of each item that changes, by id: XMP, and Exif that says something else."""
    info = children[b"iinf"]
    contents: dict[int, bytes] = {}
    packet: bytes | None = None
    xmp_id = 1 + max((item.item_id for item in locations.items), default=0)
    bytes_read = 0
    by_id = {item.item_id: item for item in locations.items}
    entries = find_item_entries(data, Box(info.kind, info.start, info.end))
    for entry in _list_boxes(data, entries, info.end):
        item_id, kind, rest = _read_entry(data, entry)
        if item_id not in by_id:
            xmp_id = max(xmp_id, item_id + 1)
        elif kind == b"mime" and rest.split(b"\0")[1:2] == [XMP_TYPE] and packet is None:
            xmp_id, packet = item_id, _read_item(data, children, by_id[item_id])
        elif kind == b"Exif":
            before = _read_item(data, children, by_id[item_id])
            # Many items may lie at the same place.
            bytes_read += len(before)
            if bytes_read > _MOST_ITEM_BYTES:
                raise Unembeddable("its metadata are too long")
            # The first four bytes say how far behind them the TIFF structure begins.
            start = 4 + int.from_bytes(before[:4])
            tiff = exif.update_texts(before[start:], description, most=_MOST_ITEM_BYTES)
            if tiff != before[start:]:
                contents[item_id] = before[:start] + tiff
    contents[xmp_id] = xmp.update_packet(packet, description)
    return contents


def _read_entry(data: FileBytes, entry: _Box) -> tuple[int, bytes, bytes]:
    """The id and the type of an item in `iinf`, and what follows: its name, and for `mime` its type."""
    version = data[entry.start]
    if entry.kind != b"infe" or version not in (2, 3):
        raise Unembeddable("its items are described in an old way")
    layout = ">4xH2x4s" if version == 2 else ">4xI2x4s"
    item_id, kind = struct.unpack_from(layout, data, entry.start)
    return item_id, kind, data[entry.start + struct.calcsize(layout) : entry.end]


def _read_item(data: FileBytes, children: dict[bytes, _Box], item: _Item) -> bytes:
    start = 0
    if item.method == _IN_META and b"idat" in children:
        start = children[b"idat"].start
    elif item.method != _IN_FILE or item.file:
        raise Unembeddable("its items lie in other files")
    if sum(extent.length for extent in item.extents) > _MOST_ITEM_BYTES:
        raise Unembeddable("its metadata are too long")
    return b"".join(
        data[start + extent.position : start + extent.position + extent.length] for extent in item.extents
    )


def _read_locations(data: FileBytes, box: _Box) -> _Locations:
    version, sizes = data[box.start], int.from_bytes(data[box.start + 4 : box.start + 6])
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    position = box.start + 6

    def read(size: int) -> int:
        nonlocal position
        position += size
        if position > box.end:
            raise IndexError("a number beyond the end of the box")
        return int.from_bytes(data[position - size : position])

    if version > 2:
        raise Unembeddable("its items are described in a new way")
    if version == 0:
        index_size = 0
    items = []
    parts = count_parts()
    for _ in range(read(4 if version == 2 else 2)):
        next(parts)
        item_id = read(4 if version == 2 else 2)
        method = read(2) & 15 if version else _IN_FILE
        file = read(2)
        base = read(base_size)
        extents = []
        for _ in range(read(2)):
            next(parts)
            number, offset = read(index_size), read(offset_size)
            extents.append(_Extent(number, base + offset, read(length_size)))
        items.append(_Item(item_id, method, file, tuple(extents)))
    return _Locations(version, index_size, max(4, offset_size), max(4, length_size), items)


def _place(
    locations: _Locations, contents: dict[int, bytes], meta: _Box, grown: int, position: int
) -> _Locations:
    """The places of all items in the copy: `contents` lie from `position` on, one after the other."""
    places = {}
    for item_id, content in contents.items():
        places[item_id] = _Item(item_id, _IN_FILE, 0, (_Extent(0, position, len(content)),))
        position += len(content)
    if position > _MOST_POSITION:
        raise Unembeddable("it is too large")
    items = [
        places.pop(item.item_id) if item.item_id in places else _shift(item, meta, grown)
        for item in locations.items
    ]
    return locations._replace(items=[*items, *places.values()])


def _shift(item: _Item, meta: _Box, grown: int) -> _Item:
    if item.method != _IN_FILE or item.file:
        return item
    if any(meta.head <= extent.position < meta.end for extent in item.extents):
        raise Unembeddable("its boxes are damaged")
    return item._replace(
        extents=tuple(
            extent._replace(position=extent.position + grown) if extent.position >= meta.end else extent
            for extent in item.extents
        )
    )


def _make_meta(
    data: FileBytes, meta: _Box, children: dict[bytes, _Box], locations: _Locations, new_ids: set[int]
) -> bytes:
    parts = []
    for box in _list_boxes(data, meta.start + 4, meta.end):
        if box.kind == b"iloc":
            parts.append(_make_box(b"iloc", _make_locations(locations)))
        elif box.kind == b"iinf":
            parts.append(_make_box(b"iinf", _add_entries(data, box, sorted(new_ids))))
        elif box.kind != b"iref":
            parts.append(data[box.head : box.end])
    if b"iref" in children or new_ids:
        references = _add_references(data, children, sorted(new_ids))
        parts.append(_make_box(b"iref", references))
    return _make_box(b"meta", data[meta.start : meta.start + 4] + b"".join(parts))


def _make_locations(locations: _Locations) -> bytes:
    version, index_size, offset_size, length_size, items = locations
    wide = 4 if version == 2 else 2
    # The positions are whole ones, so no base is added to them.
    sizes = offset_size << 12 | length_size << 8 | index_size
    written = [bytes([version, 0, 0, 0]), sizes.to_bytes(2), len(items).to_bytes(wide)]
    for item in items:
        method = item.method.to_bytes(2) if version else b""
        written += [item.item_id.to_bytes(wide), method, item.file.to_bytes(2), len(item.extents).to_bytes(2)]
        for number, position, length in item.extents:
            written += [
                number.to_bytes(index_size),
                position.to_bytes(offset_size),
                length.to_bytes(length_size),
            ]
    return b"".join(written)


def _add_entries(data: FileBytes, info: _Box, item_ids: Sequence[int]) -> bytes:
    """The content of `iinf`, with entries of new XMP items."""
    wide = 4 if data[info.start] else 2
    count = int.from_bytes(data[info.start + 4 : info.start + 4 + wide]) + len(item_ids)
    added = []
    for item_id in item_ids:
        version, size = (2, 2) if item_id <= _SHORT_ID else (3, 4)
        # Protected by nothing; without a name; not encoded.
        described = item_id.to_bytes(size) + b"\0\0mime" + b"\0" + XMP_TYPE + b"\0\0"
        added.append(_make_box(b"infe", bytes([version, 0, 0, 0]) + described))
    entries = data[info.start + 4 + wide : info.end]
    return data[info.start : info.start + 4] + count.to_bytes(wide) + entries + b"".join(added)


def _add_references(data: FileBytes, children: dict[bytes, _Box], item_ids: Sequence[int]) -> bytes:
    """The content of `iref`, in which new items describe (`cdsc`) the picture."""
    primary_box = children[b"pitm"]
    primary = int.from_bytes(
        data[primary_box.start + 4 : primary_box.start + (8 if data[primary_box.start] else 6)]
    )
    before = data[children[b"iref"].start : children[b"iref"].end] if b"iref" in children else b""
    if not before:
        before = bytes([int(max(primary, *item_ids) > _SHORT_ID), 0, 0, 0])
    wide = 4 if before[0] else 2
    added = [
        _make_box(b"cdsc", item_id.to_bytes(wide) + (1).to_bytes(2) + primary.to_bytes(wide))
        for item_id in item_ids
    ]
    return before + b"".join(added)


def _make_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content

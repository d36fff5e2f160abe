"""AVIF: a HEIF file (`isobmff`) whose pictures are coded in AV1.

A file holds items: coded pictures (the picture or its tiles, its transparency, a preview), pictures that are
derived from those, and metadata. Items may share bytes and tiles may be of any size, so neither the size of
the file nor the sides of the picture say how much there is to read.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from stockroom.renditions import exif
from stockroom.renditions.isobmff import (
    Box,
    find_announced_end,
    find_item_entries,
    iterate_boxes,
    iterate_item_extents,
    iterate_property_associations,
    iterate_references,
    read_item_types,
)
from stockroom.renditions.limits import (
    check_coded_pixels,
    check_dimensions,
    check_metadata,
)
from stockroom.renditions.rejection import corrupt, too_slow
from stockroom.renditions.sources.source_format import SourceFormat

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler

_CODED_PICTURE = b"av01"
_PICTURES = frozenset({_CODED_PICTURE, b"grid", b"iden", b"iovl", b"tmap"})
# A derived picture names by such references the pictures that it is put together from.
_DERIVED_FROM = b"dimg"
# Transparency is coded as a second picture of the same size, and a file may bring a preview.
_MAX_PICTURES = 2
# Of these a file has one each. Of two, libheif could read one, and the limits be held against the other.
_ONCE = frozenset({b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"pitm", b"ipco"})
# A gain map is derived from a grid, which is derived from its tiles.
_MAX_DERIVATIONS = 4

Step = TypeVar("Step")


def _check_container(original: Original, options: Options) -> None:
    data = original.whole()
    metas = [box for box in _counted(iterate_boxes(data, 0, len(data)), options) if box.kind == b"meta"]
    if not metas:
        return
    meta = metas[0]
    if len(metas) > 1:
        raise corrupt()
    try:
        # The content of `meta` begins with four bytes for its version and flags.
        boxes = _find_boxes(data, meta.start + 4, meta.end, options)
        types = {}
        if item_info := boxes.get(b"iinf"):
            entries = iterate_boxes(data, find_item_entries(data, item_info), item_info.end)
            described = list(_counted(entries, options))
            types = read_item_types(data, described)
            if len(types) < len(described):
                # An item is described twice, or in a way that AVIF does not have.
                raise corrupt()
        _check_metadata_items(data, boxes, types, options)
        _check_coded_pictures(data, boxes, types, options)
    except (struct.error, IndexError):
        return


def _counted(steps: Iterable[Step], options: Options) -> Iterator[Step]:
    """The same steps. Raises `ImageRejected` when there are more of them than a file may have parts."""
    for count, step in enumerate(steps, 1):
        check_metadata(0, count, options)
        yield step


def _find_boxes(data: FileBytes, start: int, end: int, options: Options) -> dict[bytes, Box]:
    boxes: dict[bytes, Box] = {}
    for box in _counted(iterate_boxes(data, start, end), options):
        if box.kind in boxes and box.kind in _ONCE:
            raise corrupt()
        boxes[box.kind] = box
    return boxes


def _check_metadata_items(
    data: FileBytes, boxes: dict[bytes, Box], types: dict[int, bytes], options: Options
) -> None:
    """Add up the sizes of all items that are no pictures. Bytes that two items share count twice."""
    if b"iloc" not in boxes:
        return
    size = 0
    exif_items: dict[int, list[bytes]] = {}
    for item_id, extent in _counted(iterate_item_extents(data, boxes[b"iloc"], boxes.get(b"idat")), options):
        if types.get(item_id) in _PICTURES:
            continue
        size += extent.length
        check_metadata(size, 0, options)
        if types.get(item_id) == b"Exif":
            part = bytes(data[extent.start : extent.start + extent.length])
            exif_items.setdefault(item_id, []).append(part)
    for item in map(b"".join, exif_items.values()):
        # The first four bytes say how far behind them the TIFF header begins. libvips does not look at them.
        for start in (4, 4 + int.from_bytes(item[:4])):
            exif.check_directories(item[start:].removeprefix(exif.PREFIX), options)


def _check_coded_pictures(
    data: FileBytes, boxes: dict[bytes, Box], types: dict[int, bytes], options: Options
) -> None:
    """Add up the pixels of all coded pictures, each as often as it is decoded."""
    pixels = _find_coded_pixels(data, boxes, types, options)
    parts: dict[int, list[int]] = {}
    if references := boxes.get(b"iref"):
        kinds = _counted(iterate_boxes(data, references.start + 4, references.end), options)
        for kind, whole, part in _counted(iterate_references(data, references, kinds), options):
            if kind == _DERIVED_FROM:
                parts.setdefault(whole, []).append(part)
    items = {*pixels, *parts, *chain.from_iterable(parts.values())}
    reached = set()

    @cache
    def count_decoded(item_id: int, derivations: int) -> int:
        if derivations > _MAX_DERIVATIONS:
            raise too_slow()
        reached.add(item_id)
        below = sum(count_decoded(part, derivations + 1) for part in parts.get(item_id, ()))
        return pixels.get(item_id, 0) + below

    decoded = sum(count_decoded(item_id, 0) for item_id in items.difference(*parts.values()))
    if reached != items:
        # Pictures that are derived from each other, in a circle.
        raise too_slow()
    check_coded_pixels(decoded, _MAX_PICTURES * min(options.max_pixels, options.max_pixels_avif))


def _find_coded_pixels(
    data: FileBytes, boxes: dict[bytes, Box], types: dict[int, bytes], options: Options
) -> dict[int, int]:
    """The ids of coded pictures with their pixels, from the properties that give their sides."""
    if b"iprp" not in boxes:
        return {}
    start, end = boxes[b"iprp"].start, boxes[b"iprp"].end
    properties = _find_boxes(data, start, end, options)
    if b"ipco" not in properties:
        return {}
    # A file has one such box for each of its versions, and a decoder adds them up.
    associations = chain.from_iterable(
        iterate_property_associations(data, box)
        for box in iterate_boxes(data, start, end)
        if box.kind == b"ipma"
    )
    sides: dict[int, int] = {}
    profiles = 0
    container = properties[b"ipco"]
    for number, box in enumerate(_counted(iterate_boxes(data, container.start, container.end), options), 1):
        if box.kind == b"ispe":
            width, height = struct.unpack_from(">4xII", data, box.start)
            sides[number] = width * height
        elif box.kind == b"colr":
            profiles += box.end - box.start
    check_metadata(profiles, 0, options)
    pixels: dict[int, int] = {}
    for item_id, numbers in _counted(associations, options):
        if types.get(item_id) == _CODED_PICTURE:
            pixels[item_id] = pixels.get(item_id, 0) + sum(sides.get(number, 0) for number in numbers)
    return pixels


def _check_header(image: pyvips.Image, _original: Original, options: Options) -> None:
    check_dimensions(image.width, image.height, "an AVIF", options.max_pixels_avif, options)


def _scale(scaler: Scaler) -> pyvips.Image:
    # Not from the file: libvips would take the preview in the file for the picture.
    return scaler.thumbnail_of_loaded()


def _is_cut_off(data: FileBytes) -> bool:
    return find_announced_end(data) > len(data)


AVIF = SourceFormat(
    name="avif",
    title="AVIF",
    media_type="image/avif",
    signatures=(),
    brands=("avif", "avis"),
    extensions=("avif",),
    remark="of a sequence its primary picture",
    further_limits=(
        ("pixels of its tiles, transparency and preview, by those of the largest AVIF", _MAX_PICTURES),
        ("steps in which a picture is derived from others", _MAX_DERIVATIONS),
    ),
    loader="heifload",
    loader_class="VipsForeignLoadHeif",
    check_container=_check_container,
    check_header=_check_header,
    scale=_scale,
    find_blocks=None,
    is_cut_off=_is_cut_off,
    sample=b64decode(
        "AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJp"
        "bG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAABwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAAB"
        "AAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgQAMAAAAABRpc3BlAAAAAAAAABAAAAAQAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAA"
        "AAEAAQOBAgMAAAAkbWRhdBIACgkYDP/aICGg0IAyDRlHh4YhgABoAAh1hlM="
    ),
)

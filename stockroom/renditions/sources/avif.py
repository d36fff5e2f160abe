"""AVIF: a HEIF file (`isobmff`) whose pictures are coded in AV1.

A file holds items: coded pictures (the picture or its tiles, its transparency, a preview), pictures that are
derived from those, and metadata. Items may share bytes and tiles may be of any size, so neither the size of
the file nor the sides of the picture say how much there is to read.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from typing import TYPE_CHECKING

from stockroom.renditions import exif
from stockroom.renditions.isobmff import (
    Box,
    find_announced_end,
    iterate_boxes,
    iterate_item_extents,
    iterate_property_associations,
    read_item_types,
)
from stockroom.renditions.limits import check_coded_pixels, check_dimensions, check_metadata
from stockroom.renditions.sources.source_format import SourceFormat

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler

_CODED_PICTURE = b"av01"
_PICTURES = frozenset({_CODED_PICTURE, b"grid", b"iden", b"iovl", b"tmap"})
# Transparency is coded as a second picture of the same size, and a file may bring a preview.
_MAX_PICTURES = 2


def _check_container(original: Original, options: Options) -> None:
    data = original.whole()
    meta = None
    for count, box in enumerate(iterate_boxes(data, 0, len(data))):
        check_metadata(0, count, options)
        if box.kind == b"meta" and meta is None:
            meta = box
    if meta is None:
        return
    try:
        # The content of `meta` begins with four bytes for its version and flags.
        boxes = {box.kind: box for box in iterate_boxes(data, meta.start + 4, meta.end)}
        types = read_item_types(data, boxes[b"iinf"]) if b"iinf" in boxes else {}
        _check_metadata_items(data, boxes, types, options)
        if b"iprp" in boxes:
            _check_coded_pictures(data, boxes[b"iprp"], types, options)
    except (struct.error, IndexError):
        return


def _check_metadata_items(
    data: FileBytes, boxes: dict[bytes, Box], types: dict[int, bytes], options: Options
) -> None:
    """Add up the sizes of all items that are no pictures. Bytes that two items share count twice."""
    if b"iloc" not in boxes:
        return
    size = count = 0
    for item_id, extents in iterate_item_extents(data, boxes[b"iloc"], boxes.get(b"idat")):
        if types.get(item_id) in _PICTURES:
            continue
        count += 1
        size += sum(extent.length for extent in extents)
        check_metadata(size, count, options)
        if types.get(item_id) == b"Exif" and extents:
            start, length = extents[0]
            item = bytes(data[start : start + length])
            # The first four bytes say how far behind them the TIFF header begins.
            exif.check_directories(item[4 + int.from_bytes(item[:4]) :], options)


def _check_coded_pictures(
    data: FileBytes, properties: Box, types: dict[int, bytes], options: Options
) -> None:
    """Add up the pixels of all coded pictures, from the properties that give their sides."""
    boxes = {box.kind: box for box in iterate_boxes(data, properties.start, properties.end)}
    if b"ipco" not in boxes or b"ipma" not in boxes:
        return
    pixels: dict[int, int] = {}
    profiles = 0
    container = boxes[b"ipco"]
    for number, box in enumerate(iterate_boxes(data, container.start, container.end), 1):
        check_metadata(profiles, number, options)
        if box.kind == b"ispe":
            width, height = struct.unpack_from(">4xII", data, box.start)
            pixels[number] = width * height
        elif box.kind == b"colr":
            profiles += box.end - box.start
    check_metadata(profiles, 0, options)
    coded = sum(
        pixels.get(number, 0)
        for item_id, numbers in iterate_property_associations(data, boxes[b"ipma"])
        if types.get(item_id) == _CODED_PICTURE
        for number in numbers
    )
    check_coded_pixels(coded, _MAX_PICTURES * min(options.max_pixels, options.max_pixels_avif))


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
    loader="heifload",
    loader_class="VipsForeignLoadHeif",
    check_container=_check_container,
    check_header=_check_header,
    scale=_scale,
    is_cut_off=_is_cut_off,
    sample=b64decode(
        "AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJp"
        "bG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAABwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAAB"
        "AAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgQAMAAAAABRpc3BlAAAAAAAAABAAAAAQAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAA"
        "AAEAAQOBAgMAAAAkbWRhdBIACgkYDP/aICGg0IAyDRlHh4YhgABoAAh1hlM="
    ),
)

"""Files made to go around the limits: hidden, shared, repeated or circular parts."""

import random
import struct
import zlib
from collections.abc import Sequence

from tests.renditions.hostile.builders import (
    GIF_FRAME,
    gif_of,
    iso_box,
    jpeg,
    jpeg_segment,
    jpeg_with,
    png_chunk,
    png_with,
    vp8x,
    webp_chunks,
    webp_of,
)
from tests.renditions.hostile.registry import PICTURE, hostile
from tests.renditions.images import encode, photo, with_fields


def exif_of(*tags: tuple[int, int], repeated: int = 1) -> bytes:
    """EXIF of one directory whose entries are these tags with numbers as their values."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags * repeated)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags) * repeated) + entries + b"\0" * 4


CIRCULAR_EXIF = exif_of((0x8769, 8), (0x8825, 8), (0xA005, 8), repeated=300)
"""As many entries as are allowed, nearly; and too many pointers."""


@hostile("too-much-metadata", bomb=True)
def jpeg_whose_exif_points_at_itself() -> bytes:
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + CIRCULAR_EXIF))


@hostile("too-much-metadata", bomb=True)
def jpeg_whose_exif_has_thousands_of_entries() -> bytes:
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + exif_of((0x010F, 1), repeated=5000)))


@hostile("too-much-metadata", bomb=True)
def png_whose_exif_points_at_itself() -> bytes:
    return png_with(png_chunk(b"eXIf", CIRCULAR_EXIF))


@hostile("too-much-metadata", bomb=True)
def webp_whose_exif_points_at_itself() -> bytes:
    frames = webp_chunks(encode(photo(64, 48), "webp"))
    return webp_of(vp8x(64, 48, 8), *frames, (b"EXIF", CIRCULAR_EXIF))


@hostile(PICTURE)
def jpeg_of_the_year_one() -> bytes:
    dated = {"exif_ifd2_DateTimeOriginal": "0001:01:01 00:00:00", "exif_ifd2_OffsetTimeOriginal": "+14:00"}
    return bytes(with_fields(photo(64, 48), **dated).jpegsave_buffer())


@hostile(PICTURE)
def jpeg_of_the_last_second_there_is() -> bytes:
    dated = {"exif_ifd2_DateTimeOriginal": "9999:12:31 23:59:59", "exif_ifd2_OffsetTimeOriginal": "-14:00"}
    return bytes(with_fields(photo(64, 48), **dated).jpegsave_buffer())


@hostile("corrupt")
def jpeg_of_two_components() -> bytes:
    data = bytes(photo(64, 48).colourspace("b-w").jpegsave_buffer(keep="none"))
    old, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    frame = jpeg_segment(0xC0, data[old + 4 : old + 9] + b"\2" + data[old + 10 : old + 13] + b"\2\x11\0")
    scan_header = jpeg_segment(0xDA, b"\2\1\0\2\0\0\x3f\0")
    length = int.from_bytes(data[scan + 2 : scan + 4])
    return data[:old] + frame + data[old + 13 : scan] + scan_header + data[scan + 2 + length :]


@hostile("too-much-metadata", bomb=True)
def jpeg_whose_comments_hide_behind_garbage() -> bytes:
    return jpeg_with(jpeg_segment(0xFE, b"x"), b"\0", jpeg_segment(0xFE, b"") * 3_000_000)


@hostile("too-much-metadata", bomb=True)
def jpeg_whose_xmp_hides_behind_a_restart_marker() -> bytes:
    return jpeg_with(b"\xff\xd0", jpeg_segment(0xE1, bytes(60_000)) * 400)


@hostile("too-much-metadata", bomb=True)
def jpeg_of_nothing_but_garbage() -> bytes:
    return b"\xff\xd8\xff\xd0" + bytes(40_000_000)


@hostile("too-much-metadata", bomb=True)
def png_that_inflates_to_a_wrong_checksum() -> bytes:
    packed = zlib.compress(bytes(7_000_000))[:-4] + b"oops"
    return png_with(*[png_chunk(b"zTXt", b"key\0\0" + packed)] * 900)


@hostile("too-much-metadata", bomb=True)
def gif_comment_of_one_byte_blocks() -> bytes:
    return gif_of(1, 1, b"!\xfe" + b"\x01x" * 4_000_000 + b"\0" + GIF_FRAME)


@hostile("too-many-frames", bomb=True)
def gif_of_a_million_control_extensions() -> bytes:
    return gif_of(1, 1, b"!\xf9\x04\0\0\0\0\0" * 1_000_000 + GIF_FRAME)


def avif_items(count: int, size: int) -> bytes:
    """An AVIF with further items of metadata that share the same bytes."""
    head = iso_box(b"ftyp", b"avif\0\0\0\0avifmif1")
    infe = [iso_box(b"infe", b"\2\0\0\0" + struct.pack(">HH", n, 0) + b"mime\0text\0") for n in range(count)]
    iinf = iso_box(b"iinf", b"\0\0\0\0" + struct.pack(">H", count) + b"".join(infe))

    def meta(start: int) -> bytes:
        places = [struct.pack(">HHHII", n, 0, 1, start, size) for n in range(count)]
        iloc = iso_box(b"iloc", b"\0\0\0\0\x44\0" + struct.pack(">H", count) + b"".join(places))
        return iso_box(b"meta", b"\0\0\0\0" + iinf + iloc)

    return head + meta(len(head + meta(0)) + 8) + iso_box(b"mdat", bytes(size))


@hostile("too-much-metadata", bomb=True)
def avif_whose_items_share_their_bytes() -> bytes:
    return avif_items(90, 7_000_000)


@hostile("too-much-metadata", bomb=True)
def avif_of_one_huge_item() -> bytes:
    return avif_items(1, 40_000_000)


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_free_boxes() -> bytes:
    return iso_box(b"ftyp", b"avif\0\0\0\0avifmif1") + iso_box(b"free", b"") * 1_000_000


def avif_meta(*boxes: bytes) -> bytes:
    """An AVIF of nothing but its metadata box, with these boxes in it."""
    return iso_box(b"ftyp", b"avif\0\0\0\0avifmif1") + iso_box(b"meta", b"\0\0\0\0" + b"".join(boxes))


def item_info(*types: bytes) -> bytes:
    """A box that says of which types the items 0, 1, 2 … are."""
    infe = [iso_box(b"infe", b"\2\0\0\0" + struct.pack(">HH", n, 0) + kind) for n, kind in enumerate(types)]
    return iso_box(b"iinf", b"\0\0\0\0" + struct.pack(">H", len(types)) + b"".join(infe))


def avif_of_exif(*parts: bytes) -> bytes:
    """An AVIF with one item, of EXIF, whose extents are these parts."""

    def meta(start: int) -> bytes:
        places = b""
        for part in parts:
            places += struct.pack(">II", start, len(part))
            start += len(part)
        iloc = b"\0\0\0\0\x44\0" + struct.pack(">HHHH", 1, 0, 0, len(parts)) + places
        return avif_meta(item_info(b"Exif"), iso_box(b"iloc", iloc))

    return meta(len(meta(0)) + 8) + iso_box(b"mdat", b"".join(parts))


@hostile("too-much-metadata", bomb=True)
def avif_whose_exif_points_at_itself() -> bytes:
    return avif_of_exif(b"\0\0\0\6Exif\0\0" + CIRCULAR_EXIF)


@hostile("too-much-metadata", bomb=True)
def avif_whose_exif_points_at_itself_and_lies_in_two_parts() -> bytes:
    return avif_of_exif(b"\0\0\0\6Exif\0\0II", CIRCULAR_EXIF[2:])


@hostile("too-much-metadata", bomb=True)
def avif_whose_exif_points_at_itself_and_says_that_it_begins_elsewhere() -> bytes:
    """libvips looks behind the four bytes that say where it begins, whatever these say."""
    return avif_of_exif(b"\0\0\x10\0Exif\0\0" + CIRCULAR_EXIF)


def item_sides(side: int, items: Sequence[int]) -> bytes:
    """A box that says that these items are squares of this side."""
    ipco = iso_box(b"ipco", iso_box(b"ispe", b"\0\0\0\0" + struct.pack(">II", side, side)))
    owned = b"".join(struct.pack(">HBB", n, 1, 1) for n in items)
    ipma = iso_box(b"ipma", b"\0\0\0\0" + struct.pack(">I", len(items)) + owned)
    return iso_box(b"iprp", ipco + ipma)


def derived(whole: int, *parts: int) -> bytes:
    """A reference that says from which items a picture is put together."""
    return iso_box(b"dimg", struct.pack(f">HH{len(parts)}H", whole, len(parts), *parts))


def references(*boxes: bytes) -> bytes:
    """The box of all references between items."""
    return iso_box(b"iref", b"\0\0\0\0" + b"".join(boxes))


@hostile("too-many-pixels", bomb=True)
def avif_of_huge_tiles() -> bytes:
    """Sixteen coded items of 25 million pixels each, by their property."""
    return avif_meta(item_info(*[b"av01"] * 16), item_sides(5000, range(16)))


@hostile("too-many-pixels", bomb=True)
def avif_of_one_tile_that_is_used_a_hundred_times() -> bytes:
    """Decoded a hundred times, too: 25 million pixels each time."""
    return avif_meta(item_info(b"grid", b"av01"), item_sides(5000, [1]), references(derived(0, *[1] * 100)))


@hostile("too-many-pixels", bomb=True)
def avif_of_grids_of_grids() -> bytes:
    """Ten times ten times ten times the same tile of 250,000 pixels."""
    grids = [derived(n, *[n + 1] * 10) for n in range(3)]
    return avif_meta(item_info(b"grid", b"grid", b"grid", b"av01"), item_sides(500, [3]), references(*grids))


@hostile("too-slow", bomb=True)
def avif_of_endless_derivations() -> bytes:
    chain = [derived(n, n + 1) for n in range(900)]
    return avif_meta(item_info(*[b"iden"] * 900, b"av01"), item_sides(16, [900]), references(*chain))


@hostile("too-slow", bomb=True)
def avif_of_pictures_that_are_derived_from_each_other() -> bytes:
    return avif_meta(item_info(b"grid", b"grid"), references(derived(0, 1), derived(1, 0)))


@hostile("too-much-metadata", bomb=True)
def avif_of_extents_that_take_no_bytes() -> bytes:
    """A thousand items with 65,535 extents each, in 6 kB: minutes, for a reader that does not count them."""
    places = b"".join(struct.pack(">HHH", n, 0, 65_535) for n in range(1000))
    return avif_meta(iso_box(b"iloc", b"\0\0\0\0\0\0" + struct.pack(">H", 1000) + places))


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_items_without_extents() -> bytes:
    places = bytes(8) * 1_000_000
    return avif_meta(iso_box(b"iloc", b"\2\0\0\0\0\0" + struct.pack(">I", 1_000_000) + places + places))


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_items() -> bytes:
    entries = iso_box(b"infe", b"\2\0\0\0\0\0\0\0mime\0") * 1_000_000
    return avif_meta(iso_box(b"iinf", b"\1\0\0\0" + struct.pack(">I", 1_000_000) + entries))


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_boxes_in_its_metadata() -> bytes:
    return avif_meta(iso_box(b"free", b"") * 1_000_000)


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_properties() -> bytes:
    return avif_meta(
        iso_box(b"iprp", iso_box(b"ipco", iso_box(b"free", b"") * 1_000_000) + iso_box(b"ipma", b""))
    )


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_associations() -> bytes:
    ipma = iso_box(b"ipma", b"\0\0\0\0" + struct.pack(">I", 1_000_000) + bytes(3) * 1_000_000)
    return avif_meta(iso_box(b"iprp", iso_box(b"ipco", b"") + ipma))


@hostile("too-much-metadata", bomb=True)
def avif_of_a_million_references() -> bytes:
    return avif_meta(references(iso_box(b"thmb", struct.pack(">HH", 1, 0)) * 1_000_000))


@hostile("too-much-metadata", bomb=True)
def avif_of_one_reference_to_thousands_of_items() -> bytes:
    return avif_meta(references(iso_box(b"cdsc", struct.pack(">HH", 1, 65_535) + bytes(131_070))))


@hostile("too-much-metadata", bomb=True)
def webp_frame_of_a_million_chunks() -> bytes:
    body = bytes(6) + (15).to_bytes(3, "little") * 2 + bytes(4) + b"JUNK\0\0\0\0" * 1_000_000
    return webp_of(vp8x(16, 16, flags=2), (b"ANIM", bytes(6)), (b"ANMF", body))


@hostile(PICTURE)
def webp_with_zeros_behind_it() -> bytes:
    return encode(photo(64, 48), "webp") + bytes(1_000_000)


@hostile(PICTURE)
def progressive_jpeg_with_a_film_behind_it() -> bytes:
    return jpeg(interlace=True) + random.Random(1).randbytes(10_000_000)

"""Files whose parts contradict each other, or the file that they are in."""

import struct

from tests.renditions.hostile.builders import (
    gif_of,
    iso_box,
    jpeg,
    jpeg_with,
    png_chunk,
    png_with,
    vp8x,
    webp_chunks,
    webp_of,
    with_jpeg_sides,
)
from tests.renditions.hostile.registry import PICTURE, hostile
from tests.renditions.images import encode, flat, photo, png


@hostile("corrupt")
def png_without_width() -> bytes:
    return png(0, 10, bytes(100))


@hostile("corrupt")
def png_of_a_colour_type_that_is_not() -> bytes:
    return png(8, 8, bytes(100), color_type=5)


@hostile("corrupt")
def png_palette_without_a_palette() -> bytes:
    return png(8, 8, bytes(72), color_type=3)


@hostile("corrupt")
def png_of_indices_beyond_its_palette() -> bytes:
    data = png(8, 8, b"\0" + b"\xff" * 8, color_type=3)
    return data[:33] + png_chunk(b"PLTE", b"\1\2\3") + data[33:]


@hostile("corrupt")
def png_with_a_wrong_checksum_of_its_header() -> bytes:
    data = bytearray(png_with())
    data[30] ^= 1
    return bytes(data)


@hostile("corrupt")
def png_with_a_wrong_checksum_of_its_data() -> bytes:
    data = bytearray(png_with())
    data[data.index(b"IDAT") + 20] ^= 1
    return bytes(data)


@hostile("corrupt", "truncated")
def png_chunk_that_is_longer_than_the_file() -> bytes:
    return png_with(struct.pack(">I", 0x7FFFFFFF) + b"tEXt")


@hostile("corrupt", "truncated")
def png_chunk_of_a_negative_length() -> bytes:
    return png_with(struct.pack(">I", 0xFFFFFFFF) + b"tEXt")


@hostile("corrupt", PICTURE)
def png_with_two_headers() -> bytes:
    return png_with(png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)))


@hostile("corrupt", "truncated", PICTURE)
def jpeg_taller_than_its_data() -> bytes:
    return with_jpeg_sides(jpeg(), 64, 4000)


@hostile("corrupt", "truncated", PICTURE)
def jpeg_without_height() -> bytes:
    return with_jpeg_sides(jpeg(), 64, 0)


@hostile("corrupt", "truncated", PICTURE)
def jpeg_without_tables() -> bytes:
    data = jpeg()
    return data.replace(b"\xff\xc4", b"\xff\xe4")


@hostile(PICTURE, "corrupt", "truncated")
def jpeg_segment_of_length_zero() -> bytes:
    return jpeg_with(b"\xff\xe1\0\0")


@hostile("corrupt", "truncated")
def jpeg_of_twelve_bits() -> bytes:
    data = jpeg()
    start = data.index(b"\xff\xc0") + 4
    return data[:start] + b"\x0c" + data[start + 1 :]


@hostile("corrupt", "truncated")
def jpeg_arithmetic_or_lossless() -> bytes:
    return jpeg().replace(b"\xff\xc0", b"\xff\xc3")


@hostile("corrupt", "truncated", PICTURE)
def jpeg_of_255_components() -> bytes:
    data = jpeg()
    start = data.index(b"\xff\xc0") + 9
    return data[:start] + b"\xff" + data[start + 1 :]


@hostile("corrupt", PICTURE)
def webp_canvas_smaller_than_its_frame() -> bytes:
    return webp_of(vp8x(4, 4), *webp_chunks(encode(photo(64, 48), "webp")))


@hostile("corrupt", "truncated")
def webp_that_says_it_is_four_gigabytes() -> bytes:
    data = encode(photo(64, 48), "webp")
    return data[:4] + b"\xfe\xff\xff\xff" + data[8:]


@hostile("corrupt", "truncated")
def webp_chunk_longer_than_the_file() -> bytes:
    return webp_of((b"VP8 ", bytes(20)))[:16] + b"\xff\xff\xff\x7f" + bytes(20)


@hostile("side-too-long")
def gif_frame_outside_its_canvas() -> bytes:
    return gif_of(10, 10, b",\xff\xff\xff\xff\x01\0\x01\0\0\x02\x02D\x01\0")


@hostile("corrupt", "truncated", PICTURE)
def gif_whose_codes_are_nonsense() -> bytes:
    return gif_of(10, 10, b",\0\0\0\0\x0a\0\x0a\0\0\x0c" + b"\x10" + bytes(range(240, 256)) + b"\0")


@hostile("corrupt", "truncated")
def gif_without_a_frame() -> bytes:
    return gif_of(10, 10, b"")


@hostile("unsupported-type", "corrupt", "truncated")
def avif_that_is_only_a_brand() -> bytes:
    return iso_box(b"ftyp", b"avif\0\0\0\0avifmif1")


@hostile("corrupt", "truncated")
def avif_of_boxes_in_boxes() -> bytes:
    body = b""
    for _ in range(2000):
        body = iso_box(b"meta", b"\0\0\0\0" + body)
    return iso_box(b"ftyp", b"avif\0\0\0\0avifmif1") + body


@hostile("corrupt", "truncated")
def avif_of_four_thousand_million_items() -> bytes:
    count = iso_box(b"iinf", b"\1\0\0\0\xff\xff\xff\xff")
    return iso_box(b"ftyp", b"avif\0\0\0\0avifmif1") + iso_box(b"meta", b"\0\0\0\0" + count)


@hostile("corrupt", "truncated")
def avif_whose_data_lie_beyond_its_end() -> bytes:
    data = encode(photo(64, 48), "avif")
    start = data.index(b"iloc")
    return data[: start + 16] + b"\x7f\xff\xff\xff" + data[start + 20 :]


@hostile("corrupt")
def avif_of_a_property_whose_name_is_no_text() -> bytes:
    # libheif quotes it in its message.
    see_through = photo(64, 48).bandjoin(flat(64, 48, 120))
    return encode(see_through, "avif").replace(b"auxC", b"a\xeexC")

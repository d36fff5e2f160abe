"""Files that ask for more than they may, or for much within the limits."""

import struct
import zlib

from tests.renditions.hostile.builders import (
    GIF_FRAME,
    gif_of,
    jpeg,
    jpeg_segment,
    jpeg_with,
    png_chunk,
    png_with,
    vp8x,
    webp_chunks,
    webp_of,
    with_jpeg_sides,
)
from tests.renditions.hostile.registry import PICTURE, hostile
from tests.renditions.images import encode, encode_flat, flat, photo, png


@hostile("too-many-pixels", bomb=True)
def png_of_3600_million_pixels() -> bytes:
    return png(60000, 60000, bytes(100_000))


@hostile("too-many-pixels", bomb=True)
def png_of_one_colour_that_inflates_a_thousandfold() -> bytes:
    row = zlib.compressobj(9)
    packed = b"".join(row.compress(bytes(1 + 30000 // 8)) for _ in range(30000)) + row.flush()
    header = struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", packed)
        + png_chunk(b"IEND", b"")
    )


@hostile("too-many-pixels", bomb=True)
def png_interlaced_of_64_million_pixels() -> bytes:
    return png(8000, 8000, bytes(100_000), interlace=1)


@hostile("too-many-pixels", bomb=True)
def png_of_64_million_gray_and_transparent_pixels_of_16_bits() -> bytes:
    return png(8000, 8000, bytes(100_000), depth=16, color_type=4)


@hostile("side-too-long", "corrupt", bomb=True)
def png_of_the_largest_sides_there_are() -> bytes:
    return png(2**31 - 1, 2**31 - 1, b"\0")


@hostile("side-too-long", bomb=True)
def png_of_one_line_a_million_wide() -> bytes:
    return png(1_000_000, 1, bytes(3_000_001))


@hostile("too-many-pixels", bomb=True)
def jpeg_of_65500_squared() -> bytes:
    return with_jpeg_sides(jpeg(), 65500, 65500)


@hostile("too-many-pixels", bomb=True)
def jpeg_progressive_of_64_million_pixels() -> bytes:
    return with_jpeg_sides(jpeg(interlace=True), 8000, 8000)


@hostile("side-too-long", "too-many-pixels", bomb=True)
def gif_of_the_largest_canvas() -> bytes:
    return gif_of(65535, 65535, GIF_FRAME)


@hostile("too-many-pixels", bomb=True)
def gif_of_60000_squared() -> bytes:
    return gif_of(60000, 60000, GIF_FRAME)


@hostile("too-many-frames", bomb=True)
def gif_of_three_million_frames() -> bytes:
    return gif_of(1, 1, GIF_FRAME * 3_000_000)


@hostile("too-much-metadata", bomb=True)
def gif_of_a_million_comments() -> bytes:
    return gif_of(1, 1, b"!\xfe\x01x\0" * 1_000_000 + GIF_FRAME)


@hostile("too-many-pixels", "corrupt", bomb=True)
def webp_canvas_of_16383_squared() -> bytes:
    return webp_of(vp8x(16383, 16383), *webp_chunks(encode(photo(16, 16), "webp")))


@hostile("too-many-frames", bomb=True)
def webp_of_thousands_of_frames() -> bytes:
    frame = webp_chunks(encode(flat(16, 16, 9, 9, 9), "webp"))[-1]
    body = bytes(6) + (15).to_bytes(3, "little") * 2 + bytes(4)
    one = body + frame[0] + len(frame[1]).to_bytes(4, "little") + frame[1] + b"\0" * (len(frame[1]) % 2)
    return webp_of(vp8x(16, 16, flags=2), (b"ANIM", bytes(6)), *[(b"ANMF", one)] * 5000)


@hostile("too-many-pixels", bomb=True)
def avif_of_30_million_pixels_in_a_few_bytes() -> bytes:
    return encode_flat("avif", 6000, 5000, 200)


@hostile("too-many-pixels", "side-too-long", "corrupt", bomb=True)
def avif_whose_header_lies() -> bytes:
    data = encode(photo(64, 48), "avif")
    start = data.index(b"ispe") + 8
    return data[:start] + struct.pack(">II", 60000, 60000) + data[start + 8 :]


@hostile("too-large", bomb=True)
def jpeg_of_more_bytes_than_allowed() -> bytes:
    return jpeg() + bytes(51 * 1024 * 1024)


@hostile("too-much-metadata", bomb=True)
def jpeg_of_forty_megabytes_of_xmp() -> bytes:
    return jpeg_with(*[jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + bytes(65000))] * 640)


@hostile("too-much-metadata", bomb=True)
def jpeg_of_millions_of_empty_comments() -> bytes:
    return jpeg_with(b"\xff\xfe\0\2" * 5_000_000)


@hostile("too-much-metadata", bomb=True)
def jpeg_of_millions_of_fill_bytes() -> bytes:
    return jpeg_with(b"\xff" * 20_000_000)


@hostile("too-much-metadata", bomb=True)
def jpeg_of_endless_tables() -> bytes:
    return jpeg_with(jpeg_segment(0xDB, b"\0" + bytes(range(1, 65))) * 500_000)


@hostile("too-much-metadata", bomb=True)
def png_of_fifty_thousand_text_chunks() -> bytes:
    return png_with(png_chunk(b"tEXt", b"a\0b") * 50_000)


@hostile("too-much-metadata", bomb=True)
def png_of_a_text_of_30_megabytes() -> bytes:
    return png_with(png_chunk(b"tEXt", b"a\0" + b"b" * 30_000_000))


@hostile("too-much-metadata", bomb=True)
def webp_of_20_megabytes_of_exif() -> bytes:
    frames = webp_chunks(encode(photo(16, 16), "webp"))
    return webp_of(vp8x(16, 16, flags=8), *frames, (b"EXIF", bytes(20_000_000)))


@hostile("too-much-metadata", bomb=True)
def png_of_compressed_texts_that_inflate() -> bytes:
    bomb = b"a\0\0" + zlib.compress(bytes(8_000_000), 9)
    return png_with(png_chunk(b"zTXt", bomb) * 100)


@hostile("too-much-metadata", bomb=True)
def png_whose_profile_inflates() -> bytes:
    return png_with(png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9)))


@hostile("too-much-metadata", bomb=True)
def png_whose_international_texts_inflate() -> bytes:
    return png_with(png_chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(8_000_000), 9)) * 100)


@hostile("too-slow", bomb=True)
def jpeg_progressive_of_a_thousand_scans() -> bytes:
    data = bytes(flat(3000, 3000, 90).jpegsave_buffer(interlace=True))
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 1000 + data[-2:]


def progressive_jpeg_of_zeros(width: int, height: int) -> bytes:
    """A progressive JPEG of 56 scans in a few bytes: all there can be that go over whole blocks.

    Each component is refined bit by bit, thirteen times, first in its mean and then in all that is finer. One
    code stands for 32,767 blocks in which nothing changes; the decoder looks at each of them nevertheless.
    """
    blocks = -(-width // 8) * -(-height // 8)
    code = "0" + "1" * 14  # the end of a band, for 2 ** 14 blocks and as many as 14 further bits say
    bits = code * -(-blocks // 32_767)
    bits += "0" * (-len(bits) % 8)
    nothing_changes = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
    ids = (1, 2, 3)
    sides = struct.pack(">BHHB", 8, height, width, 3) + b"".join(bytes((n, 0x11, 0)) for n in ids)
    parts = [
        jpeg_segment(0xDB, b"\0" + b"\1" * 64),
        jpeg_segment(0xC2, sides),
        jpeg_segment(0xC4, b"\0" + b"\1" + bytes(15) + b"\0"),
        jpeg_segment(0xC4, b"\x10" + b"\1" + bytes(15) + b"\xe0"),
    ]
    precisions = [13, *(high << 4 | high - 1 for high in range(13, 0, -1))]
    together = b"\3" + b"".join(bytes((n, 0)) for n in ids)
    for precision in precisions:
        scan = jpeg_segment(0xDA, together + bytes((0, 0, precision)))
        parts.append(scan + bytes(3 * blocks // 8 + 1))
    parts += [
        jpeg_segment(0xDA, bytes((1, n, 0, 1, 63, precision))) + nothing_changes
        for n in ids
        for precision in precisions
    ]
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9"


@hostile("too-slow", bomb=True)
def jpeg_progressive_whose_scans_go_over_thousands_of_millions_of_pixels() -> bytes:
    """Fewer scans than are allowed, each over 50 million pixels: five seconds."""
    return progressive_jpeg_of_zeros(8688, 5752)


@hostile("too-slow", bomb=True)
def jpeg_progressive_whose_scans_come_after_a_comment_that_looks_like_the_end() -> bytes:
    data = progressive_jpeg_of_zeros(8688, 5752)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    return data[:second] + jpeg_segment(0xFE, b"\xff\xd9") + data[second:]


@hostile("too-much-metadata", bomb=True)
def jpeg_progressive_of_a_million_comments_between_its_scans() -> bytes:
    data = jpeg(interlace=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    return data[:second] + jpeg_segment(0xFE, b"") * 1_000_000 + data[second:]


@hostile("too-slow", bomb=True)
def jpeg_of_many_bytes_in_arithmetic_coding() -> bytes:
    """50 MB of such data would take eight seconds."""
    return jpeg().replace(b"\xff\xc0", b"\xff\xc9")[:-2] + bytes(12_000_000) + b"\xff\xd9"


@hostile("corrupt", PICTURE)
def jpeg_of_few_bytes_in_arithmetic_coding() -> bytes:
    return jpeg().replace(b"\xff\xc0", b"\xff\xc9")


@hostile(PICTURE)
def jpeg_progressive_of_56_scans() -> bytes:
    return progressive_jpeg_of_zeros(3000, 2000)


@hostile(PICTURE)
def gif_of_48_million_pixels_in_a_few_bytes() -> bytes:
    return gif_of(8000, 6000, GIF_FRAME)


@hostile("corrupt", "truncated")
def png_of_100_million_pixels_with_nothing_inside() -> bytes:
    return png(10000, 10000, b"\0" * 1000)


@hostile(PICTURE)
def png_of_one_pixel_a_line() -> bytes:
    return encode(flat(1, 65000, 80), "png")

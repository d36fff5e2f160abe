"""Files that nobody's camera makes: one generator a kind, each with the end it must come to.

The end is "picture" (decoded, and nothing hostile is left in the renditions) or the code of a refusal; some
damage may end either way. A bomb promises more than it may, and has to be refused before it is decoded.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from stockroom.renditions.libvips import pyvips
from tests.renditions.images import DATA, encode, flat, photo, png, with_fields

PICTURE = "picture"
SCRIPT = b"<script>alert(document.domain)</script><?php system($_GET['c']); ?>"


@dataclass(frozen=True)
class Hostile:
    """One kind of file: its bytes, made when asked for, and the ends it may come to."""

    make: Callable[[], bytes]
    ends: tuple[str, ...]
    bomb: bool = False


CORPUS: dict[str, Hostile] = {}
Maker = Callable[[], bytes]


def kind(*ends: str, bomb: bool = False) -> Callable[[Maker], Maker]:
    def add(make: Maker) -> Maker:
        CORPUS[make.__name__.replace("_", " ")] = Hostile(make, ends, bomb)
        return make

    return add


def chunk(name: bytes, body: bytes, crc: int | None = None) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc or zlib.crc32(name + body))


def png_with(*chunks: bytes, at: int = 33) -> bytes:
    """A PNG with chunks put in after its header."""
    data = photo(64, 48).pngsave_buffer()
    return bytes(data[:at] + b"".join(chunks) + data[at:])


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def jpeg(**options: object) -> bytes:
    return bytes(photo(64, 48).jpegsave_buffer(**options))


def jpeg_with(*segments: bytes) -> bytes:
    data = jpeg()
    return data[:2] + b"".join(segments) + data[2:]


def jpeg_sides(data: bytes, width: int, height: int) -> bytes:
    """The JPEG with other sides in its frame header."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        at = data.find(marker)
        if at > 0:
            return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]
    raise ValueError("no frame header")


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def webp_frames(data: bytes) -> list[tuple[bytes, bytes]]:
    at, found = 12, []
    while at < len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes((flags, 0, 0, 0)) + sides


def gif(width: int, height: int, body: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + body + b";"


GIF_FRAME = b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"


def box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body


# -- Bombs: more is promised than may be


@kind("too-many-pixels", bomb=True)
def png_of_3600_million_pixels() -> bytes:
    return png(60000, 60000, bytes(100_000))


@kind("too-many-pixels", bomb=True)
def png_of_one_colour_that_inflates_a_thousandfold() -> bytes:
    row = zlib.compressobj(9)
    packed = b"".join(row.compress(bytes(1 + 30000 // 8)) for _ in range(30000)) + row.flush()
    header = struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@kind("too-many-pixels", bomb=True)
def png_interlaced_of_64_million_pixels() -> bytes:
    return png(8000, 8000, bytes(100_000), interlace=1)


@kind("side-too-long", "corrupt", bomb=True)
def png_of_the_largest_sides_there_are() -> bytes:
    return png(2**31 - 1, 2**31 - 1, b"\0")


@kind("side-too-long", bomb=True)
def png_of_one_line_a_million_wide() -> bytes:
    return png(1_000_000, 1, bytes(3_000_001))


@kind("too-many-pixels", bomb=True)
def jpeg_of_65500_squared() -> bytes:
    return jpeg_sides(jpeg(), 65500, 65500)


@kind("too-many-pixels", bomb=True)
def jpeg_progressive_of_64_million_pixels() -> bytes:
    return jpeg_sides(jpeg(interlace=True), 8000, 8000)


@kind("side-too-long", "too-many-pixels", bomb=True)
def gif_of_the_largest_canvas() -> bytes:
    return gif(65535, 65535, GIF_FRAME)


@kind("too-many-pixels", bomb=True)
def gif_of_60000_squared() -> bytes:
    return gif(60000, 60000, GIF_FRAME)


@kind("too-many-frames", bomb=True)
def gif_of_three_million_frames() -> bytes:
    return gif(1, 1, GIF_FRAME * 3_000_000)


@kind("too-much-metadata", bomb=True)
def gif_of_a_million_comments() -> bytes:
    return gif(1, 1, b"!\xfe\x01x\0" * 1_000_000 + GIF_FRAME)


@kind("too-many-pixels", "corrupt", bomb=True)
def webp_canvas_of_16383_squared() -> bytes:
    return riff(vp8x(16383, 16383), *webp_frames(encode(photo(16, 16), "webp")))


@kind("too-many-frames", bomb=True)
def webp_of_thousands_of_frames() -> bytes:
    frame = webp_frames(encode(flat(16, 16, 9, 9, 9), "webp"))[-1]
    body = bytes(6) + (15).to_bytes(3, "little") * 2 + bytes(4)
    one = body + frame[0] + len(frame[1]).to_bytes(4, "little") + frame[1] + b"\0" * (len(frame[1]) % 2)
    return riff(vp8x(16, 16, flags=2), (b"ANIM", bytes(6)), *[(b"ANMF", one)] * 5000)


@kind("too-many-pixels", bomb=True)
def avif_of_30_million_pixels_in_a_few_bytes() -> bytes:
    return encode(flat(6000, 5000, 200), "avif")


@kind("too-many-pixels", "side-too-long", "corrupt", bomb=True)
def avif_whose_header_lies() -> bytes:
    data = encode(photo(64, 48), "avif")
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", 60000, 60000) + data[at + 8 :]


@kind("too-large", bomb=True)
def jpeg_of_more_bytes_than_allowed() -> bytes:
    return jpeg() + bytes(51 * 1024 * 1024)


@kind("too-much-metadata", bomb=True)
def jpeg_of_forty_megabytes_of_xmp() -> bytes:
    return jpeg_with(*[segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + bytes(65000))] * 640)


@kind("too-much-metadata", bomb=True)
def jpeg_of_millions_of_empty_comments() -> bytes:
    return jpeg_with(b"\xff\xfe\0\2" * 5_000_000)


@kind("too-much-metadata", bomb=True)
def jpeg_of_millions_of_fill_bytes() -> bytes:
    return jpeg_with(b"\xff" * 20_000_000)


@kind("too-much-metadata", bomb=True)
def jpeg_of_endless_tables() -> bytes:
    return jpeg_with(segment(0xDB, b"\0" + bytes(range(1, 65))) * 500_000)


@kind("too-much-metadata", bomb=True)
def png_of_fifty_thousand_text_chunks() -> bytes:
    return png_with(chunk(b"tEXt", b"a\0b") * 50_000)


@kind("too-much-metadata", bomb=True)
def png_of_a_text_of_30_megabytes() -> bytes:
    return png_with(chunk(b"tEXt", b"a\0" + b"b" * 30_000_000))


@kind("too-much-metadata", bomb=True)
def webp_of_20_megabytes_of_exif() -> bytes:
    frames = webp_frames(encode(photo(16, 16), "webp"))
    return riff(vp8x(16, 16, flags=8), *frames, (b"EXIF", bytes(20_000_000)))


# -- Costly, and still within the limits


@kind("too-much-metadata", bomb=True)
def png_of_compressed_texts_that_inflate() -> bytes:
    bomb = b"a\0\0" + zlib.compress(bytes(8_000_000), 9)
    return png_with(chunk(b"zTXt", bomb) * 100)


@kind("too-much-metadata", bomb=True)
def png_whose_profile_inflates() -> bytes:
    return png_with(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9)))


@kind("too-much-metadata", bomb=True)
def png_whose_international_texts_inflate() -> bytes:
    return png_with(chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(8_000_000), 9)) * 100)


@kind("too-slow", bomb=True)
def jpeg_progressive_of_a_thousand_scans() -> bytes:
    data = bytes(flat(3000, 3000, 90).jpegsave_buffer(interlace=True))
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 1000 + data[-2:]


@kind(PICTURE)
def gif_of_48_million_pixels_in_a_few_bytes() -> bytes:
    return gif(8000, 6000, GIF_FRAME)


@kind("corrupt", "truncated")
def png_of_100_million_pixels_with_nothing_inside() -> bytes:
    return png(10000, 10000, b"\0" * 1000)


@kind(PICTURE)
def png_of_one_pixel_a_line() -> bytes:
    return encode(flat(1, 65000, 80), "png")


# -- Lies and contradictions


@kind("corrupt")
def png_without_width() -> bytes:
    return png(0, 10, bytes(100))


@kind("corrupt")
def png_of_a_colour_type_that_is_not() -> bytes:
    return png(8, 8, bytes(100), color_type=5)


@kind("corrupt")
def png_palette_without_a_palette() -> bytes:
    return png(8, 8, bytes(72), color_type=3)


@kind("corrupt")
def png_of_indices_beyond_its_palette() -> bytes:
    data = png(8, 8, b"\0" + b"\xff" * 8, color_type=3)
    return data[:33] + chunk(b"PLTE", b"\1\2\3") + data[33:]


@kind("corrupt")
def png_with_a_wrong_checksum_of_its_header() -> bytes:
    data = bytearray(png_with())
    data[30] ^= 1
    return bytes(data)


@kind("corrupt")
def png_with_a_wrong_checksum_of_its_data() -> bytes:
    data = bytearray(png_with())
    data[data.index(b"IDAT") + 20] ^= 1
    return bytes(data)


@kind("corrupt", "truncated")
def png_chunk_that_is_longer_than_the_file() -> bytes:
    return png_with(struct.pack(">I", 0x7FFFFFFF) + b"tEXt")


@kind("corrupt", "truncated")
def png_chunk_of_a_negative_length() -> bytes:
    return png_with(struct.pack(">I", 0xFFFFFFFF) + b"tEXt")


@kind("corrupt", PICTURE)
def png_with_two_headers() -> bytes:
    return png_with(chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)))


@kind("corrupt", "truncated", PICTURE)
def jpeg_taller_than_its_data() -> bytes:
    return jpeg_sides(jpeg(), 64, 4000)


@kind("corrupt", "truncated", PICTURE)
def jpeg_without_height() -> bytes:
    return jpeg_sides(jpeg(), 64, 0)


@kind("corrupt", "truncated", PICTURE)
def jpeg_without_tables() -> bytes:
    data = jpeg()
    return data.replace(b"\xff\xc4", b"\xff\xe4")


@kind(PICTURE, "corrupt", "truncated")
def jpeg_segment_of_length_zero() -> bytes:
    return jpeg_with(b"\xff\xe1\0\0")


@kind("corrupt", "truncated")
def jpeg_of_twelve_bits() -> bytes:
    data = jpeg()
    at = data.index(b"\xff\xc0") + 4
    return data[:at] + b"\x0c" + data[at + 1 :]


@kind("corrupt", "truncated")
def jpeg_arithmetic_or_lossless() -> bytes:
    return jpeg().replace(b"\xff\xc0", b"\xff\xc3")


@kind("corrupt", "truncated", PICTURE)
def jpeg_of_255_components() -> bytes:
    data = jpeg()
    at = data.index(b"\xff\xc0") + 9
    return data[:at] + b"\xff" + data[at + 1 :]


@kind("corrupt", PICTURE)
def webp_canvas_smaller_than_its_frame() -> bytes:
    return riff(vp8x(4, 4), *webp_frames(encode(photo(64, 48), "webp")))


@kind("corrupt", "truncated")
def webp_that_says_it_is_four_gigabytes() -> bytes:
    data = encode(photo(64, 48), "webp")
    return data[:4] + b"\xfe\xff\xff\xff" + data[8:]


@kind("corrupt", "truncated")
def webp_chunk_longer_than_the_file() -> bytes:
    return riff((b"VP8 ", bytes(20)))[:16] + b"\xff\xff\xff\x7f" + bytes(20)


@kind("side-too-long")
def gif_frame_outside_its_canvas() -> bytes:
    return gif(10, 10, b",\xff\xff\xff\xff\x01\0\x01\0\0\x02\x02D\x01\0")


@kind("corrupt", "truncated", PICTURE)
def gif_whose_codes_are_nonsense() -> bytes:
    return gif(10, 10, b",\0\0\0\0\x0a\0\x0a\0\0\x0c" + b"\x10" + bytes(range(240, 256)) + b"\0")


@kind("corrupt", "truncated")
def gif_without_a_frame() -> bytes:
    return gif(10, 10, b"")


@kind("unsupported-type", "corrupt", "truncated")
def avif_that_is_only_a_brand() -> bytes:
    return box(b"ftyp", b"avif\0\0\0\0avifmif1")


@kind("corrupt", "truncated")
def avif_of_boxes_in_boxes() -> bytes:
    body = b""
    for _ in range(2000):
        body = box(b"meta", b"\0\0\0\0" + body)
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + body


@kind("corrupt", "truncated")
def avif_of_four_thousand_million_items() -> bytes:
    count = box(b"iinf", b"\1\0\0\0\xff\xff\xff\xff")
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(b"meta", b"\0\0\0\0" + count)


@kind("corrupt", "truncated")
def avif_whose_data_lie_beyond_its_end() -> bytes:
    data = encode(photo(64, 48), "avif")
    at = data.index(b"iloc")
    return data[: at + 16] + b"\x7f\xff\xff\xff" + data[at + 20 :]


@kind("corrupt")
def avif_of_a_property_whose_name_is_no_text() -> bytes:
    # libheif quotes it in its message.
    see_through = photo(64, 48).bandjoin(flat(64, 48, 120))
    return encode(see_through, "avif").replace(b"auxC", b"a\xeexC")


# -- What another attacker tried


def tiff(*tags: tuple[int, int], repeated: int = 1) -> bytes:
    """EXIF of one directory: its entries are longs, tag and value."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags * repeated)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags) * repeated) + entries + b"\0" * 4


ROUND_AND_ROUND = tiff((0x8769, 8), (0x8825, 8), (0xA005, 8), repeated=1000)


@kind("too-much-metadata", bomb=True)
def jpeg_whose_exif_points_at_itself() -> bytes:
    return jpeg_with(segment(0xE1, b"Exif\0\0" + ROUND_AND_ROUND))


@kind("too-much-metadata", bomb=True)
def png_whose_exif_points_at_itself() -> bytes:
    return png_with(chunk(b"eXIf", ROUND_AND_ROUND))


@kind("too-much-metadata", bomb=True)
def webp_whose_exif_points_at_itself() -> bytes:
    frames = webp_frames(encode(photo(64, 48), "webp"))
    return riff(vp8x(64, 48, 8), *frames, (b"EXIF", ROUND_AND_ROUND))


@kind(PICTURE)
def jpeg_of_the_year_one() -> bytes:
    dated = {"exif_ifd2_DateTimeOriginal": "0001:01:01 00:00:00", "exif_ifd2_OffsetTimeOriginal": "+14:00"}
    return bytes(with_fields(photo(64, 48), **dated).jpegsave_buffer())


@kind(PICTURE)
def jpeg_of_the_last_second_there_is() -> bytes:
    dated = {"exif_ifd2_DateTimeOriginal": "9999:12:31 23:59:59", "exif_ifd2_OffsetTimeOriginal": "-14:00"}
    return bytes(with_fields(photo(64, 48), **dated).jpegsave_buffer())


@kind("corrupt")
def jpeg_of_two_components() -> bytes:
    data = bytes(photo(64, 48).colourspace("b-w").jpegsave_buffer(keep="none"))
    at, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    frame = segment(0xC0, data[at + 4 : at + 9] + b"\2" + data[at + 10 : at + 13] + b"\2\x11\0")
    start = segment(0xDA, b"\2\1\0\2\0\0\x3f\0")
    length = int.from_bytes(data[scan + 2 : scan + 4])
    return data[:at] + frame + data[at + 13 : scan] + start + data[scan + 2 + length :]


@kind("too-much-metadata", bomb=True)
def jpeg_whose_comments_hide_behind_garbage() -> bytes:
    return jpeg_with(segment(0xFE, b"x"), b"\0", segment(0xFE, b"") * 3_000_000)


@kind("too-much-metadata", bomb=True)
def jpeg_whose_xmp_hides_behind_a_restart_marker() -> bytes:
    return jpeg_with(b"\xff\xd0", segment(0xE1, bytes(60_000)) * 400)


@kind("too-much-metadata", bomb=True)
def jpeg_of_nothing_but_garbage() -> bytes:
    return b"\xff\xd8\xff\xd0" + bytes(40_000_000)


@kind("too-much-metadata", bomb=True)
def png_that_inflates_to_a_wrong_checksum() -> bytes:
    packed = zlib.compress(bytes(7_000_000))[:-4] + b"oops"
    return png_with(*[chunk(b"zTXt", b"key\0\0" + packed)] * 900)


@kind("too-much-metadata", bomb=True)
def gif_comment_of_one_byte_blocks() -> bytes:
    return gif(1, 1, b"!\xfe" + b"\x01x" * 4_000_000 + b"\0" + GIF_FRAME)


@kind("too-many-frames", bomb=True)
def gif_of_a_million_control_extensions() -> bytes:
    return gif(1, 1, b"!\xf9\x04\0\0\0\0\0" * 1_000_000 + GIF_FRAME)


def avif_items(count: int, size: int) -> bytes:
    """An AVIF with further items of metadata that share the same bytes."""
    head = box(b"ftyp", b"avif\0\0\0\0avifmif1")
    infe = [box(b"infe", b"\2\0\0\0" + struct.pack(">HH", n, 0) + b"mime\0text\0") for n in range(count)]
    iinf = box(b"iinf", b"\0\0\0\0" + struct.pack(">H", count) + b"".join(infe))

    def meta(at: int) -> bytes:
        places = [struct.pack(">HHHII", n, 0, 1, at, size) for n in range(count)]
        iloc = box(b"iloc", b"\0\0\0\0\x44\0" + struct.pack(">H", count) + b"".join(places))
        return box(b"meta", b"\0\0\0\0" + iinf + iloc)

    return head + meta(len(head + meta(0)) + 8) + box(b"mdat", bytes(size))


@kind("too-much-metadata", bomb=True)
def avif_whose_items_share_their_bytes() -> bytes:
    return avif_items(90, 7_000_000)


@kind("too-much-metadata", bomb=True)
def avif_of_one_huge_item() -> bytes:
    return avif_items(1, 40_000_000)


@kind("too-much-metadata", bomb=True)
def avif_of_a_million_free_boxes() -> bytes:
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(b"free", b"") * 1_000_000


@kind("too-many-pixels", bomb=True)
def avif_of_huge_tiles() -> bytes:
    """Sixteen coded items of 25 million pixels each, by their property."""
    items, side = 16, 5000
    infe = [box(b"infe", b"\2\0\0\0" + struct.pack(">HH", n, 0) + b"av01\0") for n in range(items)]
    iinf = box(b"iinf", b"\0\0\0\0" + struct.pack(">H", items) + b"".join(infe))
    ipco = box(b"ipco", box(b"ispe", b"\0\0\0\0" + struct.pack(">II", side, side)))
    owned = b"".join(struct.pack(">HBB", n, 1, 1) for n in range(items))
    ipma = box(b"ipma", b"\0\0\0\0" + struct.pack(">I", items) + owned)
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(
        b"meta", b"\0\0\0\0" + iinf + box(b"iprp", ipco + ipma)
    )


@kind(PICTURE)
def webp_with_zeros_behind_it() -> bytes:
    return encode(photo(64, 48), "webp") + bytes(1_000_000)


@kind(PICTURE)
def progressive_jpeg_with_a_film_behind_it() -> bytes:
    return jpeg(interlace=True) + random.Random(1).randbytes(10_000_000)


# -- Polyglots and scripts


@kind(PICTURE)
def jpeg_and_a_zip_archive() -> bytes:
    return jpeg() + b"PK\x03\x04" + bytes(26) + SCRIPT


@kind(PICTURE)
def jpeg_with_a_page_in_its_comment() -> bytes:
    return jpeg_with(segment(0xFE, b"<html><body>" + SCRIPT))


@kind(PICTURE)
def jpeg_with_a_script_in_exif() -> bytes:
    image = with_fields(photo(64, 48), exif_ifd0_Make=SCRIPT.decode(), exif_ifd0_Copyright=SCRIPT.decode())
    return bytes(image.jpegsave_buffer())


@kind(PICTURE)
def jpeg_with_an_attack_on_xml_in_xmp() -> bytes:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>' + SCRIPT
    return bytes(with_fields(photo(64, 48), xmp_data=laughs).jpegsave_buffer())


@kind(PICTURE)
def png_with_a_script_in_its_text() -> bytes:
    return png_with(chunk(b"tEXt", b"Comment\0" + SCRIPT))


@kind(PICTURE)
def png_and_a_page_after_its_end() -> bytes:
    return png_with() + b"<html>" + SCRIPT


@kind(PICTURE)
def gif_that_is_a_script_too() -> bytes:
    # The width, read as text, opens a comment of JavaScript; 12,079 by 42 pixels.
    return gif(0x2F2A, 42, b"!\xfe" + bytes((len(SCRIPT),)) + SCRIPT + b"\0" + GIF_FRAME)


@kind("unsupported-type")
def svg_with_a_script() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


@kind("unsupported-type", "not-an-image")
def svg_that_reads_a_file() -> bytes:
    return (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
    )


@kind("unsupported-type")
def pdf_that_claims_to_be_a_picture() -> bytes:
    return b"%PDF-1.7\n" + SCRIPT


@kind("not-an-image")
def page_that_claims_to_be_a_picture() -> bytes:
    return b"<!DOCTYPE html><html>" + SCRIPT


@kind("not-an-image")
def script_for_imagemagick() -> bytes:
    return b'push graphic-context\nviewbox 0 0 9 9\nfill "url(https://example.com/x|id)"\npop graphic-context'


@kind("unsupported-type")
def tiff_behind_a_picture_s_name() -> bytes:
    return bytes(photo(64, 48).tiffsave_buffer())


@kind("unsupported-type")
def hevc_in_a_box() -> bytes:
    return (DATA / "hevc.heic").read_bytes()


@kind("corrupt", "truncated")
def hevc_that_says_it_is_avif() -> bytes:
    return (DATA / "hevc.heic").read_bytes().replace(b"ftypheic", b"ftypavif", 1)


@kind("corrupt", "truncated")
def vips_s_own_format_behind_a_jpeg_s_first_bytes() -> bytes:
    stream = io.BytesIO(b"\xff\xd8\xff")
    stream.seek(0, io.SEEK_END)
    stream.write(b"\x08\xf2\xa6\xb6" + bytes(200))
    return stream.getvalue()


# -- Profiles and EXIF that are not what they say


@kind(PICTURE)
def jpeg_with_a_profile_of_noise() -> bytes:
    noise = random.Random(1).randbytes(60_000)
    return bytes(with_fields(photo(64, 48), icc_profile_data=noise).jpegsave_buffer())


@kind(PICTURE)
def jpeg_with_a_profile_of_other_channels() -> bytes:
    cmyk = photo(8, 8).icc_transform("cmyk", input_profile="srgb").get("icc-profile-data")
    return bytes(with_fields(photo(64, 48), icc_profile_data=cmyk).jpegsave_buffer())


@kind(PICTURE)
def jpeg_with_a_profile_whose_tables_lie() -> bytes:
    profile = bytearray(photo(8, 8).icc_transform("p3", input_profile="srgb").get("icc-profile-data"))
    profile[128:132] = b"\xff\xff\xff\xff"
    return bytes(with_fields(photo(64, 48), icc_profile_data=bytes(profile)).jpegsave_buffer())


@kind(PICTURE)
def jpeg_whose_exif_points_to_itself() -> bytes:
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" + b"\x08\0\0\0"
    return jpeg_with(segment(0xE1, b"Exif\0\0" + tiff))


@kind(PICTURE)
def jpeg_whose_exif_has_an_endless_entry() -> bytes:
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x0f\x01\x02\0\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(4)
    return jpeg_with(segment(0xE1, b"Exif\0\0" + tiff))


@kind(PICTURE)
def jpeg_of_an_orientation_that_is_not() -> bytes:
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0\xff\xff\0\0" + bytes(4)
    return jpeg_with(segment(0xE1, b"Exif\0\0" + tiff))


# -- Cut off and scrambled, at many places


def _cut(format_: str, part: float) -> Maker:
    return lambda: encode(photo(), format_)[: int(len(encode(photo(), format_)) * part)]


for _format in ("jpeg", "png", "webp", "gif", "avif"):
    for _part in (0.01, 0.1, 0.5, 0.9, 0.99):
        CORPUS[f"{_format} cut off after {_part:.0%}"] = Hostile(_cut(_format, _part), ("truncated",))


def flipped(format_: str, seed: int, image: "pyvips.Image | None" = None) -> bytes:
    """A small file with a few bytes changed at random."""
    rng = random.Random(seed)
    data = bytearray(encode(photo(96, 64) if image is None else image, format_))
    for _ in range(rng.choice((1, 2, 4, 16, 64))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)

"""PNG, WebP, GIF and AVIF files as programs and attackers write them."""

import struct
import zlib
from collections.abc import Callable

import pytest

from stockroom.embedding import Description, Unembeddable
from stockroom.embedding.gif import APPLICATION, TRAILER
from stockroom.embedding.xmp import update_packet
from stockroom.renditions.libvips import pyvips
from tests.embedding.files import copy_with
from tests.renditions.images import encode, flat, photo, photo_of

NEW = Description(title="New")
OLD_PACKET = update_packet(None, Description(title="Old", caption="Stays"))
NEW_PACKET = update_packet(OLD_PACKET, NEW)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def decode(data: bytes) -> bytes:
    return bytes(pyvips.Image.new_from_buffer(data, "").write_to_memory())


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("at_the_end", [False, True])
def test_png_packets_are_found_wherever_they_stand(compressed: bool, at_the_end: bool) -> None:
    data = photo_of("png", 96, 64)
    text = zlib.compress(OLD_PACKET) if compressed else OLD_PACKET
    old = chunk(b"iTXt", b"XML:com.adobe.xmp\0" + bytes([compressed]) + b"\0en\0key\0" + text)
    place = data.index(b"IEND" if at_the_end else b"IDAT") - 4
    new = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + NEW_PACKET)
    assert copy_with(data[:place] + old + data[place:], "image/png", NEW) == data[:place] + new + data[place:]


def test_a_png_without_an_end_keeps_what_it_has() -> None:
    data = photo_of("png", 96, 64)[:-6]
    copied = copy_with(data, "image/png", NEW)
    assert decode(copied) == decode(data)


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("bands", [3, 4])
def test_a_simple_webp_gets_its_features_described(lossless: bool, bands: int) -> None:
    picture = photo(61, 47)
    picture = picture.bandjoin(100) if bands == 4 else picture
    data = bytes(picture.webpsave_buffer(lossless=lossless, keep="none"))
    copied = copy_with(data, "image/webp", NEW)
    assert decode(copied) == decode(data)
    assert copied[12:16] == b"VP8X"
    assert bool(copied[20] & 0x10) == (bands == 4)
    assert copied[24:30] == (60).to_bytes(3, "little") + (46).to_bytes(3, "little")
    assert int.from_bytes(copied[4:8], "little") == len(copied) - 8


def test_an_animated_webp_keeps_its_frames() -> None:
    frames = flat(30, 60, 200, 30, 30).insert(flat(30, 30, 30, 30, 200), 0, 30)
    frames = frames.copy()
    frames.set_type(pyvips.GValue.gint_type, "page-height", 30)
    for format_, data in (
        ("webp", bytes(frames.webpsave_buffer(lossless=True))),
        ("gif", bytes(frames.gifsave_buffer())),
    ):
        copied = copy_with(data, f"image/{format_}", NEW)
        for each in (data, copied):
            assert pyvips.Image.new_from_buffer(each, "n=-1").height == 60
        assert decode(copied) == decode(data)


def test_a_gif_of_the_older_version_becomes_one_with_extensions() -> None:
    data = b"GIF87a" + encode(flat(4, 4, 200, 30, 30), "gif")[6:]
    copied = copy_with(data, "image/gif", NEW)
    assert copied.startswith(b"GIF89a")
    assert decode(copied) == decode(data)


def test_gif_packets_are_replaced_wherever_they_stand() -> None:
    data = photo_of("gif", 96, 64)
    old = APPLICATION + OLD_PACKET + TRAILER
    # Before the end, and twice.
    copied = copy_with(data[:-1] + old + old + data[-1:], "image/gif", NEW)
    assert copied.count(APPLICATION) == 1
    assert APPLICATION + NEW_PACKET + TRAILER in copied
    assert decode(copied) == decode(data)


def test_an_avif_whose_data_end_with_the_file_is_continued() -> None:
    data = bytearray(photo_of("avif", 96, 64))
    place = data.index(b"mdat") - 4
    data[place : place + 4] = bytes(4)
    copied = copy_with(bytes(data), "image/avif", NEW)
    assert decode(copied) == decode(photo_of("avif", 96, 64))
    assert copied.endswith(update_packet(None, NEW))


def test_an_avif_with_a_packet_gets_no_second_one() -> None:
    once = copy_with(photo_of("avif", 96, 64), "image/avif", Description(title="Old"))
    twice = copy_with(once, "image/avif", NEW)
    assert twice.count(b"application/rdf+xml") == 1
    assert twice.endswith(update_packet(None, NEW))
    assert decode(twice) == decode(once)


@pytest.mark.parametrize("version", [1, 2])
def test_an_avif_may_count_its_items_with_other_numbers(version: int) -> None:
    data = bytes(photo(96, 64).heifsave_buffer(compression="av1", effort=0, keep="none"))
    widened = _rewrite_locations(data, version)
    assert decode(widened) == decode(data)
    copied = copy_with(widened, "image/avif", NEW)
    assert decode(copied) == decode(data)
    assert copied.endswith(update_packet(None, NEW))


def _rewrite_locations(data: bytes, version: int) -> bytes:
    """The file with an `iloc` of this version, whose only item has a base of eight bytes and an index."""
    meta, iloc = data.index(b"meta") - 4, data.index(b"iloc") - 4
    size = int.from_bytes(data[iloc : iloc + 4])
    base, _, offset, length = struct.unpack_from(">IHII", data, iloc + size - 14)
    wide = ">I" if version == 2 else ">H"

    def make(grown: int) -> bytes:
        content = bytes([version, 0, 0, 0, 0x44, 0x84]) + struct.pack(wide, 1) + struct.pack(wide, 1)
        content += struct.pack(">HHQH", 0, 0, base + offset + grown - 5, 1) + struct.pack(
            ">III", 0, 5, length
        )
        return struct.pack(">I4s", 8 + len(content), b"iloc") + content

    grown = len(make(0)) - size
    meta_size = int.from_bytes(data[meta : meta + 4]) + grown
    return data[:meta] + meta_size.to_bytes(4) + data[meta + 4 : iloc] + make(grown) + data[iloc + size :]


@pytest.mark.parametrize(
    ("media_type", "data", "reason"),
    [
        ("image/bmp", b"BM", "files of the type image/bmp carry no metadata"),
        ("image/png", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "its chunks are damaged"),
        ("image/png", b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b""), "its chunks are damaged"),
        (
            "image/png",
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + b"\xff\xff\xff\xffIDATabcdabcd",
            "its chunks are damaged",
        ),
        ("image/webp", b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\0\0abcd", "its chunks are damaged"),
        ("image/webp", b"RIFF\x10\0\0\0WEBPVP8? \4\0\0\0abcd", "its chunks are damaged"),
        ("image/webp", b"RIFF\x14\0\0\0WEBPVP8 \x08\0\0\0nonsense", "its header is damaged"),
        ("image/webp", b"RIFF\x10\0\0\0WEBPVP8X\x04\0\0\0abcd", "its chunks are damaged"),
        ("image/gif", b"GIF89a", "its header is damaged"),
        ("image/gif", b"GIF89a" + bytes(7) + b"\x3b", "its blocks are damaged"),
        ("image/gif", b"GIF89a" + bytes(7) + b"\x21\xff\x0bXMP DataXMP", "its blocks are damaged"),
        ("image/gif", b"GIF89a" + bytes(7) + b"nonsense", "its blocks are damaged"),
    ],
)
def test_what_cannot_be_told_apart_is_not_copied(media_type: str, data: bytes, reason: str) -> None:
    with pytest.raises(Unembeddable) as refused:
        copy_with(data, media_type, NEW)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data + b"trailing", "its boxes are damaged"),
        (lambda data: data + struct.pack(">I4s", 8, b"moov"), "AVIF sequences carry no metadata"),
        (lambda data: data.replace(b"iloc", b"ilox"), "its boxes are damaged"),
        (lambda data: data.replace(b"meta", b"metx"), "its boxes are damaged"),
        (lambda data: data.replace(b"infe\2", b"infe\0"), "its items are described in an old way"),
        (lambda data: data.replace(b"iloc\0", b"iloc\3"), "its items are described in a new way"),
    ],
)
def test_an_avif_with_unknown_parts_is_not_copied(change: Callable[[bytes], bytes], reason: str) -> None:
    with pytest.raises(Unembeddable) as refused:
        copy_with(change(photo_of("avif", 96, 64)), "image/avif", NEW)
    assert str(refused.value) == reason

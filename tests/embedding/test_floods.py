"""Files of which a small part is there very often: each of them costs a moment, or is refused."""

import struct
import zlib

import pytest

from stockroom.embedding import Description, Unembeddable
from stockroom.embedding.exif import update_texts
from stockroom.embedding.gif import APPLICATION
from stockroom.embedding.iim import MAX_DATASETS, MAX_RESOURCES, update_resources
from stockroom.embedding.jpeg import EXTENSION_SIGNATURE, MOST_EXTENSIONS, MOST_METADATA_BYTES, XMP_SIGNATURE
from stockroom.embedding.mpf import shift_index
from stockroom.embedding.xmp import MAX_ELEMENTS, MAX_NAMESPACES, update_packet
from stockroom.renditions.libvips import pyvips
from tests.embedding.files import copy_with
from tests.embedding.test_containers import chunk
from tests.embedding.test_exif import MOST
from tests.embedding.test_iim import iim, resource
from tests.embedding.test_jpeg import segment, with_segments
from tests.embedding.test_xmp import packet
from tests.renditions.images import photo, photo_of

NEW = Description(title="New", caption="New")
MANY = 20_000
"""With a cost that grows by the square, this many take half a minute."""


def test_of_any_number_of_packets_in_a_png_one_is_left() -> None:
    data = photo_of("png", 96, 64)
    place = data.index(b"IDAT") - 4
    packets = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0") * MANY
    copied = copy_with(data[:place] + packets + data[place:], "image/png", NEW)
    assert copied == copy_with(data, "image/png", NEW)


@pytest.mark.parametrize("keyword", [b"Title", b"title"])
@pytest.mark.parametrize("kind", [b"tEXt", b"iTXt"])
def test_of_any_number_of_texts_in_a_png_one_is_left(keyword: bytes, kind: bytes) -> None:
    # The decoder reads no chunk behind the pixels, and counts none.
    data = photo_of("png", 96, 64)
    place = data.rindex(b"IEND") - 4
    first = chunk(b"tEXt", b"Title\0Old")
    others = chunk(kind, keyword + b"\0\0\0\0\0Old") * MANY
    copied = copy_with(data[:place] + first + others + data[place:], "image/png", NEW)
    assert copied == copy_with(data[:place] + first + data[place:], "image/png", NEW)


def test_of_any_number_of_packets_in_a_gif_one_is_left() -> None:
    data = photo_of("gif", 96, 64)
    place = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    packets = APPLICATION + b"\1x\0"
    copied = copy_with(data[:place] + packets * MANY + data[place:], "image/gif", NEW)
    assert copied.count(APPLICATION) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "".join(f'<n{number}:x xmlns:n{number}="u{number}"/>' for number in range(MAX_NAMESPACES)),
            "its XMP packet has too many namespaces",
        ),
        ("<dc:title/>" * MAX_ELEMENTS, "its XMP packet has too many elements"),
    ],
)
def test_a_packet_with_too_many_parts_is_refused(content: str, reason: str) -> None:
    with pytest.raises(Unembeddable, match=f"^{reason}$"):
        update_packet(packet(content), NEW)


def test_an_exif_text_that_is_there_twice_is_refused() -> None:
    entry = struct.pack("<HHII", 0x010E, 2, 5, 8)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + entry * 2 + bytes(4)
    with pytest.raises(Unembeddable, match=r"^its Exif data have a text twice$"):
        update_texts(data, NEW, most=MOST)


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (resource(0x0404, iim(*[(2, 25, b"")] * (MAX_DATASETS + 1))), "its IPTC data have too many parts"),
        (resource(0x03ED, b"") * (MAX_RESOURCES + 1), "it has too many image resources"),
    ],
)
def test_iptc_data_with_too_many_parts_are_refused(resources: bytes, reason: str) -> None:
    with pytest.raises(Unembeddable, match=f"^{reason}$"):
        update_resources(resources, NEW)


def test_a_png_with_many_compressed_profiles_is_refused() -> None:
    data = photo_of("png", 96, 64)
    place = data.index(b"IDAT") - 4
    profile = chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(b"\niptc\n       0\n"))
    with pytest.raises(Unembeddable, match=r"^its IPTC data are there many times$"):
        copy_with(data[:place] + profile * 5 + data[place:], "image/png", NEW)


def test_a_png_with_exif_data_more_than_once_is_refused() -> None:
    data = photo_of("png", 96, 64)
    place = data.rindex(b"IEND") - 4
    exif = chunk(b"eXIf", b"MM\0*\0\0\0\x08" + struct.pack(">HHHI4sI", 1, 0x010E, 2, 4, b"Old\0", 0))
    with pytest.raises(Unembeddable, match=r"^its Exif data are there more than once$"):
        copy_with(data[:place] + exif * 2 + data[place:], "image/png", NEW)


def test_a_jpeg_with_too_much_of_metadata_is_refused() -> None:
    many = [segment(0xE1, bytes(65_000))] * (MOST_METADATA_BYTES // 65_000 + 1)
    with pytest.raises(Unembeddable, match=r"^its metadata are too long$"):
        copy_with(with_segments(*many), "image/jpeg", NEW)


def test_a_jpeg_with_many_extensions_of_its_packet_is_refused() -> None:
    extensions = [
        segment(0xE1, EXTENSION_SIGNATURE + b"%032d" % number + bytes(8))
        for number in range(MOST_EXTENSIONS + 1)
    ]
    data = with_segments(segment(0xE1, XMP_SIGNATURE + packet("")), *extensions)
    with pytest.raises(Unembeddable, match=r"^its XMP packet has too many extensions$"):
        copy_with(data, "image/jpeg", NEW)


def test_of_the_index_of_further_pictures_one_list_is_read() -> None:
    entry = struct.pack("<HHII", 0xB002, 7, 16, 34)
    pictures = struct.pack("<IIIHH", 0, 100, 0, 0, 0)
    index = b"II*\0" + struct.pack("<IH", 8, 2) + entry * 2 + pictures
    assert struct.unpack_from("<I", shift_index(index, grown=7, grown_after=7), 38) == (107,)


def test_an_avif_whose_items_lie_at_one_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = photo(96, 64).copy()
    picture.set_type(pyvips.GValue.gstr_type, "exif-ifd0-ImageDescription", "Old (Old, ASCII)")
    data = bytes(picture.heifsave_buffer(compression="av1", effort=0, keep="exif"))
    place = data.index(b"Exif") - 16
    entry = data[place : place + int.from_bytes(data[place : place + 4])]
    assert entry[4:8] == b"infe"
    twice = data[:place] + entry + data[place:]
    for box in (b"meta", b"iinf"):
        start = twice.index(box) - 4
        size = int.from_bytes(twice[start : start + 4]) + len(entry)
        twice = twice[:start] + size.to_bytes(4) + twice[start + 4 :]
    # One of them is shorter than that, and both are longer.
    monkeypatch.setattr("stockroom.embedding.avif._MOST_ITEM_BYTES", 300)
    assert b"New\0" in copy_with(data, "image/avif", NEW)
    with pytest.raises(Unembeddable, match=r"^its metadata are too long$"):
        copy_with(twice, "image/avif", NEW)

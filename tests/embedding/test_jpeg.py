"""JPEG files with segments as programs and attackers write them."""

import hashlib
import struct

import pytest

from stockroom.embedding import Description, Unembeddable
from stockroom.embedding.jpeg import EXTENSION_SIGNATURE, MOST_SEGMENT_BYTES, XMP_SIGNATURE
from stockroom.embedding.xmp import update_packet
from tests.embedding.files import copy_with
from tests.embedding.test_iim import iim, resource
from tests.renditions.images import photo_of

NEW = Description(title="New")
PHOTOSHOP = b"Photoshop 3.0\0"


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(*segments: bytes) -> bytes:
    """A photograph with these segments at its beginning."""
    return b"\xff\xd8" + b"".join(segments) + scan_and_tables()


def scan_and_tables() -> bytes:
    """The photograph from its first table on."""
    data = photo_of("jpeg", 96, 64)
    return data[data.index(b"\xff\xdb") :]


def copy(data: bytes, description: Description = NEW) -> bytes:
    return copy_with(data, "image/jpeg", description)


def read_segments(data: bytes) -> list[tuple[int, bytes]]:
    """Markers and contents of the application segments."""
    found, position = [], 2
    while data[position + 1] >= 0xE0:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        found.append((data[position + 1], data[position + 4 : end]))
        position = end
    assert data[position:] == scan_and_tables()
    return found


def test_xmp_comes_after_exif_and_before_the_rest() -> None:
    first, other = segment(0xE1, b"Exif\0\0nothing"), segment(0xE2, b"ICC_PROFILE\0")
    (_, exif), (_, packet), (_, profile) = read_segments(copy(with_segments(first, other)))
    assert (exif, profile) == (b"Exif\0\0nothing", b"ICC_PROFILE\0")
    assert packet == XMP_SIGNATURE + update_packet(None, NEW)


def test_of_several_packets_one_is_left() -> None:
    packets = [segment(0xE1, XMP_SIGNATURE + update_packet(None, Description(title=title))) for title in "ab"]
    assert [content for _, content in read_segments(copy(with_segments(*packets)))] == [
        XMP_SIGNATURE + update_packet(None, NEW)
    ]


def test_image_resources_may_go_over_several_segments() -> None:
    long = resource(1036, bytes(100_000))
    resources = long + resource(0x0404, iim((2, 5, b"Old"))) + resource(1005, b"abcd")
    parts = [
        segment(0xED, PHOTOSHOP + resources[start : start + 60_000])
        for start in range(0, len(resources), 60_000)
    ]
    after = [content for marker, content in read_segments(copy(with_segments(*parts))) if marker == 0xED]
    assert all(content.startswith(PHOTOSHOP) for content in after)
    written = iim((1, 90, b"\x1b%G"), (2, 5, b"New"))
    joined = b"".join(content.removeprefix(PHOTOSHOP) for content in after)
    assert joined == long + resource(0x0404, written) + resource(1005, b"abcd")


def test_a_long_packet_says_nothing_old_in_its_second_part() -> None:
    extension = update_packet(None, Description(title="Old", credit="x" * 100_000))
    guid = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode()
    note = (
        b'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="' + guid + b'" rdf:about=""'
    )
    packet = update_packet(None, Description(caption="Stays")).replace(b'rdf:about=""', note)
    parts = [
        segment(
            0xE1,
            EXTENSION_SIGNATURE
            + guid
            + struct.pack(">II", len(extension), start)
            + extension[start : start + 60_000],
        )
        for start in range(0, len(extension), 60_000)
    ]
    _, *after = (
        content
        for _, content in read_segments(copy(with_segments(segment(0xE1, XMP_SIGNATURE + packet), *parts)))
    )
    head = len(EXTENSION_SIGNATURE)
    written = b"".join(content[head + 40 :] for content in after)
    new_guid = hashlib.md5(written, usedforsecurity=False).hexdigest().upper().encode()
    assert {content[head : head + 32] for content in after} == {new_guid}
    assert new_guid in copy(with_segments(segment(0xE1, XMP_SIGNATURE + packet), *parts))
    assert b"Old" not in written
    assert b"x" * 100_000 in written


def test_the_index_of_further_pictures_names_their_new_places() -> None:
    second = photo_of("jpeg", 32, 32)

    def make(*after_index: bytes) -> bytes:
        def index(size: int, offset: int) -> bytes:
            entries = struct.pack("<IIIHH", 0x030000, size, 0, 0, 0) + struct.pack(
                "<IIIHH", 0, len(second), offset, 0, 0
            )
            directory = struct.pack("<H", 1) + struct.pack("<HHII", 0xB002, 7, 32, 26) + bytes(4)
            return segment(0xE2, b"MPF\0" + b"II*\0" + struct.pack("<I", 8) + directory + entries)

        first = with_segments(segment(0xE0, b"JFIF\0"), index(0, 0), *after_index)
        start = first.index(b"MPF\0") + 4
        return (
            with_segments(segment(0xE0, b"JFIF\0"), index(len(first), len(first) - start), *after_index)
            + second
        )

    for rest in ((), (segment(0xED, PHOTOSHOP + resource(0x0404, iim((2, 5, b"An older title")))),)):
        copied = copy(make(*rest))
        start = copied.index(b"MPF\0") + 4
        size, _ = struct.unpack_from("<II", copied, start + 26 + 4)
        _, offset = struct.unpack_from("<II", copied, start + 42 + 4)
        assert copied[start + offset :] == second
        assert copied[size:] == second


def test_bytes_between_segments_stay() -> None:
    data = with_segments(b"\0\0junk", b"\xff\xff", segment(0xFE, b"comment"))
    assert b"\0\0junk\xff\xff" + segment(0xFE, b"comment") in copy(data).replace(
        segment(0xE1, XMP_SIGNATURE + update_packet(None, NEW)), b""
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "its segments are damaged"),
        (b"\x89PNG" + bytes(100), "its segments are damaged"),
        (b"\xff\xd8", "it ends before the picture begins"),
        (b"\xff\xd8\xff\xd9\0\0", "it ends before the picture begins"),
    ],
)
def test_what_is_no_whole_jpeg_is_not_copied(data: bytes, reason: str) -> None:
    with pytest.raises(Unembeddable, match=f"^{reason}$"):
        copy(data, Description(title="New"))


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"\xff\xe1\0\1", "its segments are damaged"),
        (b"\xff\xe1\xff\xff", "its segments are damaged"),
        (segment(0xED, PHOTOSHOP + b"nonsense"), "its image resources are damaged"),
        (
            segment(0xE1, XMP_SIGNATURE + update_packet(None, Description(credit="x" * 64_600))),
            "its metadata leave no room for more",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_not_copied(damaged: bytes, reason: str) -> None:
    with pytest.raises(Unembeddable, match=f"^{reason}$"):
        copy(with_segments(damaged), Description(title="New", caption="x" * 1000))


def test_no_segment_is_longer_than_one_can_be() -> None:
    tiff = (
        b"II*\0"
        + struct.pack("<IHHHII", 8, 1, 0x010E, 2, 20, 26)
        + bytes(4)
        + b"An older caption....".ljust(65_000)
    )
    data = with_segments(segment(0xE1, b"Exif\0\0" + tiff))
    contents = [content for _, content in read_segments(copy(data, Description(caption="y" * 2000)))]
    assert max(map(len, contents)) <= MOST_SEGMENT_BYTES
    assert b"An older caption" not in contents[0]

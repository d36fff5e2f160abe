"""What a file says about its picture is read from a few of its bytes, and is what its whole says."""

from contextlib import suppress

import pytest

from stockroom.renditions import SOURCE_FORMATS, ImageRejected, Options, render
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.renditions.embedded.reconcile import Description
from stockroom.renditions.header import read_description
from stockroom.renditions.original import BytesMissing, PartialOriginal
from stockroom.renditions.sandbox.decoder import Decoder
from tests.renditions.embedded.blocks import caption, dataset, exif, photoshop, text, xmp
from tests.renditions.images import encode, photo, photo_of, with_fields

HEAD = 4096
TAKEN = b"2019:05:06 07:08:09\0"
FIELDS = {
    "exif_data": b"Exif\0\0" + exif([text(0x0110, b"Model 7\0")], own=[text(0x9003, TAKEN)]),
    "xmp_data": xmp(caption("a boat")),
    "iptc_data": photoshop(dataset(25, b"harbour")),
}
NAMES = [format_.name for format_ in SOURCE_FORMATS]


def described(format_: str, *fields: str) -> bytes:
    return encode(with_fields(photo(900, 600), **{field: FIELDS[field] for field in fields}), format_)


def read_in_parts(data: bytes, head: int = HEAD) -> tuple[Description, int]:
    """What a file says, and how many of its bytes were there in the end, 1024 at a time."""
    ranges = [(0, min(head, len(data)))]
    for _ in range(2000):
        there = bytearray(len(data))
        for start, end in ranges:
            there[start:end] = data[start:end]
        original = PartialOriginal(bytes(there), ranges)
        with suppress(BytesMissing):
            return read_description(original, Options()), sum(end - start for start, end in ranges)
        missing = original.missing
        assert missing is not None
        assert 0 <= missing.start < missing.end <= len(data)
        ranges.append((missing.start, min(max(missing.end, missing.start + 1024), len(data))))
    raise AssertionError("the file is never read enough")


@pytest.mark.parametrize("format_", NAMES)
@pytest.mark.parametrize("fields", [(), ("exif_data",), ("xmp_data",), tuple(FIELDS)], ids=len)
def test_a_part_of_a_file_says_what_the_whole_says(format_: str, fields: tuple[str, ...]) -> None:
    data = described(format_, *fields)
    rendered = render(data)
    found, size = read_in_parts(data)
    assert found == (rendered.embedded, rendered.capture_time)
    assert size <= HEAD + 4 * 1024 < len(data)
    if format_ != "gif":
        assert (found.embedded.camera == "Model 7") == ("exif_data" in fields)
        assert (found.embedded.caption == "a boat") == ("xmp_data" in fields)


def test_metadata_of_any_length_in_front_of_the_picture() -> None:
    data = encode(
        with_fields(photo(), xmp_data=xmp(caption("a boat") + f"<dc:format>{'x' * 50_000}</dc:format>")),
        "jpeg",
    )
    found, size = read_in_parts(data, 100)
    assert found.embedded.caption == "a boat"
    assert 50_000 < size < 56_000


@pytest.mark.parametrize("format_", NAMES)
def test_a_small_file_is_there_as_a_whole(format_: str) -> None:
    data = photo_of(format_, 9, 9)
    assert read_in_parts(data, 1 << 20) == ((Embedded(), None), len(data))


@pytest.mark.parametrize("data", [b"", b"no picture", photo_of("jpeg")[:200]])
def test_a_file_that_is_no_picture(data: bytes) -> None:
    with pytest.raises(ImageRejected):
        read_in_parts(data)


def test_a_webp_whose_chunks_are_damaged_says_what_comes_before() -> None:
    data = described("webp", "exif_data", "xmp_data")
    position = data.index(b"XMP ")
    damaged = data[: position + 4] + b"\xff\xff\xff\x7f" + data[position + 8 :]
    assert read_in_parts(damaged)[0].embedded == Embedded(camera="Model 7")


def test_a_webp_has_only_what_it_announces() -> None:
    """As libvips sees it."""
    data = bytearray(described("webp", "exif_data", "xmp_data"))
    data[20] &= ~0x04
    rendered = render(bytes(data))
    assert (rendered.embedded.camera, rendered.embedded.caption) == ("Model 7", "")
    assert read_in_parts(bytes(data))[0].embedded == rendered.embedded


def test_what_is_there_and_what_is_missing() -> None:
    original = PartialOriginal(b"0123456789", [(4, 6), (0, 2), (2, 4)])
    assert not original.is_complete()
    assert (original.slice(1, 6), original.read_some(5, 9), original.read_some(10, 5)) == (
        b"12345",
        b"5",
        b"",
    )
    assert not original.missing
    with pytest.raises(BytesMissing) as slice_:
        original.slice(5, 99)
    assert (slice_.value.start, slice_.value.end) == (6, 10)
    assert original.read_some(8, 1) == b""
    # The first ones count: what is asked for afterwards may be asked in error.
    assert original.missing is slice_.value
    assert PartialOriginal(b"0123", [(0, 4)]).whole() == b"0123"


@pytest.mark.parametrize("format_", NAMES)
def test_the_worker_says_the_same(decoder_of_this_process: Decoder, format_: str) -> None:
    data = described(format_, "exif_data", "xmp_data")
    reads: list[tuple[int, int]] = []

    def read(start: int, end: int) -> bytes:
        reads.append((start, end))
        return data[start:end]

    found = decoder_of_this_process.describe(len(data), read, data[:HEAD])
    rendered = render(data)
    assert (found.embedded, found.capture_time) == (rendered.embedded, rendered.capture_time)
    # These have their metadata behind the picture.
    assert len(reads) == (format_ in {"webp", "avif"})


def read_nothing(_start: int, _end: int) -> bytes:
    raise AssertionError("nothing is missing")


def test_the_worker_rejects_and_is_asked_again(decoder_of_this_process: Decoder) -> None:
    decoder_of_this_process.wait_until_ready()
    pid = decoder_of_this_process.pid
    with pytest.raises(ImageRejected):
        decoder_of_this_process.describe(10, read_nothing, b"no picture")
    data = photo_of("png")
    assert decoder_of_this_process.describe(len(data), read_nothing, data).embedded == Embedded()
    assert decoder_of_this_process.pid == pid

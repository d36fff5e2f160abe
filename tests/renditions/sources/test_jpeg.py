import pytest

from stockroom.renditions import ImageRejected, Options, Rendered, render
from stockroom.renditions.original import Original
from stockroom.renditions.sources.jpeg import JPEG
from tests.renditions.hostile.builders import jpeg, jpeg_segment, jpeg_with
from tests.renditions.images import photo, photo_of
from tests.renditions.rejecting import reject


def check(data: bytes, **limits: int) -> None:
    JPEG.check_container(Original(data), Options(**limits))


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + bytes(500)], ids=["first bytes", "and zeros"]
)
def test_a_beginning_alone_is_truncated(data: bytes) -> None:
    assert reject(data).code == "truncated"


def test_only_what_is_beside_the_picture_counts() -> None:
    plain = jpeg(keep="none")
    metadata = jpeg_with(jpeg_segment(0xFE, bytes(1000)))
    check(plain, max_metadata=100)
    check(metadata, max_metadata=2000)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(metadata, max_metadata=1000)


def test_tables_count_as_parts() -> None:
    table = jpeg_segment(0xDB, b"\0" + bytes(64))
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(jpeg_with(table * 50), max_parts=50)


def test_scans_of_a_progressive_picture_are_limited() -> None:
    data = bytes(photo().jpegsave_buffer(interlace=True))
    scans = data.count(b"\xff\xda")
    assert scans > 3
    assert isinstance(render(data, Options(max_scans=scans)), Rendered)
    assert reject(data, Options(max_scans=scans - 1)).code == "too-slow"
    # So are the pixels that they go over together.
    assert isinstance(render(data, Options(max_scanned_pixels=scans * 300 * 200)), Rendered)
    assert reject(data, Options(max_scanned_pixels=scans * 300 * 200 - 1)).code == "too-slow"
    # Neither is a comment that looks like a scan one, nor does one that looks like the end end the picture.
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    comment = jpeg_segment(0xFE, b"\xff\xda" * 30 + b"\xff\xd9")
    commented = data[:second] + comment + data[second:]
    assert isinstance(render(commented, Options(max_scans=scans)), Rendered)
    assert reject(commented, Options(max_scans=scans - 1)).code == "too-slow"
    # A second picture behind the end is none of its scans.
    assert isinstance(render(data + data, Options(max_scans=scans)), Rendered)
    assert isinstance(render(photo_of("jpeg"), Options(max_scans=0)), Rendered)


def test_a_preview_that_is_whole_does_not_make_the_picture_whole() -> None:
    data = photo_of("jpeg")
    preview = photo(30, 20).jpegsave_buffer()
    both = data[:2] + jpeg_segment(0xE3, preview) + data[2:]
    assert isinstance(render(both), Rendered)
    assert reject(both[: len(both) * 2 // 3]).code == "truncated"

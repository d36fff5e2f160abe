import pytest

from stockroom.renditions import ImageRejected, Options
from stockroom.renditions.original import Original
from stockroom.renditions.sources.webp import WEBP
from tests.renditions.hostile.builders import vp8x, webp_chunks, webp_of
from tests.renditions.images import photo_of

PICTURE = webp_chunks(photo_of("webp"))


def check(data: bytes, **limits: int) -> None:
    WEBP.check_container(Original(data), Options(**limits))


def test_the_picture_is_no_metadata() -> None:
    check(photo_of("webp"), max_metadata=1000)


def test_metadata_behind_the_picture_count() -> None:
    data = webp_of(vp8x(300, 200), *PICTURE, (b"XMP ", bytes(5000)))
    check(data, max_metadata=6000)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(data, max_metadata=5000)


def test_what_is_behind_the_announced_end_does_not_count() -> None:
    check(photo_of("webp") + webp_of((b"XMP ", bytes(5000)))[12:], max_metadata=1000)


def test_frames_are_limited() -> None:
    data = webp_of(vp8x(16, 16, flags=2), *[(b"ANMF", bytes(24))] * 10)
    check(data, max_frames=10)
    with pytest.raises(ImageRejected, match="too-many-frames"):
        check(data, max_frames=9)


def test_chunks_in_a_frame_are_limited() -> None:
    def frame(chunks: int) -> bytes:
        return webp_of(vp8x(16, 16, flags=2), (b"ANMF", bytes(16) + b"JUNK\0\0\0\0" * chunks))

    check(frame(8))
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(frame(9))

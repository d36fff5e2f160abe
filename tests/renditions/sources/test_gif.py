import pytest

from stockroom.renditions import ImageRejected, Options
from stockroom.renditions.original import Original
from stockroom.renditions.sources.gif import GIF
from tests.renditions.hostile.builders import GIF_FRAME, gif_of
from tests.renditions.rejecting import reject

CONTROL = b"!\xf9\x04\0\0\0\0\0"
COMMENT = b"!\xfe\x05hello\0"


def check(data: bytes, **limits: int) -> None:
    GIF.check_container(Original(data), Options(**limits))


def test_the_first_bytes_alone_are_truncated() -> None:
    assert reject(b"GIF89a").code == "truncated"


def test_an_endless_canvas_is_rejected_though_libvips_would_shrink_it() -> None:
    gif = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"
    assert reject(gif).code == "side-too-long"


@pytest.mark.parametrize("frame", [GIF_FRAME, CONTROL], ids=["frames", "their control extensions"])
def test_frames_are_limited(frame: bytes) -> None:
    check(gif_of(1, 1, frame * 10), max_frames=10)
    with pytest.raises(ImageRejected, match="too-many-frames"):
        check(gif_of(1, 1, frame * 10 + GIF_FRAME), max_frames=9)


def test_comments_count() -> None:
    data = gif_of(1, 1, COMMENT * 10 + GIF_FRAME)
    check(data, max_parts=10, max_metadata=10 * len(COMMENT))
    for limits in ({"max_parts": 9}, {"max_metadata": 10 * len(COMMENT) - 1}):
        with pytest.raises(ImageRejected, match="too-much-metadata"):
            check(data, **limits)


def test_a_frame_with_colours_of_its_own_is_passed_over() -> None:
    # A frame with a table of four colours, and then a comment, which is only found behind it.
    frame = b",\0\0\0\0\x01\0\x01\0\x81" + bytes(12) + b"\x02\x02D\x01\0"
    check(gif_of(1, 1, frame + COMMENT), max_parts=1)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(gif_of(1, 1, frame + COMMENT + GIF_FRAME), max_parts=0)


def test_short_blocks_are_limited() -> None:
    chain = b"!\xfe" + b"\x01x" * 1000 + b"\0"
    check(gif_of(1, 1, chain + GIF_FRAME), max_frames=200)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(gif_of(1, 1, chain + GIF_FRAME), max_frames=1)

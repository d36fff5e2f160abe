import random
import zlib

import pytest

from stockroom.renditions import ImageRejected, Options
from stockroom.renditions.original import Original
from stockroom.renditions.sources.png import PNG
from tests.renditions import images
from tests.renditions.hostile.builders import png_chunk, png_with
from tests.renditions.rejecting import reject

TEXT = zlib.compress(bytes(5000))


def check(data: bytes, **limits: int) -> None:
    PNG.check_container(Original(data), Options(**limits))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("the first bytes", b"\x89PNG\r\n\x1a\n", "truncated"),
        ("no width", images.png(0, 9, b""), "corrupt"),
    ],
)
def test_files_that_are_no_pictures(name: str, data: bytes, code: str) -> None:
    assert reject(data).code == code, name


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"zTXt", b"key\0\0" + TEXT),
        png_chunk(b"iTXt", b"key\0\1\0en\0translated\0" + TEXT),
        png_chunk(b"iCCP", b"name\0\0" + TEXT),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
def test_compressed_metadata_count_as_what_they_inflate_to(chunk: bytes) -> None:
    check(png_with(chunk), max_metadata=5500)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(png_with(chunk), max_metadata=5000)


def test_a_text_that_is_not_compressed_counts_once() -> None:
    check(png_with(png_chunk(b"iTXt", b"key\0\0\0\0\0" + bytes(5000))), max_metadata=5500)


def test_what_inflates_before_an_error_counts() -> None:
    noise = random.Random(1).randbytes(10_000)
    damaged = zlib.compress(noise)[:-4] + b"oops"
    check(png_with(png_chunk(b"zTXt", b"key\0\0" + damaged)), max_metadata=21_000)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(png_with(png_chunk(b"zTXt", b"key\0\0" + damaged)), max_metadata=15_000)


def test_chunks_before_the_picture_are_limited() -> None:
    data = png_with(png_chunk(b"tEXt", b"a\0b") * 50)
    check(data, max_parts=60)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(data, max_parts=50)

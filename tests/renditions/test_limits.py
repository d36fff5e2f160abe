"""Every limit is compared before anything is decoded, and the rejection says how to keep it."""

import time
from collections.abc import Callable

import pytest

from stockroom.renditions import SOURCE_FORMATS, ImageRejected, Options, Rendered, SourceFormat, render
from stockroom.renditions.limits import MetadataTally
from tests.renditions import images
from tests.renditions.images import photo, photo_of
from tests.renditions.rejecting import reject

PIXELS = 300 * 200
# The option that limits each kind of file, and how the rejection names the kind and the remedy.
KINDS: list[tuple[Callable[[], bytes], str, str]] = [
    (lambda: photo_of("jpeg"), "max_pixels", "in a JPEG. Make"),
    (lambda: photo_of("png"), "max_pixels", "in a PNG. Make"),
    (
        lambda: bytes(photo().jpegsave_buffer(interlace=True)),
        "max_pixels_in_memory",
        "a progressive JPEG. Save it without",
    ),
    (
        lambda: bytes(photo().pngsave_buffer(interlace=True)),
        "max_pixels_in_memory",
        "an interlaced PNG. Save it without",
    ),
    (
        lambda: bytes(
            photo().colourspace("grey16").bandjoin(65535).copy(interpretation="grey16").pngsave_buffer()
        ),
        "max_pixels_in_memory",
        "a gray PNG of 16 bits with transparency. Save it without",
    ),
    (lambda: photo_of("webp"), "max_pixels_in_memory", "in a WebP. Make"),
    (lambda: photo_of("gif"), "max_pixels_in_memory", "in a GIF. Make"),
    (lambda: photo_of("avif"), "max_pixels_avif", "in an AVIF. Make"),
]


@pytest.mark.parametrize(("make", "option", "phrase"), KINDS)
def test_each_kind_of_file_has_its_limit_on_pixels(
    make: Callable[[], bytes], option: str, phrase: str
) -> None:
    data = make()
    assert isinstance(render(data, Options(**{option: PIXELS})), Rendered)
    rejected = reject(data, Options(**{option: PIXELS - 1}))
    assert rejected.code == "too-many-pixels"
    assert phrase in rejected.sentence
    assert "300 x 200" in rejected.sentence


@pytest.mark.parametrize("format_", [pytest.param(format_, id=format_.name) for format_ in SOURCE_FORMATS])
def test_the_general_limit_on_pixels_holds_for_every_format(format_: SourceFormat) -> None:
    rejected = reject(photo_of(format_.name), Options(max_pixels=PIXELS - 1))
    assert rejected.code == "too-many-pixels"
    assert f" {format_.title}." in rejected.sentence


def test_the_lower_limits_spare_what_is_decoded_line_by_line() -> None:
    for name in ("jpeg", "png"):
        assert isinstance(
            render(photo_of(name), Options(max_pixels_in_memory=1, max_pixels_avif=1)), Rendered
        )


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
@pytest.mark.parametrize(("option", "code"), [("max_side", "side-too-long"), ("max_bytes", "too-large")])
def test_limits_on_sides_and_bytes_hold_for_every_format(name: str, option: str, code: str) -> None:
    data = photo_of(name)
    limit = 300 if option == "max_side" else len(data)
    assert isinstance(render(data, Options(**{option: limit})), Rendered)
    assert reject(data, Options(**{option: limit - 1})).code == code


def test_the_longest_side() -> None:
    long = images.flat(65_501, 1, 128)
    rejected = reject(long.pngsave_buffer())
    assert rejected.code == "side-too-long"
    assert "65501 x 1" in rejected.sentence
    assert reject(long.rot90().pngsave_buffer()).code == "side-too-long"


@pytest.mark.parametrize("interlace", [0, 1])
def test_a_header_that_lies_is_rejected_before_decoding(interlace: int) -> None:
    bomb = images.png(60000, 60000, bytes(100_000), interlace=interlace)
    started = time.process_time()
    rejected = reject(bomb)
    assert time.process_time() - started < 0.5
    assert rejected.code == "too-many-pixels"
    assert "3600.0 million" in rejected.sentence


def test_a_header_that_lies_within_the_limits_is_rejected_at_the_first_missing_line() -> None:
    started = time.process_time()
    assert reject(images.png(9000, 9000, bytes(100_000))).code == "corrupt"
    assert time.process_time() - started < 0.5


def test_a_tally_counts_parts_and_bytes() -> None:
    tally = MetadataTally(Options(max_parts=2, max_metadata=100))
    tally.add_part(60)
    tally.add_part(0)
    tally.add_bytes(40)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        tally.add_bytes(1)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        MetadataTally(Options(max_parts=0)).add_part(0)

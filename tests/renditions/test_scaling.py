"""Every kind of pixels comes out at the right size and in the right colours."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.renditions import Options, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendered import SIZES
from stockroom.renditions.rendering import decode
from stockroom.renditions.scaling import Scaler
from stockroom.renditions.sources.jpeg import SHRINK_FOR_DIVISOR
from tests.renditions.images import (
    BLUE,
    DATA,
    GREEN,
    RED,
    YELLOW,
    close,
    corners,
    encode,
    flat,
    photo,
    photo_bytes,
    pixel,
    png,
    quadrants,
    rendition_sides,
)


@pytest.mark.parametrize("tagged", [True, False], ids=["with its profile", "without a profile"])
def test_cmyk_keeps_its_colours(tagged: bool) -> None:
    cmyk = quadrants().icc_transform("cmyk", input_profile="srgb")
    data = cmyk.jpegsave_buffer(Q=95, keep="icc" if tagged else "none")
    assert pyvips.Image.new_from_buffer(data, "").bands == 4
    seen = corners(render(data).renditions["720p"].data)
    # Inks cannot show every colour: near is right, inverted or swapped would be far off.
    assert all(close(a, b, 60) for a, b in zip(seen, (RED, GREEN, BLUE, YELLOW), strict=True)), seen


@pytest.mark.parametrize("saver", ["jpegsave_buffer", "pngsave_buffer", "webpsave_buffer"])
def test_a_wide_gamut_profile_is_converted(saver: str) -> None:
    orange = (250, 120, 20)
    wide = flat(64, 64, *orange).icc_transform("p3", input_profile="srgb")
    assert not close(tuple(wide.getpoint(5, 5)), orange), "the stored numbers differ from sRGB's"
    rendered = render(getattr(wide, saver)(Q=100) if saver != "pngsave_buffer" else wide.pngsave_buffer())
    assert close(pixel(rendered.renditions["720p"].data, 0.5, 0.5), orange, 8)


@pytest.mark.parametrize(
    ("width", "height", "saver"),
    [
        (40_000, 1, "jpeg"), (1, 60_000, "jpeg"), (60_000, 3, "jpeg"), (2, 65_500, "jpeg"),
        (1, 16_000, "webp"), (3, 16_000, "webp"), (16_000, 1, "webp"), (60_000, 1, "png"),
    ],
)  # fmt: skip
def test_strips(width: int, height: int, saver: str) -> None:
    rendered = render(encode(flat(width, height, *RED), saver))
    assert (rendered.width, rendered.height) == (width, height)
    assert all(min(r.width, r.height) == 1 for r in rendered.renditions.values())


def test_gray() -> None:
    rendered = render(flat(40, 30, 90).jpegsave_buffer())
    assert close(pixel(rendered.renditions["720p"].data, 0.5, 0.5), (90, 90, 90), 3)
    assert rendered.color == "#5a5a5a"


def test_sixteen_bits_in_a_wide_gamut_with_alpha() -> None:
    orange = (250, 120, 20)
    wide = flat(64, 64, *orange).icc_transform("p3", input_profile="srgb", depth=16)
    see_through = wide.bandjoin(65535).cast("ushort").copy(interpretation="rgb16")
    for data in (
        wide.pngsave_buffer(),
        see_through.pngsave_buffer(),
        wide.heifsave_buffer(compression="av1"),
    ):
        assert pyvips.Image.new_from_buffer(data, "").format == "ushort"
        assert close(pixel(render(data).renditions["720p"].data, 0.5, 0.5), orange, 8)


@pytest.mark.parametrize("space", ["rgb16", "grey16"])
def test_sixteen_bits(space: str) -> None:
    data = photo().colourspace(space).pngsave_buffer()
    assert pyvips.Image.new_from_buffer(data, "").format == "ushort"
    expected = render(photo().colourspace("b-w" if space == "grey16" else "srgb").pngsave_buffer())
    got, want = (
        pyvips.Image.new_from_buffer(r.renditions["720p"].data, "") for r in (render(data), expected)
    )
    assert (got - want).abs().avg() < 3


def test_one_bit() -> None:
    # Eight pixels a byte: the left half white, the right half black.
    data = png(16, 4, b"\0\xff\0" * 4, depth=1, color_type=0)
    rendition = render(data).renditions["720p"].data
    assert close(pixel(rendition, 0.1, 0.5), (255, 255, 255))
    assert close(pixel(rendition, 0.9, 0.5), (0, 0, 0))


def test_palette() -> None:
    rendered = render(quadrants().pngsave_buffer(palette=True))
    seen = corners(rendered.renditions["720p"].data)
    assert all(close(a, b, 25) for a, b in zip(seen, (RED, GREEN, BLUE, YELLOW), strict=True)), seen


@pytest.mark.parametrize("format_", ["png", "webp", "gif", "avif"])
def test_transparency_becomes_white(format_: str) -> None:
    image = flat(64, 64, *RED, 0).insert(flat(32, 64, *RED, 255), 0, 0)
    rendition = render(encode(image, format_)).renditions["720p"].data
    assert close(pixel(rendition, 0.2, 0.5), RED, 30)
    assert close(pixel(rendition, 0.8, 0.5), (255, 255, 255), 6)


def test_half_transparent_sixteen_bits_and_gray() -> None:
    for image in (flat(32, 32, 0, 0, 0, 128).colourspace("rgb16"), flat(32, 32, 0, 128)):
        rendition = render(image.pngsave_buffer()).renditions["720p"].data
        assert close(pixel(rendition, 0.5, 0.5), (127, 127, 127), 4)


def test_interlaced_and_progressive() -> None:
    plain = render(photo().pngsave_buffer()).renditions
    assert render(photo().pngsave_buffer(interlace=True)).renditions == plain
    baseline, progressive = (photo().jpegsave_buffer(interlace=i) for i in (False, True))
    assert render(progressive).renditions == render(baseline).renditions


@pytest.mark.parametrize(
    ("width", "height", "large", "small"),
    [
        (1, 1, (1, 1), (1, 1)),
        (20000, 1, (5120, 1), (1706, 1)),
        (1, 20000, (1, 720), (1, 240)),
        (20000, 2500, (5120, 640), (1706, 213)),
        (1000, 721, (999, 720), (333, 240)),
        (640, 480, (640, 480), (320, 240)),
        (300, 240, (300, 240), (300, 240)),
    ],
)
def test_sides(width: int, height: int, large: tuple[int, int], small: tuple[int, int]) -> None:
    rendered = render(flat(width, height, *RED).pngsave_buffer())
    assert rendition_sides(rendered) == {"720p": large, "240p": small}


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_sides_keep_their_proportions_and_are_never_enlarged(width: int, height: int) -> None:
    rendered = render(flat(width, height, 128).pngsave_buffer(compression=1))
    assert (rendered.width, rendered.height) == (width, height)
    for name, lines, cap in (("720p", 720, 5120), ("240p", 240, 1706)):
        got = rendered.renditions[name]
        scale = min(1, lines / height, cap / width)
        assert got.height <= min(lines, height)
        assert got.width <= min(cap, width)
        assert abs(got.width - width * scale) <= 1
        assert abs(got.height - height * scale) <= 1


def psnr(a: Any, b: Any) -> float:
    error = float(((a.cast("float") - b.cast("float")) ** 2).avg())
    return 10 * math.log10(255**2 / max(error, 1e-9))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("format_", "times"),
    [
        *(("jpeg", times) for times in (1.5, 2.1, 3.0, 4.2, 5.6, 8.1)),
        *(("png", times) for times in (1.5, 4.2)),
        *(("webp", times) for times in (1.5, 2.1, 3.0, 5.6)),
        *(("cmyk", times) for times in (1.5, 4.2)),
    ],
)
def test_the_large_one_is_what_a_full_decode_and_a_good_filter_give(format_: str, times: float) -> None:
    """At least 45 dB, before it is encoded: shrinking while decoding must not show.

    The height decides how much is shrunk. The middle third of the width takes a third of the time.
    """
    width, height = int(360 * times) // 8 * 8, int(720 * times) // 8 * 8
    third = pyvips.Image.new_from_buffer(photo_bytes(), "").crop(600, 0, 600, 1200)
    source = third.resize(width / third.width, vscale=height / third.height, kernel="lanczos3").copy_memory()
    if format_ == "cmyk":
        data = source.icc_transform("cmyk", input_profile="srgb").jpegsave_buffer(Q=90)
    elif format_ == "webp":
        data = source.webpsave_buffer(Q=90, effort=0)
    else:
        # Nothing is lost, however little effort is made.
        data = source.pngsave_buffer(compression=1) if format_ == "png" else encode(source, format_)
    large = decode(Original(data), Options()).large
    full = pyvips.Image.new_from_buffer(data, "").copy_memory()
    if format_ == "cmyk":
        full = full.icc_transform("srgb", embedded=True)
    reference = full.resize(large.width / full.width, vscale=large.height / full.height, gap=0)
    assert psnr(large, reference) >= 45


def _continued(name: str, width: int, height: int) -> Any:
    """A photograph as sharp as its camera took it, continued to these sides by mirrored copies of itself."""
    image = pyvips.Image.new_from_file(str(DATA / f"{name}.jpg")).copy_memory()
    while image.width < width:
        image = image.join(image.fliphor(), "horizontal")
    while image.height < height:
        image = image.join(image.flipver(), "vertical")
    return image.crop(0, 0, width, height).copy_memory()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("format_", "name", "times", "rendition"),
    [
        *(("jpeg", "lake-sherburne", times, "720p") for times in SHRINK_FOR_DIVISOR.values()),
        *(("jpeg", "ocean-waves", times, "720p") for times in SHRINK_FOR_DIVISOR.values()),
        *(("webp", "ocean-waves", times, "720p") for times in (3.0, 6.0)),
        *((format_, "ocean-waves", 3.0, "1440p") for format_ in ("jpeg", "webp")),
    ],
)
def test_photographs_keep_45_db_where_the_decoder_shrinks_the_most(
    format_: str, name: str, times: float, rendition: str
) -> None:
    """At the sides from which on each divisor is used. With less, these photographs lose too much."""
    height = round(SIZES[rendition].height * times)
    source = _continued(name, height * 8 // 9, height)
    data = source.webpsave_buffer(Q=90, effort=0) if format_ == "webp" else source.jpegsave_buffer(Q=90)
    original = Original(data)
    header = decode(original, Options()).header
    large = header.format.scale(Scaler(original, header, SIZES[rendition]))
    full = pyvips.Image.new_from_buffer(data, "").copy_memory()
    reference = full.resize(large.width / full.width, vscale=large.height / full.height, gap=0)
    quality = psnr(large, reference)
    assert quality >= 45
    assert quality < 60, "the decoder has shrunk the picture at all"


@pytest.mark.parametrize("saver", ["jpegsave_buffer", "pngsave_buffer"])
def test_colours_of_a_wide_gamut_photograph_are_right(saver: str) -> None:
    """Less than 1.5 ΔE (2000) from its colours in sRGB, on average, the JPEG of the source included."""
    original = photo(900, 600)
    wide = original.icc_transform("p3", input_profile="srgb")
    data = wide.pngsave_buffer() if saver == "pngsave_buffer" else getattr(wide, saver)(Q=95)
    large = decode(Original(data), Options()).large
    assert large.colourspace("lab").dE00(original.colourspace("lab")).avg() < 1.5

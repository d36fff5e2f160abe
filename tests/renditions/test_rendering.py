"""Every accepted picture is rendered right: sides, orientation, colours, and nothing of its metadata."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.renditions import SOURCE_FORMATS, Options, Rendered, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendering import decode
from tests.renditions import images
from tests.renditions.images import close, encode, flat, hash_distance, photo, photo_of, pixel, with_fields

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 40), (20, 40, 200), (230, 220, 30)


def sides(rendered: Rendered) -> dict[str, tuple[int, int]]:
    return {name: (r.width, r.height) for name, r in rendered.renditions.items()}


def corners(data: bytes) -> list[tuple[int, ...]]:
    return [pixel(data, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]


def quadrants(width: int = 320, height: int = 200) -> Any:
    tiles = [flat(width // 2, height // 2, *color) for color in (RED, GREEN, BLUE, YELLOW)]
    return pyvips.Image.arrayjoin(tiles, across=2)


def test_a_photograph() -> None:
    rendered = render(images.photo_bytes())
    assert (rendered.media_type, rendered.width, rendered.height) == ("image/jpeg", 1800, 1200)
    assert rendered.orientation == "landscape"
    assert sides(rendered) == {"720p": (1080, 720), "240p": (360, 240)}
    for rendition in rendered.renditions.values():
        assert rendition.media_type == "image/jpeg"
        decoded = pyvips.Image.new_from_buffer(rendition.data, "")
        assert (decoded.width, decoded.height, decoded.bands) == (rendition.width, rendition.height, 3)
    assert 15 <= len(rendered.thumbhash) <= 25
    assert 0 <= rendered.phash < 2**64
    assert rendered.capture_time is None


def test_the_same_bytes_give_the_same_result() -> None:
    assert render(images.photo_bytes()) == render(images.photo_bytes())


def test_quality_is_an_option() -> None:
    low, high = (render(images.photo_bytes(), Options(quality=q)).renditions["240p"] for q in (40, 90))
    assert len(low.data) < len(high.data)


# How a camera stored an upright picture whose EXIF orientation is the key.
STORED = {
    1: lambda image: image,
    2: lambda image: image.fliphor(),
    3: lambda image: image.rot180(),
    4: lambda image: image.flipver(),
    5: lambda image: image.rot90().fliphor(),
    6: lambda image: image.rot270(),
    7: lambda image: image.rot270().fliphor(),
    8: lambda image: image.rot90(),
}


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_is_seen_upright(format_: str, orientation: int) -> None:
    stored = STORED[orientation](quadrants())
    rendered = render(encode(with_fields(stored, orientation=orientation), format_))
    assert (rendered.width, rendered.height, rendered.orientation) == (320, 200, "landscape")
    assert sides(rendered)["720p"] == (320, 200)
    for rendition in rendered.renditions.values():
        seen = corners(rendition.data)
        assert all(close(a, b, 25) for a, b in zip(seen, (RED, GREEN, BLUE, YELLOW), strict=True)), seen


def test_height_counts_after_rotation() -> None:
    rendered = render(with_fields(photo(1500, 1000), orientation=6).jpegsave_buffer())
    assert (rendered.width, rendered.height, rendered.orientation) == (1000, 1500, "portrait")
    assert sides(rendered) == {"720p": (480, 720), "240p": (160, 240)}


@pytest.mark.parametrize(("name", "media_type"), [(f.name, f.media_type) for f in SOURCE_FORMATS])
def test_every_format_looks_the_same(name: str, media_type: str) -> None:
    rendered = render(photo_of(name))
    reference = render(photo_of("png"))
    assert rendered.media_type == media_type
    assert sides(rendered) == {"720p": (300, 200), "240p": (300, 200)}
    a, b = (pyvips.Image.new_from_buffer(r.renditions["720p"].data, "") for r in (rendered, reference))
    assert (a - b).abs().avg() < 8
    assert hash_distance(rendered.phash, reference.phash) <= 6


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


@pytest.mark.parametrize("profile", [b"not a profile" * 40, None], ids=["nonsense", "for other channels"])
def test_an_unusable_profile_is_ignored(profile: bytes | None) -> None:
    if profile is None:
        profile = flat(8, 8, 1, 2, 3).icc_transform("cmyk", input_profile="srgb").get("icc-profile-data")
    rendered = render(with_fields(flat(64, 64, *RED), icc_profile_data=profile).jpegsave_buffer())
    assert close(pixel(rendered.renditions["720p"].data, 0.5, 0.5), RED)


@pytest.mark.parametrize("kind", ["for other channels", "nonsense", "empty", "cut off"])
def test_an_unusable_profile_of_cmyk_is_ignored(kind: str) -> None:
    cmyk = photo().icc_transform("cmyk", input_profile="srgb")
    own = cmyk.get("icc-profile-data")
    rgb = flat(8, 8, 1, 2, 3).icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    profile = {"for other channels": rgb, "nonsense": b"no" * 400, "empty": b"", "cut off": own[:500]}[kind]
    data = with_fields(cmyk, icc_profile_data=profile).jpegsave_buffer(Q=95)
    expected = decode(Original(cmyk.jpegsave_buffer(Q=95, keep="none")), Options()).large
    assert (decode(Original(data), Options()).large - expected).abs().max() == 0


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("field", [12, 16, 20], ids=["class", "channels", "connection space"])
def test_a_profile_of_another_kind_is_ignored(format_: str, field: int) -> None:
    """A device link, a profile of other channels, and one to no known space."""
    profile = flat(8, 8, 1, 2, 3).icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    foreign = profile[:field] + {12: b"link", 16: b"Lab ", 20: b"nope"}[field] + profile[field + 4 :]
    plain, tagged = (
        encode(image, format_) for image in (photo(), with_fields(photo(), icc_profile_data=foreign))
    )
    seen, expected = (decode(Original(data), Options()).large for data in (tagged, plain))
    assert (seen - expected).abs().max() == 0


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
    data = images.png(16, 4, b"\0\xff\0" * 4, depth=1, color_type=0)
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


@pytest.mark.parametrize("saver", ["gifsave_buffer", "webpsave_buffer"])
def test_an_animation_shows_its_first_frame(saver: str) -> None:
    frames = pyvips.Image.arrayjoin([flat(48, 32, *RED), flat(48, 32, *BLUE), flat(48, 32, *GREEN)], across=1)
    data = getattr(with_fields(frames, page_height=32), saver)()
    assert pyvips.Image.new_from_buffer(data, "").get("n-pages") == 3
    rendered = render(data)
    assert (rendered.width, rendered.height) == (48, 32)
    assert close(pixel(rendered.renditions["720p"].data, 0.5, 0.5), RED, 25)


def test_nothing_of_the_source_is_carried_along() -> None:
    source = with_fields(
        photo().icc_transform("p3", input_profile="srgb"),
        exif_ifd0_Make="Secretcam",
        exif_ifd3_GPSLatitude="51/1 30/1 0/1",
        exif_ifd3_GPSLatitudeRef="N",
        xmp_data=b"<x:xmpmeta>Secretcam</x:xmpmeta>",
        iptc_data=b"Photoshop 3.0\x00Secretcam",
        jpeg_comment="Secretcam",
    ).jpegsave_buffer()
    assert {0xE1, 0xE2} <= set(images.jpeg_markers(source))
    assert b"Secretcam" in source
    for rendition in render(source).renditions.values():
        # JFIF, tables, frame, Huffman tables: no EXIF or XMP (E1), ICC (E2), IPTC (ED), comment (FE).
        assert set(images.jpeg_markers(rendition.data)) <= {0xE0, 0xDB, 0xC0, 0xC4}
        assert b"Secretcam" not in rendition.data


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp", "avif"])
def test_the_time_of_capture(format_: str) -> None:
    dated = with_fields(
        photo(), exif_ifd2_DateTimeOriginal="2024:05:01 10:00:00", exif_ifd2_OffsetTimeOriginal="+02:00"
    )
    assert render(encode(dated, format_)).capture_time == datetime(2024, 5, 1, 8, tzinfo=UTC)


def test_the_time_of_capture_without_an_offset_is_naive() -> None:
    dated = with_fields(photo(), exif_ifd2_DateTimeOriginal="2024:05:01 10:00:00")
    moment = render(dated.jpegsave_buffer()).capture_time
    assert moment == datetime(2024, 5, 1, 10)  # noqa: DTZ001
    assert moment.tzinfo is None


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
    assert sides(rendered) == {"720p": large, "240p": small}


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_sides_keep_their_proportions_and_are_never_enlarged(width: int, height: int) -> None:
    rendered = render(flat(width, height, 128).pngsave_buffer(compression=1))
    assert (rendered.width, rendered.height) == (width, height)
    assert (rendered.orientation == "square") == (width == height)
    for name, lines, cap in (("720p", 720, 5120), ("240p", 240, 1706)):
        got = rendered.renditions[name]
        scale = min(1, lines / height, cap / width)
        assert got.height <= min(lines, height)
        assert got.width <= min(cap, width)
        assert abs(got.width - width * scale) <= 1
        assert abs(got.height - height * scale) <= 1


def test_the_small_one_derives_from_the_large_one_without_loss_of_quality() -> None:
    direct = pyvips.Image.thumbnail_buffer(images.photo_bytes(), 360, height=240).copy_memory()

    def error(jpeg: bytes) -> float:
        return float((pyvips.Image.new_from_buffer(jpeg, "") - direct).abs().avg())

    unavoidable = error(direct.jpegsave_buffer(Q=80, optimize_coding=True))
    assert error(render(images.photo_bytes()).renditions["240p"].data) < 1.25 * unavoidable


def test_color_and_phash_describe_the_picture() -> None:
    assert render(flat(50, 40, *BLUE).pngsave_buffer()).color == "#1428c8"
    sea, same = render(images.photo_bytes()), render(photo(640, 427).jpegsave_buffer(Q=40))
    other = render(quadrants().pngsave_buffer())
    assert hash_distance(sea.phash, same.phash) <= 8
    assert hash_distance(sea.phash, other.phash) > 15


def psnr(a: Any, b: Any) -> float:
    error = float(((a.cast("float") - b.cast("float")) ** 2).avg())
    return 10 * math.log10(255**2 / max(error, 1e-9))


@pytest.mark.parametrize(
    ("format_", "times"),
    [
        *(("jpeg", times) for times in (1.5, 2.1, 4.2, 5.6, 8.1)),
        *(("png", times) for times in (1.5, 4.2)),
        *(("webp", times) for times in (1.5, 2.1, 5.6)),
        *(("cmyk", times) for times in (1.5, 4.2)),
    ],
)
def test_the_large_one_is_what_a_full_decode_and_a_good_filter_give(format_: str, times: float) -> None:
    """At least 45 dB, before it is encoded: shrinking while decoding must not show."""
    width, height = int(1080 * times) // 8 * 8, int(720 * times) // 8 * 8
    source = pyvips.Image.new_from_buffer(images.photo_bytes(), "").resize(
        width / 1800, vscale=height / 1200, kernel="lanczos3"
    )
    if format_ == "cmyk":
        data = source.icc_transform("cmyk", input_profile="srgb").jpegsave_buffer(Q=90)
    else:
        data = source.webpsave_buffer(Q=90, effort=0) if format_ == "webp" else encode(source, format_)
    large = decode(Original(data), Options()).large
    full = pyvips.Image.new_from_buffer(data, "").copy_memory()
    if format_ == "cmyk":
        full = full.icc_transform("srgb", embedded=True)
    reference = full.resize(large.width / full.width, vscale=large.height / full.height, gap=0)
    assert psnr(large, reference) >= 45


@pytest.mark.parametrize("saver", ["jpegsave_buffer", "pngsave_buffer"])
def test_colours_of_a_wide_gamut_photograph_are_right(saver: str) -> None:
    """Less than 1.5 ΔE (2000) from its colours in sRGB, on average, the JPEG of the source included."""
    original = photo(900, 600)
    wide = original.icc_transform("p3", input_profile="srgb")
    data = wide.pngsave_buffer() if saver == "pngsave_buffer" else getattr(wide, saver)(Q=95)
    large = decode(Original(data), Options()).large
    assert large.colourspace("lab").dE00(original.colourspace("lab")).avg() < 1.5

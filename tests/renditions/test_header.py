"""What the header says of a picture: its orientation, its colour profile, its time of capture."""

from datetime import UTC, datetime

import pytest

from stockroom.renditions import Options, render
from stockroom.renditions.original import Original
from stockroom.renditions.rendering import decode
from tests.renditions.images import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    close,
    corners,
    encode,
    flat,
    photo,
    pixel,
    quadrants,
    rendition_sides,
    with_fields,
)

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
    assert rendition_sides(rendered)["720p"] == (320, 200)
    for rendition in rendered.renditions.values():
        seen = corners(rendition.data)
        assert all(close(a, b, 25) for a, b in zip(seen, (RED, GREEN, BLUE, YELLOW), strict=True)), seen


def test_height_counts_after_rotation() -> None:
    rendered = render(with_fields(photo(1500, 1000), orientation=6).jpegsave_buffer())
    assert (rendered.width, rendered.height, rendered.orientation) == (1000, 1500, "portrait")
    assert rendition_sides(rendered) == {"720p": (480, 720), "240p": (160, 240)}


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

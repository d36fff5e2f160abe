"""Our ThumbHash against the reference encoder's answers (npm `thumbhash` 0.1.1)."""

import base64

import pytest

from stockroom.renditions.facts.thumbhash import compute_thumbhash


def noise(x: int, y: int, c: int) -> int:
    return (x * 37 + y * 91 + c * 53 + x * y * 7) % 256


def pixels(width: int, height: int) -> bytes:
    return bytes(noise(x, y, c) for y in range(height) for x in range(width) for c in range(3))


@pytest.mark.parametrize(
    ("width", "height", "reference"),
    [
        (32, 32, "IAgCDwSnkHeItoh5WtdXDKl3Egm+V4IP"),
        (32, 18, "H/gBBIKHoqeLqId3Z5BpYV+SBw=="),
        (18, 32, "4PcBBAIVibmqaG4NWQgIhGQn9w=="),
        (1, 1, "jZUZpxoI9wiIh4hwj3CI+AiIcH/494cP"),
        (32, 1, "3tc9IYqHd3eIiAh4BYh7dvg="),
        (1, 32, "H/g9CQQIiHeIh4d3eHCGDBc="),
        (100, 75, "IPgBBYCircHwpcRVKhmsXSyfs4cH"),
        (31, 7, "IPgBCoJ5lwaDWxZ2CRI0QGY="),
    ],
)
def test_same_as_the_reference(width: int, height: int, reference: str) -> None:
    assert base64.b64encode(compute_thumbhash(width, height, pixels(width, height))).decode() == reference


@pytest.mark.parametrize(
    ("rgb", "reference"),
    [
        ((255, 255, 255), "PwgCBwB3eIiIeIiCiPiId3iLBwAAAAAA"),
        ((0, 0, 0), "AAgCBwAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ((255, 0, 0), "1fsDBwB5eIh3iIiIeAiHh3eIeIcId4gA"),
    ],
)
def test_one_colour_has_the_reference_s_header_and_no_detail(
    rgb: tuple[int, int, int], reference: str
) -> None:
    """The reference has noise there, from rounding errors, with a scale of 0: both decode to one colour."""
    ours = compute_thumbhash(32, 32, bytes(rgb) * 1024)
    assert ours[:5] == base64.b64decode(reference)[:5]
    assert not any(ours[5:])


def test_wrong_sizes_are_an_error() -> None:
    for width, height, size in ((101, 1, 303), (2, 2, 11)):
        with pytest.raises(ValueError, match="RGB pixels"):
            compute_thumbhash(width, height, bytes(size))

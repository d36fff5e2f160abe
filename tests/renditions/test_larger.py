"""The rendition at 1440p, from a second decode of the file: as large, upright and private as it has to be."""

import pytest

from stockroom.renditions import ImageRejected, Options, Rendition
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendering import decode, encode_larger, has_larger
from tests.renditions.images import close, encode, flat, photo, photo_bytes, pixel, with_fields


def render_larger(data: bytes) -> Rendition | None:
    """The rendition at 1440p of a file, if it can have one."""
    original = Original(data)
    header = decode(original, Options()).header
    return encode_larger(original, header, Options())["1440p"] if has_larger(header) else None


@pytest.mark.parametrize(
    ("width", "height", "sides"),
    [
        (300, 200, None),
        (1080, 720, None),
        (5120, 720, None),
        (1081, 721, (1081, 721)),
        (2000, 1440, (2000, 1440)),
        (4000, 3000, (1920, 1440)),
        (3000, 4000, (1080, 1440)),
        (6000, 600, (6000, 600)),
        (20_000, 1000, (10_240, 512)),
    ],
)
def test_a_picture_is_never_enlarged(width: int, height: int, sides: tuple[int, int] | None) -> None:
    rendition = render_larger(encode(flat(width, height, 10, 200, 30), "jpeg"))
    assert sides == (rendition and (rendition.width, rendition.height))
    if rendition is not None:
        image = pyvips.Image.new_from_buffer(rendition.data, "")
        assert (image.width, image.height) == sides


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp", "gif", "avif"])
def test_it_looks_like_the_picture(format_: str) -> None:
    rendition = render_larger(encode(photo(1500, 1000), format_))
    assert rendition is not None
    assert rendition.media_type == "image/webp"
    image = pyvips.Image.new_from_buffer(rendition.data, "")
    assert (image - photo(1500, 1000)).abs().avg() < 5


def test_it_is_upright() -> None:
    turned = with_fields(photo(1500, 1000), orientation=6).jpegsave_buffer()
    rendition = render_larger(bytes(turned))
    assert rendition is not None
    assert (rendition.width, rendition.height) == (960, 1440)


def test_it_carries_no_metadata() -> None:
    source = with_fields(
        photo(1500, 1000), xmp_data=b"Secretcam", exif_ifd0_Make="Secretcam"
    ).jpegsave_buffer()
    rendition = render_larger(bytes(source))
    assert rendition is not None
    assert b"Secretcam" not in rendition.data
    image = pyvips.Image.new_from_buffer(rendition.data, "")
    assert not any(image.get_typeof(field) for field in ("exif-data", "xmp-data", "icc-profile-data"))


def test_its_colours_are_those_of_srgb() -> None:
    orange = (250, 120, 20)
    wide = flat(1500, 1000, *orange).icc_transform("p3", input_profile="srgb")
    rendition = render_larger(bytes(wide.jpegsave_buffer(Q=100)))
    assert rendition is not None
    assert close(pixel(rendition.data, 0.5, 0.5), orange, 8)


def test_a_file_that_cannot_be_read_again_is_rejected() -> None:
    data = photo_bytes()
    header = decode(Original(data), Options()).header
    with pytest.raises(ImageRejected, match="truncated"):
        encode_larger(Original(data[: len(data) // 2]), header, Options())

"""An accepted file is rendered right, and nothing but its picture is in the renditions."""

import pytest

from stockroom.renditions import SOURCE_FORMATS, Options, render
from stockroom.renditions.libvips import pyvips
from tests.renditions.images import (
    BLUE,
    GREEN,
    RED,
    close,
    flat,
    hash_distance,
    jpeg_markers,
    photo,
    photo_bytes,
    photo_of,
    pixel,
    quadrants,
    rendition_sides,
    with_fields,
)


def test_a_photograph() -> None:
    rendered = render(photo_bytes())
    assert (rendered.media_type, rendered.width, rendered.height) == ("image/jpeg", 1800, 1200)
    assert rendition_sides(rendered) == {"720p": (1080, 720), "240p": (360, 240)}
    for rendition in rendered.renditions.values():
        assert rendition.media_type == "image/jpeg"
        decoded = pyvips.Image.new_from_buffer(rendition.data, "")
        assert (decoded.width, decoded.height, decoded.bands) == (rendition.width, rendition.height, 3)
    assert 15 <= len(rendered.thumbhash) <= 25
    assert 0 <= rendered.phash < 2**64
    assert rendered.capture_time is None


def test_the_same_bytes_give_the_same_result() -> None:
    assert render(photo_bytes()) == render(photo_bytes())


def test_quality_is_an_option() -> None:
    low, high = (render(photo_bytes(), Options(quality=q)).renditions["240p"] for q in (40, 90))
    assert len(low.data) < len(high.data)


@pytest.mark.parametrize(("name", "media_type"), [(f.name, f.media_type) for f in SOURCE_FORMATS])
def test_every_format_looks_the_same(name: str, media_type: str) -> None:
    rendered = render(photo_of(name))
    reference = render(photo_of("png"))
    assert rendered.media_type == media_type
    assert rendition_sides(rendered) == {"720p": (300, 200), "240p": (300, 200)}
    a, b = (pyvips.Image.new_from_buffer(r.renditions["720p"].data, "") for r in (rendered, reference))
    assert (a - b).abs().avg() < 8
    assert hash_distance(rendered.phash, reference.phash) <= 6


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
    assert {0xE1, 0xE2} <= set(jpeg_markers(source))
    assert b"Secretcam" in source
    for rendition in render(source).renditions.values():
        # JFIF, tables, frame, Huffman tables: no EXIF or XMP (E1), ICC (E2), IPTC (ED), comment (FE).
        assert set(jpeg_markers(rendition.data)) <= {0xE0, 0xDB, 0xC0, 0xC4}
        assert b"Secretcam" not in rendition.data


def test_the_small_one_derives_from_the_large_one_without_loss_of_quality() -> None:
    direct = pyvips.Image.thumbnail_buffer(photo_bytes(), 360, height=240).copy_memory()

    def error(jpeg: bytes) -> float:
        return float((pyvips.Image.new_from_buffer(jpeg, "") - direct).abs().avg())

    unavoidable = error(direct.jpegsave_buffer(Q=80, optimize_coding=True))
    assert error(render(photo_bytes()).renditions["240p"].data) < 1.25 * unavoidable


def test_color_and_phash_describe_the_picture() -> None:
    assert render(flat(50, 40, *BLUE).pngsave_buffer()).color == "#1428c8"
    sea, same = render(photo_bytes()), render(photo(640, 427).jpegsave_buffer(Q=40))
    other = render(quadrants().pngsave_buffer())
    assert hash_distance(sea.phash, same.phash) <= 8
    assert hash_distance(sea.phash, other.phash) > 15


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jpegsave_buffer[Q=90]", "jpegsave_buffer[Q=90,optimize_coding]"),
        ("jpegsave_buffer[Q=90]", "jpegsave_buffer[Q=90,interlace]"),
        ("pngsave_buffer", "pngsave_buffer[compression=9,interlace]"),
        ("pngsave_buffer", "webpsave_buffer[lossless,effort=1]"),
    ],
)
@pytest.mark.parametrize("sides", [(300, 200), (1600, 1000)])
def test_files_with_the_same_pixels_have_the_same_pixel_hash(
    one: str, other: str, sides: tuple[int, int]
) -> None:
    image = with_fields(photo(*sides), exif_ifd0_ImageDescription="first", exif_ifd0_Make="Camera")

    def save(method: str) -> bytes:
        name, _, options = method.rstrip("]").partition("[")
        pairs = (option.partition("=") for option in options.split(",") if option)
        return bytes(getattr(image, name)(**{key: int(value or 1) for key, _, value in pairs}))

    one_file, other_file = save(one), save(other)
    assert one_file != other_file
    first, second = render(one_file), render(other_file)
    assert first.pixel_hash == second.pixel_hash
    image = with_fields(image, exif_ifd0_ImageDescription="second, and longer")
    assert render(save(one)).pixel_hash == first.pixel_hash


def test_other_pixels_or_other_sides_have_another_pixel_hash() -> None:
    image = photo(300, 200)
    first = render(image.pngsave_buffer()).pixel_hash
    retouched = image.insert(flat(1, 1, *RED), 150, 100)
    assert render(retouched.pngsave_buffer()).pixel_hash != first
    assert render(image.jpegsave_buffer(Q=95)).pixel_hash != first
    black = {
        render(flat(width, height, 0, 0, 0).pngsave_buffer()).pixel_hash for width, height in ((9, 4), (6, 6))
    }
    assert len(black) == 2
    # Both are shown as one size.
    black = {render(flat(side, side, 0, 0, 0).pngsave_buffer()).pixel_hash for side in (800, 900)}
    assert len(black) == 2

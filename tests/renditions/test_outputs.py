"""Every output format encodes the same picture without metadata, and whoever lists formats lists these."""

import pytest

from stockroom.renditions import Options, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import JPEG, LARGER, OUTPUT_FORMATS, OutputFormat
from stockroom.renditions.rendered import SIZES
from stockroom.renditions.rendering import decode
from tests.renditions.images import photo, with_fields

FORMATS = [pytest.param(format_, id=name) for name, format_ in OUTPUT_FORMATS.items()]
OF_EVERY_PICTURE = [each for each in FORMATS if each.values != (LARGER,)]


@pytest.mark.parametrize("format_", OF_EVERY_PICTURE)
def test_a_rendition_looks_like_the_picture_and_carries_nothing_else(format_: OutputFormat) -> None:
    source = with_fields(photo(), xmp_data=b"Secretcam", exif_ifd0_Make="Secretcam").jpegsave_buffer()
    picture = decode(Original(source), Options())
    jpegs = render(source).renditions
    encoded = picture.encode(format_, Options())
    assert encoded.keys() == set(format_.renditions)
    for name, rendition in encoded.items():
        assert rendition.media_type == format_.media_type
        assert b"Secretcam" not in rendition.data
        image = pyvips.Image.new_from_buffer(rendition.data, "")
        assert not image.get_typeof("exif-data")
        jpeg = pyvips.Image.new_from_buffer(jpegs[name].data, "")
        assert (image.width, image.height) == (rendition.width, rendition.height) == (jpeg.width, jpeg.height)
        assert (image - jpeg).abs().avg() < 5


@pytest.mark.parametrize("format_", FORMATS)
def test_quality_is_an_option(format_: OutputFormat) -> None:
    image = photo()
    assert len(format_.save(image, Options(quality=40))) < len(format_.save(image, Options(quality=90)))


def test_every_format_has_a_name_an_extension_and_a_type_of_its_own() -> None:
    assert [format_.name for format_ in OUTPUT_FORMATS.values()] == list(OUTPUT_FORMATS)
    codings = [format_ for format_ in OUTPUT_FORMATS.values() if format_ is not LARGER]
    for field in ("name", "extension", "media_type"):
        assert len({getattr(format_, field) for format_ in codings}) == len(codings)
    assert next(iter(OUTPUT_FORMATS.values())) is JPEG


def test_no_two_renditions_have_one_file_name() -> None:
    names = [f"{name}.{each.extension}" for each in OUTPUT_FORMATS.values() for name in each.renditions]
    assert len(set(names)) == len(names)
    assert {name for each in OUTPUT_FORMATS.values() for name in each.renditions} == SIZES.keys()

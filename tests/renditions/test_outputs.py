"""Every output format encodes the same picture without metadata, and whoever lists formats lists these."""

import pytest

from stockroom.renditions import Options, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import JPEG, OUTPUT_FORMATS, OutputFormat
from stockroom.renditions.rendered import SIZES
from stockroom.renditions.rendering import decode
from tests.renditions.images import photo, with_fields

FORMATS = [pytest.param(format_, id=name) for name, format_ in OUTPUT_FORMATS.items()]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_rendition_looks_like_the_picture_and_carries_nothing_else(format_: OutputFormat) -> None:
    source = with_fields(photo(), xmp_data=b"Secretcam", exif_ifd0_Make="Secretcam").jpegsave_buffer()
    picture = decode(Original(source), Options())
    jpegs = render(source).renditions
    encoded = picture.encode(format_, Options())
    assert encoded.keys() == SIZES.keys()
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
    for field in ("name", "extension", "media_type"):
        assert len({getattr(format_, field) for format_ in OUTPUT_FORMATS.values()}) == len(OUTPUT_FORMATS)
    assert next(iter(OUTPUT_FORMATS.values())) is JPEG

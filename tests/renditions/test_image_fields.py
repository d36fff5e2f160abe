from stockroom.renditions.image_fields import read_number, read_text
from stockroom.renditions.libvips import pyvips
from tests.renditions.images import photo_of, with_fields

IMAGE = with_fields(pyvips.Image.new_from_buffer(photo_of("jpeg"), ""), orientation=6, xmp_note="Näbel")


def test_fields_that_are_there() -> None:
    assert read_number(IMAGE, "orientation") == 6
    assert read_text(IMAGE, "xmp-note") == "Näbel"


def test_fields_that_are_not() -> None:
    assert read_number(IMAGE, "n-pages") == 0
    assert read_text(IMAGE, "exif-ifd2-DateTimeOriginal") == ""

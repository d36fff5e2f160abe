from stockroom.renditions.image_fields import read_blob, read_number
from stockroom.renditions.libvips import pyvips
from tests.renditions.images import photo_of, with_fields

IMAGE = with_fields(pyvips.Image.new_from_buffer(photo_of("jpeg"), ""), orientation=6, xmp_data=b"\0N\xe4bel")


def test_fields_that_are_there() -> None:
    assert read_number(IMAGE, "orientation") == 6
    assert read_blob(IMAGE, "xmp-data") == b"\0N\xe4bel"


def test_fields_that_are_not() -> None:
    assert read_number(IMAGE, "n-pages") == 0
    assert read_blob(IMAGE, "iptc-data") == b""

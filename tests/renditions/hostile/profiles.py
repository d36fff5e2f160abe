"""ICC profiles and EXIF that are not what they say."""

import random

from tests.renditions.hostile.builders import jpeg_segment, jpeg_with
from tests.renditions.hostile.registry import PICTURE, hostile
from tests.renditions.images import photo, with_fields


@hostile(PICTURE)
def jpeg_with_a_profile_of_noise() -> bytes:
    noise = random.Random(1).randbytes(60_000)
    return bytes(with_fields(photo(64, 48), icc_profile_data=noise).jpegsave_buffer())


@hostile(PICTURE)
def jpeg_with_a_profile_of_other_channels() -> bytes:
    cmyk = photo(8, 8).icc_transform("cmyk", input_profile="srgb").get("icc-profile-data")
    return bytes(with_fields(photo(64, 48), icc_profile_data=cmyk).jpegsave_buffer())


@hostile(PICTURE)
def jpeg_with_a_profile_whose_tables_lie() -> bytes:
    profile = bytearray(photo(8, 8).icc_transform("p3", input_profile="srgb").get("icc-profile-data"))
    profile[128:132] = b"\xff\xff\xff\xff"
    return bytes(with_fields(photo(64, 48), icc_profile_data=bytes(profile)).jpegsave_buffer())


@hostile(PICTURE)
def jpeg_whose_exif_points_to_itself() -> bytes:
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" + b"\x08\0\0\0"
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + tiff))


@hostile(PICTURE)
def jpeg_whose_exif_has_an_endless_entry() -> bytes:
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x0f\x01\x02\0\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(4)
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + tiff))


@hostile(PICTURE)
def jpeg_of_an_orientation_that_is_not() -> bytes:
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0\xff\xff\0\0" + bytes(4)
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + tiff))

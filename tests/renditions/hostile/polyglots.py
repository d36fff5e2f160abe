"""Files that are something else as well, and files that only claim to be pictures."""

import io

from tests.renditions.hostile.builders import (
    GIF_FRAME,
    gif_of,
    jpeg,
    jpeg_segment,
    jpeg_with,
    png_chunk,
    png_with,
)
from tests.renditions.hostile.registry import PICTURE, SCRIPT, hostile
from tests.renditions.images import DATA, photo, with_fields


@hostile(PICTURE)
def jpeg_and_a_zip_archive() -> bytes:
    return jpeg() + b"PK\x03\x04" + bytes(26) + SCRIPT


@hostile(PICTURE)
def jpeg_with_a_page_in_its_comment() -> bytes:
    return jpeg_with(jpeg_segment(0xFE, b"<html><body>" + SCRIPT))


@hostile(PICTURE)
def jpeg_with_a_script_in_exif() -> bytes:
    image = with_fields(photo(64, 48), exif_ifd0_Make=SCRIPT.decode(), exif_ifd0_Copyright=SCRIPT.decode())
    return bytes(image.jpegsave_buffer())


@hostile(PICTURE)
def jpeg_with_an_attack_on_xml_in_xmp() -> bytes:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>' + SCRIPT
    return bytes(with_fields(photo(64, 48), xmp_data=laughs).jpegsave_buffer())


@hostile(PICTURE)
def png_with_a_script_in_its_text() -> bytes:
    return png_with(png_chunk(b"tEXt", b"Comment\0" + SCRIPT))


@hostile(PICTURE)
def png_and_a_page_after_its_end() -> bytes:
    return png_with() + b"<html>" + SCRIPT


@hostile(PICTURE)
def gif_that_is_a_script_too() -> bytes:
    # The width, read as text, opens a comment of JavaScript; 12,079 by 42 pixels.
    return gif_of(0x2F2A, 42, b"!\xfe" + bytes((len(SCRIPT),)) + SCRIPT + b"\0" + GIF_FRAME)


@hostile("unsupported-type")
def svg_with_a_script() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


@hostile("unsupported-type", "not-an-image")
def svg_that_reads_a_file() -> bytes:
    return (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
    )


@hostile("unsupported-type")
def pdf_that_claims_to_be_a_picture() -> bytes:
    return b"%PDF-1.7\n" + SCRIPT


@hostile("not-an-image")
def page_that_claims_to_be_a_picture() -> bytes:
    return b"<!DOCTYPE html><html>" + SCRIPT


@hostile("not-an-image")
def script_for_imagemagick() -> bytes:
    return b'push graphic-context\nviewbox 0 0 9 9\nfill "url(https://example.com/x|id)"\npop graphic-context'


@hostile("not-an-image")
def matrix_behind_a_picture_s_name() -> bytes:
    # Text that libvips could read, if it were let.
    return bytes(photo(64, 48)[0].write_to_buffer(".mat"))


@hostile("unsupported-type")
def hevc_in_a_box() -> bytes:
    return (DATA / "hevc.heic").read_bytes()


@hostile("corrupt", "truncated")
def hevc_that_says_it_is_avif() -> bytes:
    return (DATA / "hevc.heic").read_bytes().replace(b"ftypheic", b"ftypavif", 1)


@hostile("corrupt", "truncated")
def vips_s_own_format_behind_a_jpeg_s_first_bytes() -> bytes:
    stream = io.BytesIO(b"\xff\xd8\xff")
    stream.seek(0, io.SEEK_END)
    stream.write(b"\x08\xf2\xa6\xb6" + bytes(200))
    return stream.getvalue()

"""The format of a file, told by its first bytes: its name and its declared type prove nothing."""

from stockroom.renditions import isobmff
from stockroom.renditions.rejection import ImageRejected
from stockroom.renditions.sources import SOURCE_FORMATS, SourceFormat

HEAD_BYTES = 1024
"""How much of a file `sniff` looks at."""

_TITLES = [format_.title for format_ in SOURCE_FORMATS]
ACCEPTED_TITLES = f"{', '.join(_TITLES[:-1])} or {_TITLES[-1]}"
"""The accepted formats in a sentence: "JPEG, PNG, WebP, GIF or AVIF"."""

# Formats that are not accepted, and are named to the contributor. The first match counts; accepted formats
# come first.
_UNSUPPORTED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"II*\x00", "TIFF or camera raw"),
    (b"MM\x00*", "TIFF or camera raw"),
    (b"II+\x00", "TIFF or camera raw"),
    (b"MM\x00+", "TIFF or camera raw"),
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x01\x00", "Windows icon"),
    (b"PK\x03\x04", "ZIP"),
)
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1"})


def sniff(head: bytes) -> SourceFormat:
    """The format of a file that begins with `head`. Raises `ImageRejected` when it is not an accepted one."""
    if not head:
        raise ImageRejected(
            "empty", "The file is empty (0 bytes). Check it on your device and upload it again."
        )
    for format_ in SOURCE_FORMATS:
        if format_.matches(head):
            return format_
    if isobmff.has_file_type_box(head):
        raise _unsupported_isobmff(head)
    for magic, title in _UNSUPPORTED:
        if head.startswith(magic):
            raise _unsupported(title)
    if _looks_like_svg(head):
        raise _unsupported("SVG")
    raise ImageRejected(
        "not-an-image",
        f"This file is not a picture we can recognise. Upload a {ACCEPTED_TITLES} file; "
        "if it should be one, it may be damaged: export it again.",
    )


def _unsupported(title: str) -> ImageRejected:
    return ImageRejected(
        "unsupported-type",
        f"{title} files are not accepted. Export it as {ACCEPTED_TITLES} and upload that.",
    )


def _unsupported_isobmff(head: bytes) -> ImageRejected:
    if isobmff.find_codec(head) == "hevc":
        # No decoder for HEVC comes with the libvips that Stockroom ships.
        return ImageRejected(
            "unsupported-type",
            "HEIC photos cannot be opened here. Export this one as JPEG and upload that; on an iPhone, "
            "Settings → Camera → Formats → Most Compatible makes it take JPEG from now on.",
        )
    is_heif = isobmff.read_brands(head)[0] in _HEIF_BRANDS
    return _unsupported("HEIF" if is_heif else "MP4 and similar")


def _looks_like_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith(b"<") and b"<svg" in text

"""A file that libvips could not read: did memory run out, is its end missing, or is it damaged inside?"""

import re

from stockroom.renditions.libvips import message
from stockroom.renditions.limits import too_much_memory
from stockroom.renditions.original import Original
from stockroom.renditions.refused import Refused

# As libvips, libjpeg, libpng, libwebp and libheif word it.
_OUT_OF_MEMORY = re.compile(
    r"out of memory|(insufficient|not enough) memory|cannot allocate|failed to allocate|"
    # libheif says so of its own limits on structure too, which is damage.
    r"memory allocation(?! error: security limit)",
    re.IGNORECASE,
)


def refused_for(error: Exception, original: Original, format_: str) -> Refused:
    """The refusal for a file of this format that failed to decode with this error."""
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(message(error)):
        return too_much_memory()
    if is_cut_off(original.whole(), format_):
        return Refused(
            "truncated",
            "The end of the file is missing: it was probably cut off while it was copied or saved. "
            "Copy it again from its source, check that it opens completely, and upload it again.",
        )
    return corrupt()


def corrupt() -> Refused:
    """The refusal for a file that is damaged inside."""
    return Refused(
        "corrupt",
        "The file is damaged and cannot be read as a picture. Open it in an image editor, save it anew as "
        "JPEG or PNG, and upload that.",
    )


def is_cut_off(data: bytes, format_: str) -> bool:
    """Whether the end that the format itself announces is not there."""
    if format_ == "jpeg":
        # An end-of-image marker after the last start of scan (an embedded preview ends before that).
        return data.rfind(b"\xff\xd9") < max(data.rfind(b"\xff\xda"), 2)
    if format_ == "png":
        return b"IEND" not in data[-4096:]
    if format_ == "gif":
        return not data[-4096:].rstrip(b"\x00").endswith(b";")
    if format_ == "webp":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    return _boxes_end(data) > len(data)


def _boxes_end(data: bytes) -> int:
    """Where the last box of an ISO media file says it ends."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size == 0:
            return len(data)
        if size < 8:
            return at
        at += size
    return at if at == len(data) else max(at, len(data) + 1)

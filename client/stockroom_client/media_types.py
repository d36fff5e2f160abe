"""What kind of picture a file is, by its first bytes: the library says how the files of each format begin."""

import mimetypes
import re
from collections.abc import Sequence

from stockroom_client.contract import FileFormat

HEAD_SIZE = 256  # bytes that `sniff` needs


def sniff(head: bytes, formats: Sequence[FileFormat]) -> str | None:
    """The media type that the first bytes of a file show, or None.

    The first brand that a format has decides; without one, the first signature that fits.
    """
    for brand in _read_brands(head):
        for each in formats:
            if brand in each.brands:
                return each.type
    digits = head.hex()
    return next((f.type for f in formats if any(re.match(start, digits) for start in f.signatures)), None)


def _read_brands(head: bytes) -> list[str]:
    """The brands of an ISOBMFF file: its size, "ftyp", the major brand, a version and compatible brands."""
    if head[4:8] != b"ftyp":
        return []
    end = min(len(head), int.from_bytes(head[:4], "big"))
    return [head[start : start + 4].decode("latin-1") for start in (8, *range(16, end, 4))]


def guess(name: str, head: bytes, formats: Sequence[FileFormat]) -> tuple[str | None, bool]:
    """The media type of a file, and whether its content agrees.

    The name decides only about types that `sniff` does not recognise, which no content can contradict.
    """
    if media_type := sniff(head, formats):
        return media_type, True
    media_type = mimetypes.guess_type(name)[0]
    return media_type, media_type not in {each.type for each in formats}

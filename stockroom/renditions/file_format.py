"""How the files of a format begin, as data, by which the library, the page and the command line go alike."""

import re
from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

from stockroom.renditions import isobmff

SIGNATURE_BYTES = 32
"""How much of a file the signatures speak of."""


class FileFormat(Struct, frozen=True, kw_only=True):
    """A format that is known by the first bytes of its files."""

    title: str
    """As the contributor reads it: "WebP"."""
    media_type: str
    signatures: tuple[str, ...]
    """How the files begin: bytes in hexadecimal, each dot for any digit ("52494646........57454250")."""
    brands: tuple[str, ...]
    """Brands (`isobmff`) of the format, such as "avif"; empty for a format without a file type box."""


F = TypeVar("F", bound=FileFormat)


def find_format(head: bytes, formats: Iterable[F]) -> F | None:
    """The format of a file that begins with `head`, or None.

    The first brand of the file that a format has decides: general brands (mif1) leave that to the others.
    Without one, the first format with a matching signature is the file's.
    """
    formats = tuple(formats)
    if isobmff.has_file_type_box(head):
        for brand in isobmff.read_brands(head):
            for each in formats:
                if brand.decode("latin-1") in each.brands:
                    return each
    digits = head[:SIGNATURE_BYTES].hex()
    return next((f for f in formats if any(re.match(start, digits) for start in f.signatures)), None)

"""IPTC-IIM, as JPEG files carry it: datasets in one of Photoshop's image resources.

A dataset is the byte 1C, the numbers of its record and of itself, a length, and its value. What is read here
is record 2, the application record, by the character set that record 1 names. Sources: IPTC-IIM 4.2; "Adobe
Photoshop File Formats Specification", image resource blocks; MWG 2.0 for texts without a character set, and
for the digest by which a reader sees that a program has changed this block and not the XMP.
"""

from collections.abc import Iterator
from typing import NamedTuple

from stockroom.renditions.embedded.texts import Properties, decode_text

try:
    # hashlib loads OpenSSL, which takes longer than everything else that this package loads.
    from _md5 import md5  # type: ignore[import-not-found]
except ImportError:
    # A Python that has no other.
    from hashlib import md5

MAX_BYTES = 1_000_000
MAX_DATASETS = 2_000
MAX_RESOURCES = 500

_HEADER = b"Photoshop 3.0\0"
_SIGNATURES = frozenset({b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa"})
_IIM, _DIGEST = 0x0404, 0x0425
_MARKER = 0x1C
_CHARACTER_SET, _UTF_8 = (1, 90), b"\x1b%G"

FIELDS = {
    5: "title",
    25: "keywords",
    55: "date",
    60: "time",
    80: "creator",
    90: "city",
    92: "sublocation",
    95: "state",
    101: "country",
    110: "credit",
    116: "copyright",
    120: "caption",
}
"""The datasets of record 2 that are read. `date` and `time` are those of the picture's creation."""

MAX_FIELD_BYTES = {
    "title": 64,
    "creator": 32,
    "city": 32,
    "sublocation": 32,
    "state": 32,
    "country": 64,
    "credit": 32,
    "copyright": 128,
    "caption": 2000,
}
"""Where programs cut a text, which IIM demands."""


class Iim(NamedTuple):
    """The properties of an IIM block; `has_changed` is whether it is newer than the XMP beside it."""

    properties: Properties
    has_changed: bool = False


def read_iim(data: bytes) -> Iim:
    """What an IIM block says: the block itself, or Photoshop's image resources with the block among them."""
    data = data[:MAX_BYTES]
    digest = b""
    if data[:1] != bytes([_MARKER]):
        resources = dict(_iterate_resources(data.removeprefix(_HEADER)))
        data, digest = resources.get(_IIM, b""), resources.get(_DIGEST, b"")
    values: dict[int, list[bytes]] = {}
    is_utf_8 = False
    for record, number, value in _iterate_datasets(data):
        if (record, number) == _CHARACTER_SET:
            is_utf_8 = value == _UTF_8
        elif record == 2 and number in FIELDS:
            values.setdefault(number, []).append(value)
    properties = {
        FIELDS[number]: [decode_text(value, is_utf_8=is_utf_8) for value in many]
        for number, many in values.items()
    }
    return Iim(properties, bool(properties) and len(digest) == 16 and digest != _compute_digest(data))


def _iterate_resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The numbers and contents of image resources: signature, number, name, length, content."""
    position = 0
    for _ in range(MAX_RESOURCES):
        if data[position : position + 4] not in _SIGNATURES or position + 12 > len(data):
            return
        number = int.from_bytes(data[position + 4 : position + 6])
        # A name begins with its length; names and contents are padded to an even number of bytes.
        position += 6 + (data[position + 6] + 2) // 2 * 2
        size = int.from_bytes(data[position : position + 4])
        position += 4
        yield number, data[position : position + size]
        position += size + size % 2


def _iterate_datasets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    for _ in range(MAX_DATASETS):
        if position + 5 > len(data) or data[position] != _MARKER:
            return
        record, number = data[position + 1], data[position + 2]
        size = int.from_bytes(data[position + 3 : position + 5])
        position += 5
        if size & 0x8000:
            # The length of a length.
            width = size & 0x7FFF
            if width > 4:
                return
            size = int.from_bytes(data[position : position + width])
            position += width
        if position + size > len(data):
            return
        yield record, number, data[position : position + size]
        position += size


def _compute_digest(data: bytes) -> bytes:
    return bytes(md5(data, usedforsecurity=False).digest())

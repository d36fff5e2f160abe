"""EXIF: the few tags that say what a picture shows, who took it, when, where, and with what.

`stockroom.renditions.exif` has limited the directories before. libvips also gives the tags as texts; they are
not taken, because a text there is cut, and cannot be told apart from the description that follows it.
Sources: CIPA DC-008 (EXIF 2.32), TIFF 6.0; MWG 2.0 for the character set of texts and for several artists.
"""

import math
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from stockroom.renditions.embedded.embedded import Position
from stockroom.renditions.embedded.texts import Properties, decode_text
from stockroom.renditions.exif import BYTE_ORDERS, ENTRY_SIZE, MAX_ENTRIES, PREFIX

_EXIF_DIRECTORY, _GPS_DIRECTORY = 0x8769, 0x8825
_TEXTS = {
    0x010E: "caption",
    0x010F: "make",
    0x0110: "model",
    0x013B: "creator",
    0x8298: "copyright",
}
_EXIF_TEXTS = {0x9003: "date", 0x9011: "offset", 0xA434: "lens"}
_GPS_LATITUDE_REF, _GPS_LATITUDE, _GPS_LONGITUDE_REF, _GPS_LONGITUDE, _GPS_STATUS = 1, 2, 3, 4, 9
_POSITION_TAGS = frozenset(
    {_GPS_LATITUDE_REF, _GPS_LATITUDE, _GPS_LONGITUDE_REF, _GPS_LONGITUDE, _GPS_STATUS}
)
_TAGS = frozenset({_EXIF_DIRECTORY, _GPS_DIRECTORY, *_TEXTS, *_EXIF_TEXTS, *_POSITION_TAGS})
_ASCII, _LONG, _RATIONAL, _UTF_8 = 2, 4, 5, 129
_SIZES = {_ASCII: 1, _LONG: 4, _RATIONAL: 8, _UTF_8: 1}
"""Bytes of one value, of the types that are read."""
MAX_TEXT = 20_000
# Texts that cameras write into every picture: they describe none.
_NO_CAPTION = re.compile(
    r".* digital camera|sony dsc|dcim\\.*|default|untitled|exif_jpeg_picture", re.IGNORECASE
)


class Exif(NamedTuple):
    """The texts of an EXIF block, and the position."""

    properties: Properties
    gps: Position | None = None


class _Value(NamedTuple):
    """The bytes of one entry's values, and their type."""

    kind: int
    data: bytes


def read_exif(data: bytes) -> Exif:
    """What an EXIF block says, which begins with its TIFF header, or with `PREFIX` before that."""
    tiff = _Tiff(data.removeprefix(PREFIX))
    properties: Properties = {}
    first = tiff.read_directory(tiff.first_directory)
    for tags, values in (
        (_TEXTS, first),
        (_EXIF_TEXTS, tiff.read_directory_of(first, _EXIF_DIRECTORY)),
    ):
        for tag, name in tags.items():
            # A text ends at its first zero.
            if text := _read_text(values.get(tag)):
                properties[name] = [text]
    if "caption" in properties and _NO_CAPTION.fullmatch(properties["caption"][0]):
        del properties["caption"]
    return Exif(properties, _read_position(tiff, tiff.read_directory_of(first, _GPS_DIRECTORY)))


class _Tiff:
    """The directories of a TIFF structure. What does not fit into the data is absent."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._byte_order = BYTE_ORDERS.get(data[:4])
        self.first_directory = self._read_number(4, 4)
        self._entries_left = MAX_ENTRIES

    def read_directory(self, start: int) -> dict[int, _Value]:
        """The values of a directory by tag, of those tags and types that are read."""
        return dict(self._iterate_entries(start))

    def read_directory_of(self, values: dict[int, _Value], tag: int) -> dict[int, _Value]:
        """The directory at which an entry points; empty when there is none."""
        pointer = values.get(tag)
        if pointer is None or pointer.kind != _LONG or self._byte_order is None:
            return {}
        return self.read_directory(int.from_bytes(pointer.data[:4], self._byte_order))

    def read_rationals(self, value: _Value | None) -> list[float] | None:
        """The numbers of an entry; None when one of them has no denominator, or the entry is absent."""
        if value is None or value.kind != _RATIONAL or self._byte_order is None:
            return None
        order = "<" if self._byte_order == "little" else ">"
        pairs = list(struct.iter_unpack(f"{order}II", value.data[: len(value.data) // 8 * 8]))
        return [top / bottom for top, bottom in pairs] if all(bottom for _, bottom in pairs) else None

    def _iterate_entries(self, start: int) -> Iterator[tuple[int, _Value]]:
        # Zero is the header itself: no directory begins there.
        if self._byte_order is None or not start:
            return
        count = self._read_number(start, 2)
        for entry in range(start + 2, start + 2 + ENTRY_SIZE * count, ENTRY_SIZE):
            self._entries_left -= 1
            if self._entries_left < 0 or entry + ENTRY_SIZE > len(self._data):
                return
            tag, kind = self._read_number(entry, 2), self._read_number(entry + 2, 2)
            size = _SIZES.get(kind, 0) * self._read_number(entry + 4, 4)
            if tag not in _TAGS or not 0 < size <= MAX_TEXT:
                continue
            # A value of up to four bytes stands in the entry, in place of the position of a longer one.
            position = entry + 8 if size <= 4 else self._read_number(entry + 8, 4)
            if position + size <= len(self._data):
                yield tag, _Value(kind, self._data[position : position + size])

    def _read_number(self, position: int, size: int) -> int:
        return int.from_bytes(self._data[position : position + size], self._byte_order or "big")


def _read_text(value: _Value | None) -> str:
    if value is None or value.kind not in (_ASCII, _UTF_8):
        return ""
    return decode_text(value.data.partition(b"\0")[0]).strip()


def _read_position(tiff: _Tiff, values: dict[int, _Value]) -> Position | None:
    # "V" for void: the receiver had no fix.
    if _read_text(values.get(_GPS_STATUS)).upper() == "V":
        return None
    return make_position(
        _read_angle(tiff, values, _GPS_LATITUDE, _GPS_LATITUDE_REF, "NS"),
        _read_angle(tiff, values, _GPS_LONGITUDE, _GPS_LONGITUDE_REF, "EW"),
    )


def _read_angle(
    tiff: _Tiff, values: dict[int, _Value], tag: int, reference_tag: int, references: str
) -> float | None:
    """Degrees, minutes and seconds with their reference ("N" or "S") as degrees."""
    parts = tiff.read_rationals(values.get(tag))
    reference = _read_text(values.get(reference_tag)).upper()
    if parts is None or not 1 <= len(parts) <= 3 or len(reference) != 1 or reference not in references:
        return None
    degrees = math.fsum(part / 60**power for power, part in enumerate(parts))
    return degrees if reference == references[0] else -degrees


def make_position(latitude: float | None, longitude: float | None) -> Position | None:
    """A position on earth, or None. Zero and zero is what a receiver without a fix writes."""
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    # Six decimals are a tenth of a metre.
    position = Position(round(latitude, 6), round(longitude, 6))
    return position if position.latitude or position.longitude else None

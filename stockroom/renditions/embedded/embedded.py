"""The fields that are taken over from a file, and the most that each of them may hold."""

import msgspec

MAX_CHARACTERS = {
    "title": 200,
    "caption": 2000,
    "creator": 200,
    "credit": 200,
    "copyright": 500,
    "usage_terms": 2000,
    "license_url": 500,
    "sublocation": 120,
    "city": 120,
    "state": 120,
    "country": 120,
    "camera": 200,
    "lens": 200,
}
"""The text fields of `Embedded`, with the characters at which each of them is cut."""
MULTILINE = frozenset({"caption", "usage_terms"})
"""Fields that may have several lines."""
MAX_KEYWORDS = 100
MAX_KEYWORD_CHARACTERS = 64


class Position(msgspec.Struct, frozen=True):
    """Where a picture was taken, in degrees (WGS 84): north and east are positive."""

    latitude: float
    longitude: float


class Embedded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file says about its picture. Empty fields are absent from the file, or made no sense there.

    No text has control characters other than the line breaks and tabs of `MULTILINE`, and none is longer than
    `MAX_CHARACTERS` says.
    """

    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    creator: str = ""
    credit: str = ""
    copyright: str = ""
    usage_terms: str = ""
    license_url: str = ""
    sublocation: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    camera: str = ""
    lens: str = ""
    gps: Position | None = None

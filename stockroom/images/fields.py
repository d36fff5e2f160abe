"""The fields of metadata that people give: the shape and the rule of each, for uploads and for edits.

A shape is what the OpenAPI document says of a field, and msgspec checks it. A rule is a function that returns
the text as it is stored, or raises InvalidField; `pointer` is where the text stands in the request.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from stockroom.analysis.appearance import DIRECTIONS, has_too_many_marks, remove_invisible
from stockroom.images import tags
from stockroom.runtime.errors import FieldCode, InvalidField
from stockroom.runtime.licenses import LICENSES
from stockroom.runtime.timestamps import now, to_column_value

MAX_CHARACTERS = {
    "name": 255,
    "description": 2000,
    "license": 64,
    "credit": 200,
    "creator": 200,
    "copyright": 500,
    "usage_terms": 2000,
    "license_url": 500,
    "place": 500,
}
"""How long the text of a field may be: its column has room for as much."""


def _text(field: str, *, description: str | None = None) -> Meta:
    return Meta(max_length=MAX_CHARACTERS[field], description=description)


Name = Annotated[
    str,
    Meta(min_length=1, max_length=MAX_CHARACTERS["name"], description="File name, without a path"),
]
FileName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_CHARACTERS["name"],
        description="What the file itself is called, without a path; the name, where nothing is said. Nobody "
        "but the contributor sees it",
    ),
]
Description = Annotated[str, _text("description")]
Tag = Annotated[str, Meta(min_length=1, max_length=tags.MAX_LENGTH)]
Tags = Annotated[list[Tag], Meta(max_length=tags.MAX_TAGS)]
License = Annotated[
    str,
    Meta(
        description="SPDX identifier or all-rights-reserved",
        max_length=MAX_CHARACTERS["license"],
        examples=["CC-BY-4.0"],
    ),
]
Credit = Annotated[str, _text("credit")]
Creator = Annotated[str, _text("creator", description="Who has made the picture")]
Copyright = Annotated[str, _text("copyright", description="The copyright notice")]
UsageTerms = Annotated[str, _text("usage_terms", description="How the picture may be used, in words")]
LicenseUrl = Annotated[
    str,
    _text("license_url", description="Where the licence or its conditions can be read: http or https"),
]
Place = Annotated[str, _text("place", description="Where the picture was taken, in words")]

_MOMENT = "RFC 3339, with Z or an offset; null for none"
Embargo = Annotated[str, Meta(max_length=40, description=f"The picture is hidden before then: {_MOMENT}")]
Expires = Annotated[str, Meta(max_length=40, description=f"The picture is hidden from then on: {_MOMENT}")]

TextField = Literal["description", "usage_terms"]
"""Fields of several lines."""
DateField = Literal["embargo", "expires"]
"""The moments before and after which a picture is hidden."""
LineField = Literal["credit", "creator", "copyright", "place"]
"""Fields of one line."""

# Control characters, halves of characters, and the separators of lines and paragraphs.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
# The years of a column's moments.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_CODES: dict[TextField | LineField, FieldCode] = {
    "description": "invalid-description",
    "usage_terms": "invalid-usage-terms",
    "credit": "invalid-credit",
    "creator": "invalid-creator",
    "copyright": "invalid-copyright",
    "place": "invalid-place",
}


def clean_name(name: str, pointer: str = "/name") -> str:
    """The name without invisible characters; no path, and nothing that looks like another name."""
    cleaned = remove_invisible(name)
    if any(unicodedata.category(char) in _CONTROLS or char in DIRECTIONS for char in name):
        detail = "The name has control characters; rename the file."
        raise InvalidField(pointer, "invalid-name", detail)
    if not cleaned:
        raise InvalidField(pointer, "invalid-name", "The name is blank; rename the file.")
    if "/" in cleaned or "\\" in cleaned or cleaned in (".", ".."):
        raise InvalidField(pointer, "invalid-name", "The name must be a file name, without a path.")
    if has_too_many_marks(cleaned):
        raise InvalidField(
            pointer, "invalid-name", "The name has too many accents on one letter; rename the file."
        )
    return cleaned


def clean_text(text: str, field: TextField | LineField, pointer: str) -> str:
    """The text without invisible characters; no control characters other than line breaks and tabs, and no
    pile of accents.
    """
    shown = field.replace("_", " ")
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        raise InvalidField(pointer, _CODES[field], f"The {shown} has control characters; remove them.")
    cleaned = remove_invisible(text)
    if has_too_many_marks(cleaned):
        detail = f"The {shown} has too many accents on one letter; remove them."
        raise InvalidField(pointer, _CODES[field], detail)
    return cleaned


def clean_line(text: str, field: LineField, pointer: str) -> str:
    """The text on one line, single-spaced, by the rule of `clean_text`."""
    return " ".join(clean_text(text, field, pointer).split())


def check_license(license_: str, pointer: str) -> str:
    """The licence itself, which is one of LICENSES."""
    if license_ not in LICENSES:
        detail = f"The licence {license_!r} is not known; use one of {', '.join(LICENSES)}."
        raise InvalidField(pointer, "unknown-license", detail)
    return license_


def clean_license_url(url: str, pointer: str) -> str:
    """The address without spaces around it, or an empty text: http or https, with a host and no user.

    The page makes a link of it, so it must be what it looks like.
    """
    cleaned = url.strip()
    if cleaned and not _is_web_address(cleaned):
        detail = "The address of the licence must begin with https:// or http://, and have no spaces."
        raise InvalidField(pointer, "invalid-license-url", detail)
    return cleaned


def clean_moment(text: str | None, field: DateField, pointer: str) -> datetime | None:
    """The moment as the database stores it, in milliseconds; None for null, and for an empty text.

    A picture that is to expire does so later than now.
    """
    if not text:
        return None
    code: FieldCode = "invalid-embargo" if field == "embargo" else "invalid-expires"
    try:
        moment = msgspec.convert(text, Annotated[datetime, Meta(tz=True)]).astimezone(UTC)
        is_known = _FIRST_YEAR <= moment.year <= _LAST_YEAR
    except (msgspec.ValidationError, OverflowError):
        is_known = False
    if not is_known:
        detail = f"The field {field} must be a moment such as 2027-05-01T12:00:00Z, or null for none."
        raise InvalidField(pointer, code, detail)
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    if field == "expires" and moment <= now():
        detail = "The picture would have expired already: give a moment in the future, or null for none."
        raise InvalidField(pointer, code, detail)
    return to_column_value(moment)


def check_dates(embargo: datetime | None, expires: datetime | None, pointer: str) -> None:
    """Refuse a picture that would expire before the end of its embargo. `pointer` is that of its fields."""
    if embargo is not None and expires is not None and expires <= embargo:
        detail = (
            "The picture would expire before the end of its embargo: it must expire later, or not at all."
        )
        raise InvalidField(f"{pointer}/expires", "invalid-expires", detail)


def _is_web_address(text: str) -> bool:
    is_readable = text.isprintable() and remove_invisible(text) == text and not has_too_many_marks(text)
    if not is_readable or any(char.isspace() or char in '<>"\\^`{|}' for char in text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc

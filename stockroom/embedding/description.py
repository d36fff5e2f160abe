"""What is said about a picture, as files carry it."""

from msgspec import Struct


class Unembeddable(Exception):
    """Metadata cannot be written into this file; the message says why, as the end of a sentence."""


class Description(Struct, frozen=True, kw_only=True):
    """What the library says about a picture.

    An empty value is taken out of the file. None leaves what the file says: of rows whose file was never
    read, the library does not know better.
    `license_url` is where the rights are explained, `license_address` the page of a public licence, empty
    where all rights are reserved. `taken` is RFC 3339.
    """

    title: str | None = None
    caption: str | None = None
    creators: tuple[str, ...] | None = None
    credit: str | None = None
    copyright: str | None = None
    usage_terms: str | None = None
    license_url: str | None = None
    license_address: str | None = None
    is_protected: bool | None = None
    keywords: tuple[str, ...] | None = None
    place: str | None = None
    taken: str | None = None


def split_creators(text: str) -> tuple[str, ...]:
    """The people that a text names, with semicolons between them, as Exif has it: `Ann; Ben`."""
    return tuple(name for part in text.split(";") if (name := part.strip()))

"""A picture as an export writes it, one JSON line each; docs/archive.md documents every field."""

from msgspec import Struct

SCHEMA = 1
"""Raised whenever a field changes its meaning or goes. A reader passes over fields that it does not know."""


class OwnerRecord(Struct, frozen=True):
    """Who has uploaded a picture: the identity, which never changes, and the name that others see."""

    issuer: str
    subject: str
    name: str


class FailureRecord(Struct, frozen=True):
    """Why an upload has failed."""

    code: str
    detail: str


class PictureRecord(Struct, frozen=True, kw_only=True):
    """What the row of a picture says. `file` is where the export has the original, None where it has none.

    `created`, `taken`, `embargo` and `expires` are RFC 3339; `sha256` (hex), `type` and `size` (bytes) are
    the original's. `file_name` is what its contributor's file was called, None in exports that are older.
    `tags` are the explicit ones; `hashtags` are those of the description.
    """

    schema: int = SCHEMA
    id: str
    state: str
    created: str
    taken: str | None = None
    owner: OwnerRecord | None = None
    name: str
    file_name: str | None = None
    description: str
    tags: list[str]
    hashtags: list[str] = []
    license: str
    credit: str
    creator: str = ""
    copyright: str = ""
    usage_terms: str = ""
    license_url: str = ""
    place: str = ""
    embargo: str | None = None
    expires: str | None = None
    sha256: str | None
    type: str
    size: int
    width: int | None = None
    height: int | None = None
    failure: FailureRecord | None = None
    file: str | None = None

"""The parts of the HTTP API that the command line reads; a test compares them with openapi.json.

The API's answers have more fields, which msgspec passes over.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for JSON that is none, is no UTF-8, is nested too deeply, or has other types."""


class Ticket(Struct):
    """A presigned URL, with the headers that its signature covers."""

    method: str
    url: str
    headers: dict[str, str]
    expires: Annotated[datetime, Meta(tz=True)]


class Image(Struct):
    """A ready picture; `urls` are relative to the site, by rendition (`240p`, `720p`)."""

    id: str
    name: str
    urls: dict[str, str]


class OriginalLink(Struct):
    """Where an original can be had for some minutes, and what comes from there.

    `metadata`: it is a copy that carries the present metadata; `note` says why it is none.
    """

    url: str
    name: str
    size: int
    metadata: bool
    sha256: str = ""
    note: str = ""


class FileError(Struct):
    """Why a file was rejected, or could not be rendered."""

    code: str
    detail: str


class Upload(Struct):
    """What the API says of an upload, when it is created, when its ticket is renewed, and later.

    `file_name` is the file's own name, `name` may be a title.

    It has a ticket while its file may be sent, an image when it is ready or a duplicate, and an error when it
    is rejected or failed. A rejected one has no id.
    """

    state: Literal[
        "pending", "ready", "hidden", "failed", "deleted", "expired", "duplicate", "rejected", "gone"
    ]
    id: str = ""
    name: str = ""
    file_name: str = ""
    ticket: Ticket | None = None
    image: Image | None = None
    error: FileError | None = None


class EditAnswer(Struct):
    """What became of one picture of an edit: with the reason where it was rejected."""

    id: str
    state: Literal["edited", "unchanged", "gone", "rejected"]
    error: FileError | None = None


class Changed(Struct):
    """What became of a picture that was to be deleted or restored."""

    id: str
    state: Literal["deleted", "ready", "hidden", "posted-again", "gone"]
    restorable_until: str = ""


class Page(Struct):
    """A page of uploads or pictures with all their fields, which may be empty although a next one exists."""

    next: str | None
    uploads: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    relaxed: bool = False
    related: dict[str, list[str]] = {}


class FileFormat(Struct):
    """A format that the library knows, accepted or not.

    `signatures` are hexadecimal digits, and dots, which stand for any. Other patterns could take forever.
    """

    type: str
    signatures: list[Annotated[str, Meta(pattern=r"^[0-9a-f.]*\Z")]]
    brands: list[str]


class Config(Struct):
    """The library's limits: the media types that it accepts, bytes of a file, files of a request.

    `formats` are those that it knows by the first bytes of a file.
    """

    types: list[str]
    max_bytes: int
    max_files: int
    formats: list[FileFormat]


class Problem(Struct):
    """The refusal of a whole request (RFC 9457); each of the `errors` has a `pointer` and a `detail`."""

    code: str
    detail: str
    errors: list[dict[str, str]] = []

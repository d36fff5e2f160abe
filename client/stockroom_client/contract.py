"""The parts of the HTTP API that the client reads and writes, as the server's OpenAPI document has them."""

from typing import Literal, NotRequired, TypedDict


class Metadata(TypedDict, total=False):
    """What a contributor says about a picture. `shared` has no `name`."""

    name: str
    description: str
    tags: list[str]
    license: str
    credit: str


class UploadFile(TypedDict):
    """One file to ask a ticket for; `sha256` is hex, `size` in bytes."""

    name: str
    type: str
    size: int
    sha256: str
    description: NotRequired[str]
    tags: NotRequired[list[str]]
    license: NotRequired[str]
    credit: NotRequired[str]


class Ticket(TypedDict):
    """A presigned PUT; `expires` is RFC 3339."""

    method: str
    url: str
    headers: dict[str, str]
    expires: str


class FileError(TypedDict):
    """Why one file was not taken."""

    code: str
    detail: str


ImageUrls = TypedDict("ImageUrls", {"240p": str, "720p": str})


class Image(TypedDict):
    """A ready picture; `urls` are relative to the site."""

    id: str
    name: str
    description: str
    tags: list[str]
    license: str
    credit: str
    urls: ImageUrls


class ImagePage(TypedDict):
    """One page of a search; `images` may be empty while `next` is set."""

    images: list[Image]
    next: str | None
    relaxed: NotRequired[bool]


class UploadAnswer(TypedDict):
    """The answer for one file."""

    state: Literal["pending", "duplicate", "rejected"]
    id: NotRequired[str]
    ticket: NotRequired[Ticket]
    image: NotRequired[Image]
    error: NotRequired[FileError]


class TicketAnswer(TypedDict):
    """A fresh ticket, or word that the upload is gone."""

    id: str
    state: Literal["pending", "gone"]
    ticket: NotRequired[Ticket]


class Upload(TypedDict):
    """Where one of my uploads has got to."""

    id: str
    name: str
    state: Literal["pending", "ready", "failed", "expired"]
    created: str
    image: NotRequired[Image]
    error: NotRequired[FileError]


class UploadPage(TypedDict):
    """My uploads, newest first."""

    uploads: list[Upload]
    next: str | None


class Config(TypedDict):
    """The library's limits."""

    types: list[str]
    max_bytes: int
    max_files: int

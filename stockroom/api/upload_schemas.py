"""The answers about uploads: tickets, what became of files, failed uploads that are processed again."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.api.schemas import Id, Image, Timestamp
from stockroom.images.states import FailureCode
from stockroom.ingest.retry import RetryState
from stockroom.runtime.errors import UploadRejectionCode
from stockroom.uploads.cancel import CancelState
from stockroom.uploads.status import MAX_COUNTED


class Ticket(Struct):
    """A presigned PUT: storage accepts exactly this content, once, until it expires."""

    method: Literal["PUT"]
    url: str
    headers: dict[str, str]
    expires: Timestamp


class FileError(Struct):
    """Why one file was not taken, in words for the contributor."""

    code: Literal[UploadRejectionCode, FailureCode]
    detail: str


class UploadAnswer(Struct, omit_defaults=True):
    """The answer for one file: a ticket, the picture that is already there, or a reason."""

    state: Literal["pending", "duplicate", "rejected"]
    id: Id | UnsetType = UNSET
    ticket: Ticket | UnsetType = UNSET
    image: Image | UnsetType = UNSET
    error: FileError | UnsetType = UNSET


class UploadResponse(Struct):
    """One answer per file, in the order of the request."""

    files: list[UploadAnswer]


class TicketAnswer(Struct, omit_defaults=True):
    """A fresh ticket, or word that there is nothing to upload for this id any more."""

    id: Id
    state: Literal["pending", "gone"]
    ticket: Ticket | UnsetType = UNSET


class TicketsResponse(Struct):
    """One answer per id, in the order of the request."""

    files: list[TicketAnswer]


class Upload(Struct, omit_defaults=True):
    """One of my uploads and where it has got to."""

    id: Id
    name: str
    file_name: Annotated[str, Meta(description="What the file itself was called; `name` may be a title")]
    state: Literal["pending", "ready", "failed", "deleted", "hidden", "expired"]
    created: Timestamp
    image: Image | UnsetType = UNSET
    restorable_until: (
        Annotated[str, Meta(description="RFC 3339: until then a deleted picture can be restored")] | UnsetType
    ) = UNSET
    error: FileError | UnsetType = UNSET


_UploadCount = Annotated[int, Meta(le=MAX_COUNTED)]


class UploadCounts(Struct):
    """How many of my uploads are in each state. The maximum stands for itself and for all greater numbers."""

    pending: _UploadCount
    ready: _UploadCount
    failed: _UploadCount
    hidden: _UploadCount


class UploadPage(Struct, omit_defaults=True):
    """My uploads, newest first. `counts` is there when it was asked for."""

    uploads: list[Upload]
    next: str | None
    counts: UploadCounts | UnsetType = UNSET


class RetryAnswer(Struct):
    """What became of one failed upload that should be processed again."""

    id: Id
    state: Annotated[
        RetryState,
        Meta(
            description="pending: it is processed again. gone: it has not failed, or its original is not "
            "there. posted-again: its contributor has uploaded the content anew. taken-down: its content was "
            "taken down"
        ),
    ]


class RetryResponse(Struct):
    """One answer per upload. With `next`, the request can go on with the failures that follow."""

    files: list[RetryAnswer]
    next: str | None


class CancelAnswer(Struct, omit_defaults=True):
    """What became of one upload that should be cancelled."""

    id: Id
    state: Annotated[
        CancelState,
        Meta(
            description="cancelled: it is cancelled, or forgotten where it had failed. gone: there is no "
            "such upload, or none any more. already-ready: it is a picture already, or was one and is about "
            "to be shown again"
        ),
    ]
    restorable_until: (
        Annotated[
            str,
            Meta(description="RFC 3339: until then it can be restored, as it was a picture before it failed"),
        ]
        | UnsetType
    ) = UNSET


class CancelResponse(Struct):
    """One answer per id, in the order of the request."""

    files: list[CancelAnswer]

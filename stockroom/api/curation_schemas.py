"""The answers about what is done with published pictures: edits, deletions, take-downs, the change log."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.api.schemas import Id, Image, Timestamp
from stockroom.curation.requests import RestoredState
from stockroom.images.change_log import Action
from stockroom.runtime.errors import EditRejectionCode


class EditError(Struct):
    """Why one picture was not edited, in words for people."""

    code: EditRejectionCode
    detail: str


class EditAnswer(Struct, omit_defaults=True):
    """What became of one picture. An answer with very much text leaves `image` out of its last pictures."""

    id: Id
    state: Annotated[
        Literal["edited", "unchanged", "gone", "rejected"],
        Meta(
            description="gone: there is no such picture, or it is somebody else's. rejected: `error` says why"
        ),
    ]
    image: Image | UnsetType = UNSET
    error: EditError | UnsetType = UNSET


class EditResponse(Struct):
    """One answer per id, in the order of the request."""

    images: list[EditAnswer]


class DeletionAnswer(Struct, omit_defaults=True):
    """What became of one picture that should be deleted."""

    id: Id
    state: Annotated[
        Literal["deleted", "gone"], Meta(description="gone: there is no such picture of yours, or no more")
    ]
    restorable_until: Timestamp | UnsetType = UNSET


class DeletionResponse(Struct):
    """One answer per picture, in the order of the request."""

    images: list[DeletionAnswer]


class RestorationAnswer(Struct, omit_defaults=True):
    """What one picture is that should be restored."""

    id: Id
    state: Annotated[
        RestoredState,
        Meta(
            description="ready: everybody finds it. hidden: it was hidden before, and is again. "
            "posted-again: you have uploaded the same content anew. gone: there is no such picture of yours, "
            "or no more"
        ),
    ]
    image: Image | UnsetType = UNSET


class RestorationResponse(Struct):
    """One answer per picture, in the order of the request."""

    images: list[RestorationAnswer]


class TakedownAnswer(Struct):
    """What became of one picture that should be taken down, or that has the same content as such a one."""

    id: Id
    state: Annotated[
        Literal["taken-down", "gone"], Meta(description="gone: there is nothing of this id any more")
    ]


class TakedownResponse(Struct):
    """One answer per picture in the order of the request, then those of the same contents."""

    images: list[TakedownAnswer]


class Takedown(Struct):
    """A content that was taken down, and is refused since."""

    sha256: str
    at: Timestamp
    reason: str
    actor: Annotated[str, Meta(description="Display name of whoever did it")]
    actor_id: Annotated[str, Meta(description="Opaque; the `owner_id` of whoever did it")]


class TakedownPage(Struct):
    """Contents that were taken down, the newest first."""

    takedowns: list[Takedown]
    next: str | None


class LogEntry(Struct):
    """Something that was done with a picture."""

    id: Annotated[str, Meta(description="Opaque; entries of later have greater numbers")]
    at: Timestamp
    image: Annotated[str, Meta(description="The picture's id; it may be gone")] | None
    action: Action
    actor: Annotated[str, Meta(description="Display name of whoever did it; empty: the library itself")]
    actor_id: Annotated[str, Meta(description="Opaque; the `owner_id` of whoever did it")] | None
    detail: Annotated[dict[str, Any], Meta(description="What the action is about")]


class LogPage(Struct):
    """Entries of the change log, the newest first."""

    entries: list[LogEntry]
    next: str | None

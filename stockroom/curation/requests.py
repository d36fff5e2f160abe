"""What a client sends about published pictures; the OpenAPI document shows these shapes."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.images.fields import (
    Copyright,
    Creator,
    Credit,
    Description,
    Embargo,
    Expires,
    License,
    LicenseUrl,
    Name,
    Place,
    Tags,
    UsageTerms,
)


class Changes(Struct, forbid_unknown_fields=True):
    """The fields of a picture that become others. Absent fields stay; an empty one, or null, is cleared."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    license: License | UnsetType = UNSET
    credit: Credit | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    creator: Creator | UnsetType | None = UNSET
    copyright: Copyright | UnsetType | None = UNSET
    usage_terms: UsageTerms | UnsetType | None = UNSET
    license_url: LicenseUrl | UnsetType | None = UNSET
    place: Place | UnsetType | None = UNSET
    embargo: Embargo | UnsetType | None = UNSET
    expires: Expires | UnsetType | None = UNSET


ImageId = Annotated[str, Meta(max_length=32, description="Opaque picture id")]
Revision = Annotated[int, Meta(ge=0, le=2**32 - 1)]
MAX_PICTURES = 500
"""Pictures of one request."""
MAX_TAKE_DOWNS = 50
"""Pictures of one take-down: their objects are deleted while API Gateway waits."""


RestoredState = Literal["ready", "hidden", "posted-again", "gone"]
"""What a picture is after it was to be restored.

"posted-again": its owner has posted the same content anew, and that upload or picture stands for it now.
"gone": there is no picture, or its time is over."""


class PicturesRequest(Struct, forbid_unknown_fields=True):
    """The pictures that something is done with."""

    ids: list[ImageId]


class TakedownRequest(Struct, forbid_unknown_fields=True):
    """Pictures that go for good, and why. With `same_content`, whatever has the same content goes, too."""

    ids: list[ImageId]
    reason: Annotated[str, Meta(max_length=1000, description="What the log says, for people")]
    same_content: bool = False


class EditRequest(Struct, forbid_unknown_fields=True):
    """One edit of up to 500 pictures: fields that become others, tags that are taken away and added.

    First come the tags of `set`; from these the others are taken away, and then added. A picture that
    `revisions` names is edited only if it is at that revision.
    """

    ids: list[ImageId]
    set: Changes = msgspec.field(default_factory=Changes)
    add_tags: Tags = []
    remove_tags: Tags = []
    revisions: Annotated[
        dict[ImageId, Revision],
        Meta(
            max_length=MAX_PICTURES,
            description="By id, as in `ids`: the revision that the picture has to be at, as with If-Match",
        ),
    ] = {}

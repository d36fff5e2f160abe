"""What a client sends about its uploads; the OpenAPI document shows these shapes.

`UploadRequest` leaves its files raw. `stockroom.uploads.validate` validates them one by one, so that a
wrong file is one rejection, and not the end of the batch.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.images.fields import (
    Copyright,
    Creator,
    Credit,
    Description,
    Embargo,
    Expires,
    FileName,
    License,
    LicenseUrl,
    Name,
    Place,
    Tags,
    UsageTerms,
)
from stockroom.images.states import FailureCode

Id = Annotated[str, Meta(max_length=32, description="Opaque id of an upload")]


class SharedMetadata(Struct, forbid_unknown_fields=True):
    """What all files of a batch have in common; a file's own field wins, tags are added up."""

    description: Description = ""
    tags: Tags = []
    license: License | UnsetType = UNSET
    credit: Credit = ""
    creator: Creator = ""
    copyright: Copyright = ""
    usage_terms: UsageTerms = ""
    license_url: LicenseUrl = ""
    place: Place = ""
    embargo: Embargo | None = None
    expires: Expires | None = None


class UploadFile(Struct, forbid_unknown_fields=True):
    """One file that the client would like to upload."""

    name: Name
    type: Annotated[str, Meta(description="One of the accepted media types", max_length=100)]
    size: Annotated[int, Meta(ge=1, description="Bytes")]
    # The length, too: to the pattern, the end of the text may be followed by a line break.
    sha256: Annotated[
        str,
        Meta(
            pattern="^[0-9a-fA-F]{64}$",
            min_length=64,
            max_length=64,
            description="SHA-256 of the content, hex",
        ),
    ]
    file_name: FileName | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    license: License | UnsetType = UNSET
    credit: Credit | UnsetType = UNSET
    creator: Creator | UnsetType = UNSET
    copyright: Copyright | UnsetType = UNSET
    usage_terms: UsageTerms | UnsetType = UNSET
    license_url: LicenseUrl | UnsetType = UNSET
    place: Place | UnsetType = UNSET
    embargo: Embargo | UnsetType | None = UNSET
    expires: Expires | UnsetType | None = UNSET


class UploadRequest(Struct, forbid_unknown_fields=True):
    """One coalesced request for the tickets of a whole batch."""

    files: list[Any]
    shared: SharedMetadata = msgspec.field(default_factory=SharedMetadata)


MAX_RETRIES = 25
"""Uploads of one retry: storage copies each original while API Gateway waits."""


class RetryRequest(Struct, forbid_unknown_fields=True):
    """Failed uploads that should be processed again: those in `ids`, or the next ones with the failure
    `code`.

    Without either, the next failed uploads of any kind. `cursor` is `next` of the answer before; `ids` have
    neither it nor a code beside them.
    """

    ids: Annotated[list[Id], Meta(max_length=MAX_RETRIES)] | UnsetType = UNSET
    code: FailureCode | UnsetType = UNSET
    cursor: Id | UnsetType = UNSET


class TicketsRequest(Struct, forbid_unknown_fields=True):
    """Pending uploads whose tickets should be renewed."""

    ids: list[Id]


MAX_CANCELLATIONS = 500
"""Uploads of one cancellation."""


class CancelRequest(Struct, forbid_unknown_fields=True):
    """Uploads that should be cancelled, or forgotten where they have failed."""

    ids: list[Id]

"""What a client sends about published pictures; the OpenAPI document shows these shapes."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.images.fields import (
    Copyright,
    Creator,
    Credit,
    Description,
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


class EditRequest(Struct, forbid_unknown_fields=True):
    """One edit of up to 500 pictures: fields that become others, tags that are taken away and added.

    First come the tags of `set`; from these the others are taken away, and then added.
    """

    ids: list[Annotated[str, Meta(max_length=32, description="Opaque picture id")]]
    set: Changes = msgspec.field(default_factory=Changes)
    add_tags: Tags = []
    remove_tags: Tags = []

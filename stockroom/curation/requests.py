"""What a client sends about published pictures; the OpenAPI document shows these shapes."""

from msgspec import UNSET, Struct, UnsetType

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

"""The fields of a picture's metadata that the command line sends, the same for new files and for edits."""

from msgspec import UNSET, Struct, UnsetType


class MetadataFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is said about a picture. The library is told nothing about a field that is UNSET."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    license: str | UnsetType = UNSET
    credit: str | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    creator: str | UnsetType = UNSET
    copyright: str | UnsetType = UNSET
    usage_terms: str | UnsetType = UNSET
    license_url: str | UnsetType = UNSET
    place: str | UnsetType = UNSET
    embargo: str | UnsetType | None = UNSET
    expires: str | UnsetType | None = UNSET

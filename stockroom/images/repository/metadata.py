"""Metadata as columns of `image`, for every statement that writes them."""

from datetime import datetime

from stockroom.images import tags
from stockroom.images.picture import Metadata

METADATA_COLUMNS = (
    "name",
    "description",
    "tags",
    "hashtags",
    "license",
    "credit",
    "creator",
    "copyright",
    "usage_terms",
    "license_url",
    "place",
    "embargo",
    "expires",
)


def metadata_columns(metadata: Metadata) -> tuple[str | datetime | None, ...]:
    """The values of METADATA_COLUMNS, in their order."""
    return (
        metadata.name,
        metadata.description,
        tags.serialize(metadata.tags),
        tags.serialize(metadata.hashtags),
        metadata.license,
        metadata.credit,
        metadata.creator,
        metadata.copyright,
        metadata.usage_terms,
        metadata.license_url,
        metadata.place,
        metadata.embargo,
        metadata.expires,
    )

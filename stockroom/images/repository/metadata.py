"""Metadata as columns of `image`, for every statement that writes or reads them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from stockroom.images import tags
from stockroom.images.picture import Metadata
from stockroom.renditions.embedded.embedded import Embedded

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


class FilledMetadata(NamedTuple):
    """What a picture's metadata are once its file has been read.

    `fields` are the names of those fields that come from the file, `embedded` is all that the file says.
    """

    metadata: Metadata
    fields: tuple[str, ...]
    embedded: Embedded


def metadata_columns(metadata: Metadata) -> tuple[str | datetime | None, ...]:
    """The values of METADATA_COLUMNS, in their order."""
    values = (getattr(metadata, column) for column in METADATA_COLUMNS)
    return tuple(tags.serialize(value) if isinstance(value, tuple) else value for value in values)


def make_metadata(columns: Sequence[Any]) -> Metadata:
    """The metadata that METADATA_COLUMNS have in a row, in their order."""
    values = dict(zip(METADATA_COLUMNS, columns, strict=True))
    hashtags = values["hashtags"]
    values["tags"] = tags.deserialize(values["tags"])
    values["hashtags"] = (
        _parse_hashtags(values["description"]) if hashtags is None else tags.deserialize(hashtags)
    )
    return Metadata(**values)


def _parse_hashtags(description: str) -> tuple[str, ...]:
    """The hashtags of a row that is older than its column `hashtags`."""
    # The stemmer comes along with this import, and the reaper's package has none.
    from stockroom.analysis.hashtags import parse_hashtags

    return tuple(parse_hashtags(description))

"""Media types that an upload may declare. What the bytes really are is found out when they are rendered."""

from stockroom.renditions import SOURCE_FORMATS
from stockroom.renditions.refused_formats import REFUSED_FORMATS
from stockroom.renditions.sniffing import explain_refusal

ACCEPTED = tuple(source.media_type for source in SOURCE_FORMATS)


def refusal(media_type: str) -> str:
    """Why a media type is not accepted, and what the contributor can do."""
    for refused in REFUSED_FORMATS:
        if media_type.removesuffix("-sequence") == refused.media_type:
            return explain_refusal(refused)
    return f"The type {media_type[:100]!r} is not accepted; export as one of {', '.join(ACCEPTED)}."

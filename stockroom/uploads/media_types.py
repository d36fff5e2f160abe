"""Media types that an upload may declare. What the bytes really are is found out when they are rendered."""

from stockroom.renditions import SOURCE_FORMATS

ACCEPTED = tuple(source.media_type for source in SOURCE_FORMATS)

HEIC = ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence")


def refusal(media_type: str) -> str:
    """Why a media type is not accepted, and what the contributor can do."""
    if media_type in HEIC:
        return (
            "HEIC photos cannot be opened here: export as JPEG and upload that; on an iPhone, "
            "Settings > Camera > Formats > Most Compatible."
        )
    return f"The type {media_type[:100]!r} is not accepted; export as one of {', '.join(ACCEPTED)}."

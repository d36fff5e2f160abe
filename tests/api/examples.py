"""A picture as the presenters get it."""

from datetime import UTC, datetime

from stockroom.images import ids
from stockroom.images.picture import Metadata, Picture, Position

IMAGE_ID = ids.first_id(datetime(2016, 5, 1, 12, tzinfo=UTC))
PICTURE = Picture(
    image_id=IMAGE_ID,
    owner_id=7,
    owner_name="Ada",
    metadata=Metadata(
        name="a.jpg",
        description="A #sea",
        tags=("blue",),
        hashtags=("sea",),
        license="CC0-1.0",
        creator="A. Artist",
        copyright="(c) 2015 A. Artist",
        usage_terms="Ask first.",
        license_url="https://example.org/terms",
        place="Rügen",
    ),
    width=3,
    height=2,
    color="#0000ff",
    thumbhash=b"\x01\x02",
    taken=datetime(2015, 4, 3, 2, 1),  # noqa: DTZ001  as the database stores it
    version=7,
    formats=("webp",),
    title="A title",
    gps=Position(54.4, 13.4),
    camera="Exakta Varex",
    lens="Biotar 58",
    filled=("creator", "place"),
    revision=3,
    edited=datetime(2016, 5, 2),  # noqa: DTZ001  as the database stores it
)

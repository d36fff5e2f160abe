"""A picture as plain values: metadata from its contributor, and facts from its file."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, structs

Orientation = Literal["landscape", "portrait", "square"]


def orientation(width: int, height: int) -> Orientation:
    """The orientation of a picture of this width and height."""
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


class Metadata(Struct, frozen=True, kw_only=True):
    """The metadata that a contributor gives. `hashtags` are those of the description, without `#`.

    `license_url` is where the licence or its conditions can be read, an http or https address.
    `has_default_license`: nobody has named the licence, so that the library's own stands there until the file
    has been read. The picture is hidden before `embargo` and from `expires` on; both are naive UTC, as the
    database stores them.
    """

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    license: str
    credit: str = ""
    creator: str = ""
    copyright: str = ""
    usage_terms: str = ""
    license_url: str = ""
    place: str = ""
    embargo: datetime | None = None
    expires: datetime | None = None
    has_default_license: bool = False

    @property
    def all_tags(self) -> tuple[str, ...]:
        """The explicit tags, then the hashtags that are not among them."""
        return tuple(dict.fromkeys((*self.tags, *self.hashtags)))


class Position(Struct, frozen=True):
    """Where a picture was taken, in degrees (WGS 84): north and east are positive."""

    latitude: float
    longitude: float


class Picture(Struct, frozen=True, kw_only=True):
    """A published picture. `width` and `height` are the original's, in pixels, after rotation.

    `owner_id` stays the same while `owner_name` may change. `color` is the dominant colour as `#rrggbb`;
    `thumbhash` is the raw ThumbHash; `taken` is the file's time of capture (naive UTC, as the database stores
    it). `version` and `link_key` are parts of the renditions' keys; `formats` are the formats beside JPEG in
    which the renditions exist.

    `title`, `camera`, `lens` and `gps` are what the file says. `filled` names the fields of the metadata that
    were filled from the file and edited by nobody since. `revision` counts the changes of the metadata;
    `edited` is when it was last changed after publication, in naive UTC.
    """

    image_id: int
    owner_id: int
    owner_name: str
    metadata: Metadata
    width: int
    height: int
    color: str
    thumbhash: bytes
    taken: datetime | None
    version: int
    formats: tuple[str, ...] = ()
    link_key: str = ""
    title: str = ""
    camera: str = ""
    lens: str = ""
    gps: Position | None = None
    filled: tuple[str, ...] = ()
    revision: int = 0
    edited: datetime | None = None

    def with_metadata(self, metadata: Metadata) -> "Picture":
        """The same picture with other metadata."""
        return structs.replace(self, metadata=metadata)

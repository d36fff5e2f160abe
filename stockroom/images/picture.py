"""A picture as plain values: what its contributor says about it, and what its file says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Orientation = Literal["landscape", "portrait", "square"]


def orientation(width: int, height: int) -> Orientation:
    """The shape of a picture of these sides."""
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a contributor says about a picture. `hashtags` are those of the description, without `#`."""

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    license: str
    credit: str = ""

    @property
    def all_tags(self) -> tuple[str, ...]:
        """The explicit tags, then the hashtags that are not among them."""
        return tuple(dict.fromkeys((*self.tags, *self.hashtags)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A ready picture. `width` and `height` are the original's in pixels, as the picture is seen.

    `color` is `#rrggbb`; `thumbhash` is the raw ThumbHash; `taken` is EXIF's time of capture (naive UTC, as
    the database stores it); `version` and `formats` name the renditions: JPEG always exists, `formats` are
    the further ones.
    """

    image_id: int
    owner_name: str
    metadata: Metadata
    width: int
    height: int
    color: str
    thumbhash: bytes
    taken: datetime | None
    version: int
    formats: tuple[str, ...] = ()

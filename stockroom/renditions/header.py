"""What a file's header says, and whether that is within the limits: before any pixel is decoded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stockroom.renditions.damage import corrupt, refused_for
from stockroom.renditions.libvips import UNREADABLE, pyvips
from stockroom.renditions.limits import (
    INTERLACED,
    PROGRESSIVE,
    check_frames,
    check_metadata,
    check_scans,
    check_sides,
)
from stockroom.renditions.model import Options
from stockroom.renditions.original import Original
from stockroom.renditions.structure import check
from stockroom.renditions.taken import taken

_METADATA = ("icc-profile-data", "exif-data", "xmp-data", "iptc-data")
_EXIF_TAGS = ("DateTimeOriginal", "OffsetTimeOriginal")


_PLAIN = {(3, "uchar", "srgb"), (4, "uchar", "cmyk")}
_SIDEWAYS = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class Header:
    """The source as it is seen: width and height in pixels after rotation; `space` is "srgb" or "cmyk" where
    its pixels are three or four bytes of that as they are stored, else ""; whether ICC is embedded."""

    format: str
    width: int
    height: int
    orientation: int
    space: str
    has_profile: bool
    taken: datetime | None

    @property
    def sideways(self) -> bool:
        """Whether its stored width is the height that is seen."""
        return self.orientation in _SIDEWAYS


def read_header(original: Original, format_: str, options: Options) -> Header:
    """Raises `Refused` when the header cannot be read or announces more than `options` allow."""
    scans_from = check(original, format_, options)
    try:
        image = _opened(original, format_)
    except UNREADABLE as error:
        raise refused_for(error, original, format_) from error
    if image.bands == 2 and format_ == "jpeg":
        # Two components have no meaning in JPEG, and libvips calls them sRGB.
        raise corrupt()
    _check_limits(image, format_, options)
    if _number(image, "jpeg-multiscan"):
        # In compressed data FF is never followed by this, so each is a scan, up to the picture's end.
        data = original.whole()
        end = data.find(b"\xff\xd9", scans_from)
        scans = _occurrences(
            data, b"\xff\xda", options.max_scans + 1, scans_from, end if end > 0 else len(data)
        )
        check_scans(scans, options)
    width, height = image.width, image.height
    orientation = _number(image, "orientation")
    if orientation in _SIDEWAYS:
        width, height = height, width
    stored = (image.bands, image.format, image.interpretation)
    space = str(image.interpretation) if stored in _PLAIN else ""
    has_profile = _is_usable(image)
    return Header(format_, width, height, orientation, space, has_profile, taken(_exif(image)))


def _opened(original: Original, format_: str) -> "pyvips.Image":
    source = original.source()
    if format_ == "avif":
        # By name: libvips does not know the brand of sequences, the decoder behind it does.
        return pyvips.Image.heifload_source(source, access="sequential")
    return pyvips.Image.new_from_source(source, "", access="sequential")


def _is_usable(image: "pyvips.Image") -> bool:
    """Whether there is an ICC profile of a device, for these channels; another is as good as none."""
    if not image.get_typeof("icc-profile-data"):
        return False
    profile = bytes(image.get("icc-profile-data"))
    space = {"cmyk": b"CMYK", "b-w": b"GRAY", "grey16": b"GRAY"}.get(str(image.interpretation), b"RGB ")
    return (
        profile[12:16] in {b"mntr", b"scnr", b"prtr", b"spac"}
        and profile[16:20] == space
        and profile[20:24] in {b"XYZ ", b"Lab "}
    )


def _check_limits(image: "pyvips.Image", format_: str, options: Options) -> None:
    check_sides(image.width, image.height, *_kind_and_limit(image, format_, options), options)
    check_frames(_number(image, "n-pages"), options)
    # Formats whose metadata lie anywhere in the file are only known by now.
    carried = [len(image.get(name)) for name in _METADATA if image.get_typeof(name)]
    check_metadata(sum(carried), len(carried), options)


def _kind_and_limit(image: "pyvips.Image", format_: str, options: Options) -> tuple[str, int]:
    """What to call such a file, and how many pixels it may have."""
    held = min(options.max_pixels, options.max_pixels_held)
    if format_ == "jpeg":
        multiscan = _number(image, "jpeg-multiscan")
        return (PROGRESSIVE, held) if multiscan else ("a JPEG", options.max_pixels)
    if format_ == "png":
        return (INTERLACED, held) if _number(image, "interlaced") else ("a PNG", options.max_pixels)
    if format_ == "avif":
        return "an AVIF", min(options.max_pixels, options.max_pixels_avif)
    return {"gif": "a GIF", "webp": "a WebP"}[format_], held


def _occurrences(data: Any, pattern: bytes, limit: int, start: int, end: int) -> int:
    """How often there is a pattern, counted up to a limit. (A memory map can look for it, but not count.)"""
    count, at = 0, data.find(pattern, start, end)
    while at >= 0 and count < limit:
        count += 1
        at = data.find(pattern, at + 1, end)
    return count


def _exif(image: "pyvips.Image") -> dict[str, str]:
    """Text values by tag name. libvips appends a description: "2024:05:01 10:00:00 (2024:…, ASCII, 20 …)"."""
    return {tag: _text(image, f"exif-ifd2-{tag}").partition(" (")[0] for tag in _EXIF_TAGS}


def _text(image: "pyvips.Image", field: str) -> str:
    try:
        return str(image.get(field)) if image.get_typeof(field) else ""
    except UnicodeDecodeError:
        return ""


def _number(image: "pyvips.Image", field: str) -> int:
    return int(image.get(field)) if image.get_typeof(field) else 0

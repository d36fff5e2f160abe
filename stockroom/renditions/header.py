"""What a file's header says, and whether that is within the limits: before any pixel is decoded."""

from dataclasses import dataclass
from datetime import datetime

from stockroom.renditions.damage import refused_for
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.model import Options
from stockroom.renditions.refused import Refused
from stockroom.renditions.taken import taken

_EXIF_TAGS = ("DateTimeOriginal", "OffsetTimeOriginal")


@dataclass(frozen=True, slots=True)
class Header:
    """The source as it is seen: width and height in pixels after rotation; whether ICC is embedded."""

    format: str
    width: int
    height: int
    has_profile: bool
    taken: datetime | None


def read_header(data: bytes, format_: str, options: Options) -> Header:
    """Raises `Refused` when the header cannot be read or announces more than `options` allow."""
    try:
        image = pyvips.Image.new_from_buffer(data, "", access="sequential")
    except pyvips.Error as error:
        raise refused_for(data, format_) from error
    _check_limits(image, format_, options)
    width, height = image.width, image.height
    if _number(image, "orientation") in {5, 6, 7, 8}:
        width, height = height, width
    has_profile = bool(image.get_typeof("icc-profile-data"))
    return Header(format_, width, height, has_profile, taken(_exif(image)))


def _check_limits(image: "pyvips.Image", format_: str, options: Options) -> None:
    width, height = image.width, image.height
    if max(width, height) > options.max_side:
        raise Refused(
            "side-too-long",
            f"The picture is {width} x {height} pixels; a side may have at most {options.max_side}. "
            "Make it smaller and upload it again.",
        )
    kind, limit = _kind_and_limit(image, format_, options)
    if width * height > limit:
        way_out = "Save it without that option or make it smaller" if kind in _OPTIONAL else "Make it smaller"
        raise Refused(
            "too-many-pixels",
            f"The picture has {width * height / 1e6:.1f} million pixels ({width} x {height}); at most "
            f"{limit / 1e6:.1f} million are accepted in {kind}. {way_out} and upload it again.",
        )


_PROGRESSIVE, _INTERLACED = "a progressive JPEG", "an interlaced PNG"
_OPTIONAL = frozenset({_PROGRESSIVE, _INTERLACED})


def _kind_and_limit(image: "pyvips.Image", format_: str, options: Options) -> tuple[str, int]:
    """What to call such a file, and how many pixels it may have."""
    held = min(options.max_pixels, options.max_pixels_held)
    if format_ == "jpeg":
        multiscan = _number(image, "jpeg-multiscan")
        return (_PROGRESSIVE, held) if multiscan else ("a JPEG", options.max_pixels)
    if format_ == "png":
        return (_INTERLACED, held) if _number(image, "interlaced") else ("a PNG", options.max_pixels)
    if format_ == "avif":
        return "an AVIF", min(options.max_pixels, options.max_pixels_avif)
    return {"gif": "a GIF", "webp": "a WebP"}[format_], held


def _exif(image: "pyvips.Image") -> dict[str, str]:
    """Text values by tag name. libvips appends a description: "2024:05:01 10:00:00 (2024:…, ASCII, 20 …)"."""
    return {tag: _text(image, f"exif-ifd2-{tag}").partition(" (")[0] for tag in _EXIF_TAGS}


def _text(image: "pyvips.Image", field: str) -> str:
    return str(image.get(field)) if image.get_typeof(field) else ""


def _number(image: "pyvips.Image", field: str) -> int:
    return int(image.get(field)) if image.get_typeof(field) else 0

"""What the header of a file says about its picture, within the limits, before any pixel is decoded."""

from typing import TYPE_CHECKING, Literal

import msgspec

from stockroom.renditions.embedded.reconcile import Blocks, Description, read_blocks
from stockroom.renditions.image_fields import read_blob, read_number
from stockroom.renditions.libvips import UNREADABLE, load, open_source
from stockroom.renditions.limits import check_frames, check_metadata
from stockroom.renditions.options import Options
from stockroom.renditions.original import Original, PartialOriginal
from stockroom.renditions.sniffing import SNIFFED_BYTES, sniff
from stockroom.renditions.sources import SourceFormat
from stockroom.renditions.unreadable import rejection_for

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips

PlainSpace = Literal["srgb", "cmyk"]

_METADATA_FIELDS = ("icc-profile-data", "exif-data", "xmp-data", "iptc-data")
# EXIF orientations that turn the picture by 90 degrees.
_SIDEWAYS = frozenset({5, 6, 7, 8})
_PLAIN_SPACES: dict[tuple[int, str, str], PlainSpace] = {
    (3, "uchar", "srgb"): "srgb",
    (4, "uchar", "cmyk"): "cmyk",
}
# In the header of an ICC profile: classes of devices, colour spaces of the device, and connection spaces.
_DEVICE_CLASSES = frozenset({b"mntr", b"scnr", b"prtr", b"spac"})
_DEVICE_SPACES = {"cmyk": b"CMYK", "b-w": b"GRAY", "grey16": b"GRAY"}
_CONNECTION_SPACES = frozenset({b"XYZ ", b"Lab "})


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file's header says. `width` and `height` are those of the upright picture, in pixels.

    `plain_space` is the colour space of a file whose pixels are three bytes of sRGB or four of CMYK each, as
    they are stored; None for all other pixels (gray, transparent, 16 bits, a palette). `has_profile` is
    whether a usable ICC profile is embedded.
    """

    format: SourceFormat
    width: int
    height: int
    orientation: int
    plain_space: PlainSpace | None
    has_profile: bool
    description: Description

    @property
    def is_sideways(self) -> bool:
        """Whether the width in the file is the height that a viewer sees."""
        return self.orientation in _SIDEWAYS


def read_header(original: Original, format_: SourceFormat, options: Options) -> Header:
    """The header of a file of this format.

    Raises `ImageRejected` when libvips cannot read it, or when it asks for more than the options allow.
    """
    source = open_source(original)
    try:
        image = load(source, format_.loader)
    except UNREADABLE as error:
        raise rejection_for(error, original, format_) from error
    format_.check_header(image, original, options)
    check_frames(read_number(image, "n-pages"), options)
    # Where metadata lie behind the picture, only libvips has found them.
    sizes = [len(image.get(field)) for field in _METADATA_FIELDS if image.get_typeof(field)]
    check_metadata(sum(sizes), len(sizes), options)

    orientation = read_number(image, "orientation")
    width, height = image.width, image.height
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Header(
        format=format_,
        width=width,
        height=height,
        orientation=orientation,
        plain_space=_PLAIN_SPACES.get((image.bands, str(image.format), str(image.interpretation))),
        has_profile=_has_usable_profile(image),
        description=read_blocks(_take_blocks(image)),
    )


def read_description(original: PartialOriginal, options: Options) -> Description:
    """What an accepted file says about its picture, by those of its bytes that tell.

    Raises `BytesMissing` for bytes that are needed and not there, and `ImageRejected`.
    """
    format_ = sniff(original.slice(0, min(SNIFFED_BYTES, original.size)))
    if format_.find_blocks is not None:
        return read_blocks(format_.find_blocks(original, options))
    source = open_source(original)
    try:
        blocks = _take_blocks(load(source, format_.loader))
    except UNREADABLE as error:
        raise original.missing or rejection_for(error, original, format_) from error
    if original.missing is not None:
        raise original.missing
    return read_blocks(blocks)


def _take_blocks(image: "pyvips.Image") -> Blocks:
    return Blocks(
        exif=read_blob(image, "exif-data"),
        iim=read_blob(image, "iptc-data"),
        xmp=read_blob(image, "xmp-data"),
    )


def _has_usable_profile(image: "pyvips.Image") -> bool:
    """Whether an ICC profile of a device with these channels is embedded. Any other profile is ignored."""
    profile = read_blob(image, "icc-profile-data")
    return (
        profile[12:16] in _DEVICE_CLASSES
        and profile[16:20] == _DEVICE_SPACES.get(str(image.interpretation), b"RGB ")
        and profile[20:24] in _CONNECTION_SPACES
    )

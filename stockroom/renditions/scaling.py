"""The ways from an opened file to the upright picture at 720p, in sRGB, on white."""

from typing import TYPE_CHECKING, Any

from stockroom.renditions.header import Header
from stockroom.renditions.libvips import load, open_source, pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendered import SIZES

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips as vips

_LARGE = SIZES["720p"]


class Scaler:
    """Decodes one file, once, in the way that its format chooses.

    Each method returns an image in memory, three bytes of sRGB a pixel. `shrink` is how many times as large
    as 720p the picture is; `shorter_side` is in pixels. Methods raise what `libvips.UNREADABLE` lists.
    """

    def __init__(self, original: Original, header: Header) -> None:
        self.header = header
        self.shrink = max(1, header.height / _LARGE.height, header.width / _LARGE.width)
        self.shorter_side = min(header.width, header.height)
        self._source = open_source(original)

    def thumbnail(self) -> "vips.Image":
        """By `thumbnail` of libvips, which copes with every kind of pixels and lets the loader shrink."""
        image = pyvips.Image.thumbnail_source(
            self._source,
            _LARGE.width,
            height=_LARGE.height,
            size="down",
            # libvips ignores `fail_on` as an argument of `thumbnail`; as an option of the loader it works.
            option_string="fail_on=error",
            **self._colour_options(),
        )
        return _finish(image)

    def thumbnail_of_loaded(self) -> "vips.Image":
        """By `thumbnail` of libvips, of the picture that the format's loader reads, all of it."""
        image = self._load().thumbnail_image(
            _LARGE.width, height=_LARGE.height, size="down", **self._colour_options()
        )
        return _finish(image)

    def resample(self, **load_options: Any) -> "vips.Image":
        """By one filter, for plain pixels only (`Header.plain_space`): the same pixels as from `thumbnail`,
        or better ones, in less time. `load_options` let the loader shrink the picture while it decodes;
        `shrink` tells how far."""
        header = self.header
        image = self._load(**load_options)
        if header.plain_space == "cmyk":
            # Before the filter, as amounts of ink do not mix like light: 50 dB, and after the filter 43.
            image = image.icc_transform("srgb", embedded=header.has_profile, input_profile="cmyk")
        if self.shrink > 1:
            width, height = (max(1, int(side / self.shrink + 0.5)) for side in (header.width, header.height))
            if header.is_sideways:
                width, height = height, width
            # gap=0: libvips puts no box filter in front of this one.
            image = image.resize(width / image.width, vscale=height / image.height, gap=0)
        if header.has_profile and header.plain_space == "srgb":
            # Should libvips find the embedded profile unusable after all, the picture is taken for sRGB.
            image = image.icc_transform("srgb", embedded=True, input_profile="srgb")
        image = image.copy_memory()
        return image.autorot().copy_memory() if header.orientation > 1 else image

    def _load(self, **options: Any) -> "vips.Image":
        return load(self._source, self.header.format.loader, fail_on="error", **options)

    def _colour_options(self) -> dict[str, str]:
        # `thumbnail` ignores an embedded profile unless it is given an output profile. Without an embedded
        # profile, it would convert by way of floating-point Lab, which takes 90 ms and changes nothing.
        return {"output_profile": "srgb"} if self.header.has_profile else {}


def _finish(image: "vips.Image") -> "vips.Image":
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=255)
    return image.copy_memory()

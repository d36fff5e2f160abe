"""The ways from an opened file to the upright picture at the size of a rendition, in sRGB, on white."""

from typing import Any

from stockroom.renditions.header import Header
from stockroom.renditions.libvips import load, open_source, pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendered import Size


class Scaler:
    """Decodes one file, once, by the method that its format chooses.

    Each method returns the upright picture in memory, with sides of `largest` at most, three bytes of sRGB a
    pixel, and raises what `libvips.UNREADABLE` lists. `shrink` is how many times as large as that the picture
    is (at least 1), and `shorter_side` its shorter side in pixels.
    """

    def __init__(self, original: Original, header: Header, largest: Size) -> None:
        self.header = header
        self.shrink = max(1, header.height / largest.height, header.width / largest.width)
        self._largest = largest
        self.shorter_side = min(header.width, header.height)
        self._source = open_source(original)

    def thumbnail(self) -> "pyvips.Image":
        """Uses `thumbnail` of libvips, which handles every kind of pixels and lets its loader shrink them."""
        image = pyvips.Image.thumbnail_source(
            self._source,
            self._largest.width,
            height=self._largest.height,
            size="down",
            # libvips ignores `fail_on` as an argument of `thumbnail`; as an option of the loader it works.
            option_string="fail_on=error",
            **self._colour_options(),
        )
        return _finish(image)

    def thumbnail_of_loaded(self) -> "pyvips.Image":
        """Loads the whole picture by the format's loader, then uses `thumbnail` of libvips on it."""
        image = self._load().thumbnail_image(
            self._largest.width, height=self._largest.height, size="down", **self._colour_options()
        )
        return _finish(image)

    def resample(self, **load_options: Any) -> "pyvips.Image":
        """Uses one filter, on plain pixels only (`Header.plain_space`): as good as `thumbnail` or better, and
        faster. With `load_options` the loader shrinks the picture while it decodes, down to `shrink` at most.
        """
        header = self.header
        image = self._load(**load_options)
        if header.plain_space == "cmyk":
            # Before the filter (50 dB; after it 43), as amounts of ink do not mix like light.
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

    def _load(self, **options: Any) -> "pyvips.Image":
        return load(self._source, self.header.format.loader, fail_on="error", **options)

    def _colour_options(self) -> dict[str, str]:
        # `thumbnail` ignores an embedded profile unless it is given an output profile. Without an embedded
        # profile, it would convert by way of floating-point Lab, which takes 90 ms and changes nothing.
        return {"output_profile": "srgb"} if self.header.has_profile else {}


def _finish(image: "pyvips.Image") -> "pyvips.Image":
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=255)
    return image.copy_memory()

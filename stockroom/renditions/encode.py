"""Output formats. JPEG is what every picture has; the others may come beside it."""

from stockroom.renditions.libvips import pyvips
from stockroom.renditions.model import EXTENSIONS, Options, Rendition

# keep=none: no EXIF, GPS, XMP or profile; a picture without a profile is sRGB.


def encode(image: "pyvips.Image", format_: str, options: Options) -> Rendition:
    """One rendition of an sRGB image, in a format of `model.EXTENSIONS`."""
    data = _SAVERS[format_](image, options)
    return Rendition(bytes(data), f"image/{format_}", image.width, image.height)


def _jpeg(image: "pyvips.Image", options: Options) -> bytes:
    data: bytes = image.jpegsave_buffer(Q=options.quality, optimize_coding=True, keep="none")
    return data


def _webp(image: "pyvips.Image", options: Options) -> bytes:
    data: bytes = image.webpsave_buffer(Q=options.quality, effort=2, keep="none")
    return data


def _avif(image: "pyvips.Image", options: Options) -> bytes:
    # AV1 needs less for the same look: 80 there is about 60 here.
    data: bytes = image.heifsave_buffer(
        compression="av1", Q=round(options.quality * 0.75), effort=2, keep="none"
    )
    return data


_SAVERS = {"jpeg": _jpeg, "webp": _webp, "avif": _avif}
assert _SAVERS.keys() == EXTENSIONS.keys()  # noqa: S101

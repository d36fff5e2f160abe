"""From an uploaded file to its renditions: judge the header, decode once, derive everything from 720p."""

from stockroom.renditions.color import dominant
from stockroom.renditions.damage import refused_for
from stockroom.renditions.formats import sniff
from stockroom.renditions.header import Header, read_header
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.model import Options, Rendered, Rendition
from stockroom.renditions.phash import SIDE, phash
from stockroom.renditions.thumbhash import thumbhash

# A height alone leaves a 20000x1 strip as it is, so width is capped as well: panoramas up to 7:1 have their
# full 720 lines.
_HEIGHT, _WIDTH_CAP = 720, 5120
_SMALL_HEIGHT, _SMALL_WIDTH_CAP = 240, 1706


def render(data: bytes, options: Options | None = None) -> Rendered:
    """The renditions and facts of one uploaded file. Raises `Refused`; any other exception is our own fault.

    "720p" and "240p" are JPEG of at most that height as the picture is seen, never enlarged, in sRGB, on
    white, and without any metadata of the source.
    """
    options = options or Options()
    header = read_header(data, sniff(data), options)
    large = _decode(data, header)
    small = large.thumbnail_image(_SMALL_WIDTH_CAP, height=_SMALL_HEIGHT, size="down").copy_memory()
    tiny = small.thumbnail_image(SIDE, size="down")
    square = small.thumbnail_image(SIDE, height=SIDE, size="force").colourspace("b-w")
    pixels = bytes(tiny.write_to_memory())
    return Rendered(
        format=header.format,
        width=header.width,
        height=header.height,
        renditions={"720p": _jpeg(large, options), "240p": _jpeg(small, options)},
        color=dominant(pixels),
        thumbhash=thumbhash(tiny.width, tiny.height, pixels),
        phash=phash(bytes(square.write_to_memory())),
        taken=header.taken,
    )


def _decode(data: bytes, header: Header) -> "pyvips.Image":
    """The upright picture at no more than 720 lines, three bytes of sRGB a pixel, in memory."""
    # Without output_profile an embedded profile would be ignored; with it, a picture that has none takes a
    # detour through floating-point Lab that costs 90 ms and changes nothing.
    colour = {"output_profile": "srgb"} if header.has_profile else {}
    try:
        image = pyvips.Image.thumbnail_buffer(
            data,
            _WIDTH_CAP,
            height=_HEIGHT,
            size="down",
            # As its own argument thumbnail_buffer ignores fail_on; as an option of the loader it works.
            option_string="fail_on=error",
            **colour,
        )
        if image.interpretation != "srgb":
            image = image.colourspace("srgb")
        if image.hasalpha():
            image = image.flatten(background=255)
        return image.copy_memory()
    except pyvips.Error as error:
        raise refused_for(data, header.format) from error


def _jpeg(image: "pyvips.Image", options: Options) -> Rendition:
    data = image.jpegsave_buffer(Q=options.quality, optimize_coding=True, keep="none")
    return Rendition(data, "image/jpeg", image.width, image.height)

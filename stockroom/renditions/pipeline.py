"""From an uploaded file to its renditions: judge the header, decode once, derive everything from 720p."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stockroom.renditions.color import dominant
from stockroom.renditions.damage import refused_for
from stockroom.renditions.encode import encode
from stockroom.renditions.formats import sniff
from stockroom.renditions.header import Header, read_header
from stockroom.renditions.libvips import UNREADABLE, pyvips
from stockroom.renditions.limits import check_size
from stockroom.renditions.model import Options, Rendered, Rendition
from stockroom.renditions.original import Original
from stockroom.renditions.phash import SIDE, phash
from stockroom.renditions.thumbhash import thumbhash

# A height alone leaves a 20000x1 strip as it is, so width is capped as well: panoramas up to 7:1 have their
# full 720 lines.
_HEIGHT, _WIDTH_CAP = 720, 5120
_SMALL_HEIGHT, _SMALL_WIDTH_CAP = 240, 1706


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture at both sizes, in memory: what any further encoding starts from."""

    header: Header
    large: "pyvips.Image"
    small: "pyvips.Image"

    def encoded(self, format_: str, options: Options) -> dict[str, Rendition]:
        """Both sizes in an output format; the keys are "720p" and "240p"."""
        return {"720p": encode(self.large, format_, options), "240p": encode(self.small, format_, options)}

    def described(self, renditions: Mapping[str, Rendition]) -> Rendered:
        """The facts of the picture, beside renditions of it."""
        # One squeezed copy serves all three: proportions of area stay, and waves are counted by side.
        across, down = SIDE / self.small.width, SIDE / self.small.height
        square = self.small.resize(across, vscale=down, kernel="linear", gap=1.0)
        pixels = bytes(square.write_to_memory())
        return Rendered(
            format=self.header.format,
            width=self.header.width,
            height=self.header.height,
            renditions=renditions,
            color=dominant(pixels),
            thumbhash=thumbhash(SIDE, SIDE, pixels, aspect=self.small.width / self.small.height),
            phash=phash(_gray(pixels)),
            taken=self.header.taken,
        )


def render(data: bytes, options: Options | None = None) -> Rendered:
    """The renditions and facts of one uploaded file. Raises `Refused`; any other exception is our own fault.

    "720p" and "240p" are JPEG of at most that height as the picture is seen, never enlarged, in sRGB, on
    white, and without any metadata of the source.
    """
    options = options or Options()
    picture = decode(Original(data), options)
    return picture.described(picture.encoded("jpeg", options))


def decode(original: Original, options: Options) -> Picture:
    """Judge a file and decode it once. Raises `Refused`."""
    check_size(original.size, options)
    header = read_header(original, sniff(original.slice(0, 1024)), options)
    try:
        large = _large(original, header)
        small = large.thumbnail_image(_SMALL_WIDTH_CAP, height=_SMALL_HEIGHT, size="down").copy_memory()
    except UNREADABLE as error:
        raise refused_for(error, original, header.format) from error
    return Picture(header, large, small)


def _large(original: Original, header: Header) -> "pyvips.Image":
    """The upright picture at no more than 720 lines, three bytes of sRGB a pixel, in memory."""
    if header.space and header.format in _LOADERS:
        return _from_named(original, header)
    # Without output_profile an embedded profile would be ignored; with it, a picture that has none takes a
    # detour through floating-point Lab that costs 90 ms and changes nothing.
    colour = {"output_profile": "srgb"} if header.has_profile else {}
    if header.format == "avif":
        # Not by thumbnail's own loading: it takes the file's preview for the picture.
        loaded = pyvips.Image.heifload_source(original.source(), access="sequential", fail_on="error")
        image = loaded.thumbnail_image(_WIDTH_CAP, height=_HEIGHT, size="down", **colour)
    else:
        image = pyvips.Image.thumbnail_source(
            original.source(),
            _WIDTH_CAP,
            height=_HEIGHT,
            size="down",
            # As its own argument thumbnail ignores fail_on; as an option of the loader it works.
            option_string="fail_on=error",
            **colour,
        )
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=255)
    return image.copy_memory()


def _from_named(original: Original, header: Header) -> "pyvips.Image":
    """What thumbnail makes of RGB or CMYK, with less work and no rougher a filter in front."""
    scale = max(1, header.height / _HEIGHT, header.width / _WIDTH_CAP)
    image = _LOADERS[header.format](original.source(), scale, min(header.width, header.height))
    if header.space == "cmyk":
        # Ahead of the filter: amounts of ink do not mix as light does, and 43 instead of 50 dB would be left.
        image = image.icc_transform("srgb", embedded=header.has_profile, input_profile="cmyk")
    if scale > 1:
        width, height = (max(1, int(side / scale + 0.5)) for side in (header.width, header.height))
        if header.sideways:
            width, height = height, width
        # gap=0: no box filter ahead of this one.
        image = image.resize(width / image.width, vscale=height / image.height, gap=0)
    if header.has_profile and header.space == "srgb":
        # A profile that turns out to be none after all is as good as none.
        image = image.icc_transform("srgb", embedded=True, input_profile="srgb")
    image = image.copy_memory()
    return image.autorot().copy_memory() if header.orientation > 1 else image


# Some decoders can scale by themselves, roughly; what is left to the filter is at least a factor of two, and
# of the shorter side at least a pixel.
_LOADERS: dict[str, Callable[["pyvips.Source", float, int], "pyvips.Image"]] = {
    "jpeg": lambda source, scale, shorter: pyvips.Image.jpegload_source(
        source,
        shrink=max(s for s in (1, 2, 4, 8) if s == 1 or (scale >= 2 * s and shorter >= s)),
        access="sequential",
        fail_on="error",
    ),
    "png": lambda source, *_: pyvips.Image.pngload_source(source, access="sequential", fail_on="error"),
    "webp": lambda source, scale, shorter: pyvips.Image.webpload_source(
        source, scale=min(1, max(2 / scale, 1 / shorter)), access="sequential", fail_on="error"
    ),
}


def _gray(rgb: bytes) -> bytes:
    """Luma of pixels of three bytes each (Rec. 601)."""
    pixels = zip(rgb[0::3], rgb[1::3], rgb[2::3], strict=True)
    return bytes((19595 * r + 38470 * g + 7471 * b + 32768) >> 16 for r, g, b in pixels)

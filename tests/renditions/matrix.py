"""The ways in which formats store a picture, one file each, and what becomes of that file.

`python -m tests.renditions.matrix` writes the tables of docs/formats.md: from these, and from the formats.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stockroom.renditions import SOURCE_FORMATS, ImageRejected, Options, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendering import decode
from tests.renditions.hostile.builders import iso_box, jpeg, jpeg_segment, png_chunk
from tests.renditions.images import encode, flat, photo, with_fields
from tests.renditions.rejecting import find_pixel_limit
from tooling.sections import replace_section

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
RENDERED = "rendered"
PALETTE_DELTA_E = 1.8
"""What a palette of 256 colours loses of a photograph."""


@dataclass(frozen=True)
class Variant:
    """One way to store a picture.

    `format` is the title of the format, `description` the way, `make` makes the file. `expected` makes the
    picture that has to be seen; None stands for a plain decode of the file, where its encoder has changed the
    picture. `max_delta_e` is how far from it the result may be, in the mean over all pixels (CIE ΔE 2000;
    nobody sees a difference of less than 1). `code` is that of the rejection where the file is none of an
    accepted variant.
    """

    format: str
    description: str
    make: Callable[[], bytes]
    expected: Callable[[], Any] | None = photo
    max_delta_e: float = 0.6
    code: str = ""


def _gray() -> Any:
    return photo().colourspace("b-w").colourspace("srgb")


def _cut_out() -> Any:
    """Opaque on its left half only."""
    return photo().bandjoin(flat(300, 200, 0).insert(flat(150, 200, 255), 0, 0))


def _on_white() -> Any:
    return _cut_out().flatten(background=255)


def _gray_16_bits(image: Any) -> Any:
    return image.colourspace("grey16")


def _in_space(profile: str, **options: Any) -> Any:
    return photo().icc_transform(profile, input_profile="srgb", **options)


def _cmyk_as_seen() -> Any:
    """Inks cannot show all that light can: what is left of the picture once it has been ink."""
    return _in_space("cmyk").icc_transform("srgb", embedded=True)


def _frames() -> Any:
    other = photo().fliphor()
    return with_fields(pyvips.Image.arrayjoin([photo(), other, other], across=1), page_height=200)


def _animated_png() -> bytes:
    """An image whose chunk acTL says that frames follow, none of them a part of the still picture."""
    data = photo().pngsave_buffer()
    return bytes(data[:33] + png_chunk(b"acTL", b"\0\0\0\1\0\0\0\0") + data[33:])


def _turned() -> bytes:
    return bytes(with_fields(photo().rot270(), orientation=6).jpegsave_buffer(Q=95))


def _twelve_bits() -> bytes:
    """A JPEG of 8 bits whose frame says 12: no decoder here would read on."""
    data = jpeg()
    frame = data.index(b"\xff\xc0")
    return data[:frame] + b"\xff\xc1" + data[frame + 2 : frame + 4] + b"\x0c" + data[frame + 5 :]


def _lossless() -> bytes:
    """A gray JPEG of the lossless process (ITU T.81, annex H): SOF3, each sample predicted by its left one.

    The size of a difference, in bits, is coded by five bits that hold it as a number.
    """
    image = photo().colourspace("b-w")
    samples = bytes(image.write_to_memory())
    bits = ""
    for index, sample in enumerate(samples):
        x, y = index % image.width, index // image.width
        predicted = samples[index - 1] if x else samples[index - image.width] if y else 128
        step = sample - predicted
        size = abs(step).bit_length()
        bits += f"{size:05b}" + (f"{step if step > 0 else step + (1 << size) - 1:0{size}b}" if size else "")
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
    frame = b"\x08" + struct.pack(">HH", image.height, image.width) + b"\1\1\x11\0"
    table = b"\0" + bytes((0, 0, 0, 0, 17)) + bytes(11) + bytes(range(17))
    parts = jpeg_segment(0xC3, frame) + jpeg_segment(0xC4, table) + jpeg_segment(0xDA, b"\1\1\0\1\0\0")
    return b"\xff\xd8" + parts + coded + b"\xff\xd9"


def _avif(image: Any, **options: Any) -> bytes:
    # More effort makes a smaller file, and takes eight times as long.
    return bytes(image.heifsave_buffer(compression="av1", effort=2, **options))


def _brand(brand: bytes) -> Callable[[], bytes]:
    return lambda: iso_box(b"ftyp", brand + b"\0\0\0\0" + b"mif1" + brand) + iso_box(b"meta", b"\0" * 64)


def _starting(magic: bytes) -> Callable[[], bytes]:
    return lambda: magic + b"\0" * 64


MATRIX: tuple[Variant, ...] = (
    Variant("JPEG", "baseline", lambda: photo().jpegsave_buffer(Q=95, subsample_mode="on"), expected=None),
    Variant(
        "JPEG",
        "baseline, colour at full resolution",
        lambda: photo().jpegsave_buffer(Q=95, subsample_mode="off"),
        expected=None,
    ),
    Variant(
        "JPEG",
        "with restart markers",
        lambda: photo().jpegsave_buffer(Q=95, restart_interval=4),
        expected=None,
    ),
    Variant("JPEG", "progressive", lambda: photo().jpegsave_buffer(Q=95, interlace=True), expected=None),
    Variant("JPEG", "gray", lambda: photo().colourspace("b-w").jpegsave_buffer(Q=95), expected=_gray),
    Variant("JPEG", "turned by EXIF", _turned, expected=None),
    Variant("JPEG", "Display P3 profile", lambda: _in_space("p3").jpegsave_buffer(Q=95), expected=None),
    Variant(
        "JPEG", "CMYK (Adobe), with profile", lambda: _in_space("cmyk").jpegsave_buffer(Q=95), _cmyk_as_seen
    ),
    Variant(
        "JPEG",
        "CMYK (Adobe), no profile",
        lambda: _in_space("cmyk").jpegsave_buffer(Q=95, keep="none"),
        _cmyk_as_seen,
    ),
    Variant("JPEG", "12 bits a sample", _twelve_bits, code="corrupt"),
    Variant("JPEG", "lossless coding, gray", _lossless, expected=_gray),
    Variant("PNG", "8 bits", lambda: photo().pngsave_buffer()),
    Variant("PNG", "16 bits", lambda: photo().colourspace("rgb16").pngsave_buffer()),
    Variant("PNG", "8 bits, interlaced", lambda: photo().pngsave_buffer(interlace=True)),
    Variant("PNG", "8 bits, transparent", lambda: _cut_out().pngsave_buffer(), _on_white),
    Variant(
        "PNG", "16 bits, transparent", lambda: _cut_out().colourspace("rgb16").pngsave_buffer(), _on_white
    ),
    Variant(
        "PNG", "palette", lambda: photo().pngsave_buffer(palette=True, Q=100), max_delta_e=PALETTE_DELTA_E
    ),
    Variant(
        "PNG",
        "palette, transparent",
        lambda: _cut_out().pngsave_buffer(palette=True),
        _on_white,
        PALETTE_DELTA_E,
    ),
    Variant("PNG", "gray", lambda: photo().colourspace("b-w").pngsave_buffer(), _gray),
    Variant("PNG", "gray, 16 bits", lambda: photo().colourspace("grey16").pngsave_buffer(), _gray),
    Variant(
        "PNG",
        "gray, 16 bits, transparent",
        lambda: _gray_16_bits(_cut_out()).pngsave_buffer(),
        lambda: _on_white().colourspace("b-w").colourspace("srgb"),
    ),
    Variant(
        "PNG",
        "gray, 1 bit",
        lambda: (photo().colourspace("b-w") > 127).pngsave_buffer(bitdepth=1),
        lambda: (photo().colourspace("b-w") > 127).copy(interpretation="b-w").colourspace("srgb"),
    ),
    Variant("PNG", "Display P3 profile", lambda: _in_space("p3").pngsave_buffer()),
    Variant("PNG", "Display P3 profile, 16 bits", lambda: _in_space("p3", depth=16).pngsave_buffer()),
    Variant("PNG", "animated", _animated_png),
    Variant("WebP", "lossy", lambda: photo().webpsave_buffer(Q=95), expected=None),
    Variant("WebP", "lossless", lambda: photo().webpsave_buffer(lossless=True)),
    Variant("WebP", "transparent", lambda: _cut_out().webpsave_buffer(lossless=True), _on_white),
    Variant("WebP", "animated", lambda: _frames().webpsave_buffer(lossless=True)),
    Variant("WebP", "Display P3 profile", lambda: _in_space("p3").webpsave_buffer(Q=95), expected=None),
    Variant("GIF", "still", lambda: encode(photo(), "gif"), max_delta_e=PALETTE_DELTA_E),
    Variant("GIF", "transparent", lambda: encode(_cut_out(), "gif"), _on_white, PALETTE_DELTA_E),
    Variant("GIF", "animated", lambda: encode(_frames(), "gif"), max_delta_e=PALETTE_DELTA_E),
    Variant("AVIF", "8 bits", lambda: _avif(photo(), Q=90), expected=None),
    Variant(
        "AVIF",
        "10 bits",
        lambda: _avif(photo().colourspace("rgb16"), Q=90, bitdepth=10),
        expected=None,
    ),
    Variant("AVIF", "lossless", lambda: _avif(photo(), lossless=True)),
    Variant(
        "AVIF",
        "transparent",
        lambda: _avif(_cut_out(), Q=90),
        expected=None,
    ),
    Variant("HEIC", "as phones take it", _brand(b"heic"), code="unsupported-type"),
    Variant("TIFF", "and most camera raw", _starting(b"II*\0"), code="unsupported-type"),
    Variant("SVG", "", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", code="unsupported-type"),
    Variant("PDF", "", _starting(b"%PDF-1.7"), code="unsupported-type"),
    Variant("BMP", "", _starting(b"BM"), code="unsupported-type"),
    Variant("Photoshop", "", _starting(b"8BPS"), code="unsupported-type"),
    Variant("JPEG XL", "", _starting(b"\xff\x0a"), code="unsupported-type"),
    Variant("JPEG 2000", "", _starting(b"\xff\x4f\xff\x51"), code="unsupported-type"),
)


@cache
def make_file(variant: Variant) -> bytes:
    """The file of a variant, which takes up to half a second to encode."""
    return bytes(variant.make())


@cache
def find_outcome(variant: Variant) -> tuple[str, float]:
    """RENDERED or the code of the rejection; and the mean ΔE of the pixels, before they are encoded."""
    data = make_file(variant)
    try:
        picture = decode(Original(data), Options())
    except ImageRejected as rejected:
        return rejected.code, 0.0
    expected = variant.expected() if variant.expected else decode_plainly(data)
    return RENDERED, float(picture.large.colourspace("lab").dE00(expected.colourspace("lab")).avg())


@cache
def find_limit(variant: Variant) -> str:
    """Which field of `Options` limits the pixels of a file that is rendered."""
    data = make_file(variant)
    rendered = render(data)
    return find_pixel_limit(data, rendered.width * rendered.height)


def decode_plainly(data: bytes) -> Any:
    """The file decoded as a whole by libvips: upright, in sRGB by its profile, on white."""
    image = pyvips.Image.new_from_buffer(data, "").autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True)
    image = image.colourspace("srgb")
    return image.flatten(background=255) if image.hasalpha() else image


def write_accepted() -> str:
    """The accepted formats as the page shows them."""
    lines = ["| Format | Type | Extensions | Remark |", "|---|---|---|---|"]
    for format_ in SOURCE_FORMATS:
        extensions = ", ".join(f".{extension}" for extension in format_.extensions)
        lines.append(f"| {format_.title} | `{format_.media_type}` | {extensions} | {format_.remark} |")
    return "\n".join(lines)


def write_stored() -> str:
    """The matrix as the page shows it, from what becomes of each file now."""
    lines = ["| Format | Stored | Becomes | Pixels at most |", "|---|---|---|--:|"]
    for variant in MATRIX:
        outcome, delta_e = find_outcome(variant)
        if delta_e > variant.max_delta_e:
            raise ValueError(f"{variant.format}, {variant.description}: wrong colours, ΔE {delta_e:.1f}")
        shown = outcome if outcome == RENDERED else f"rejected: `{outcome}`"
        most = f"{getattr(Options(), find_limit(variant)):,}" if outcome == RENDERED else ""
        lines.append(f"| {variant.format} | {variant.description} | {shown} | {most} |")
    return "\n".join(lines)


def write_further_limits() -> str:
    """The limits that one format has, as the page shows them."""
    lines = ["| Format | What is counted | At most |", "|---|---|--:|"]
    for format_ in SOURCE_FORMATS:
        lines += [f"| {format_.title} | {what} | {most:,} |" for what, most in format_.further_limits]
    return "\n".join(lines)


TABLES = {"accepted": write_accepted, "stored": write_stored, "further limits": write_further_limits}
"""The tables of the page, by the names in the comments around them."""


def main() -> None:
    page = PAGE.read_text()
    for name, write in TABLES.items():
        page = replace_section(page, name, write())
    PAGE.write_text(page)


if __name__ == "__main__":
    main()

"""Ways in which the formats store a picture, one file each, and what becomes of it.

`python -m tests.renditions.matrix` writes the table in docs/formats.md from it.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockroom.renditions import Options, Refused
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.pipeline import decode
from tests.renditions.hostile import box, chunk, jpeg, segment
from tests.renditions.images import encode, flat, photo, with_fields

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- stored: begin -->\n", "<!-- stored: end -->"
RENDERED = "rendered"
# What a palette loses of a photograph.
PALETTE = 1.8


@dataclass(frozen=True)
class Stored:
    """One way to store a picture.

    `shows` is what has to be seen, None for what a plain decode of the file gives, where its encoder has lost
    something; `delta_e` how far from it at most, in the mean over all pixels (CIE ΔE 2000, of which nobody
    sees less than 1); `refused` is the code where it is none.
    """

    format: str
    how: str
    make: Callable[[], bytes]
    shows: Callable[[], Any] | None = photo
    delta_e: float = 0.6
    refused: str = ""


def _gray() -> Any:
    return photo().colourspace("b-w").colourspace("srgb")


def _cut_out() -> Any:
    """Opaque on its left half only."""
    return photo().bandjoin(flat(300, 200, 0).insert(flat(150, 200, 255), 0, 0))


def _on_white() -> Any:
    return _cut_out().flatten(background=255)


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
    return bytes(data[:33] + chunk(b"acTL", b"\0\0\0\1\0\0\0\0") + data[33:])


def _turned() -> bytes:
    return bytes(with_fields(photo().rot270(), orientation=6).jpegsave_buffer(Q=95))


def _twelve_bits() -> bytes:
    """A JPEG of 8 bits whose frame says 12: no decoder here would read on."""
    data = jpeg()
    at = data.index(b"\xff\xc0")
    return data[:at] + b"\xff\xc1" + data[at + 2 : at + 4] + b"\x0c" + data[at + 5 :]


def _lossless() -> bytes:
    """A gray JPEG of the lossless process (ITU T.81, annex H): SOF3, each sample predicted by its left one.

    A category of differences has a code of five bits, its own number.
    """
    image = photo().colourspace("b-w")
    samples = bytes(image.write_to_memory())
    bits = ""
    for at, sample in enumerate(samples):
        x, y = at % image.width, at // image.width
        before = samples[at - 1] if x else samples[at - image.width] if y else 128
        step = sample - before
        size = abs(step).bit_length()
        bits += f"{size:05b}" + (f"{step if step > 0 else step + (1 << size) - 1:0{size}b}" if size else "")
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
    frame = b"\x08" + struct.pack(">HH", image.height, image.width) + b"\1\1\x11\0"
    table = b"\0" + bytes((0, 0, 0, 0, 17)) + bytes(11) + bytes(range(17))
    parts = segment(0xC3, frame) + segment(0xC4, table) + segment(0xDA, b"\1\1\0\1\0\0")
    return b"\xff\xd8" + parts + coded + b"\xff\xd9"


def _brand(brand: bytes) -> Callable[[], bytes]:
    return lambda: box(b"ftyp", brand + b"\0\0\0\0" + b"mif1" + brand) + box(b"meta", b"\0" * 64)


def _starting(magic: bytes) -> Callable[[], bytes]:
    return lambda: magic + b"\0" * 64


MATRIX: tuple[Stored, ...] = (
    Stored("JPEG", "baseline", lambda: photo().jpegsave_buffer(Q=95, subsample_mode="on"), shows=None),
    Stored(
        "JPEG",
        "baseline, colour at full resolution",
        lambda: photo().jpegsave_buffer(Q=95, subsample_mode="off"),
        shows=None,
    ),
    Stored(
        "JPEG",
        "with restart markers",
        lambda: photo().jpegsave_buffer(Q=95, restart_interval=4),
        shows=None,
    ),
    Stored("JPEG", "progressive", lambda: photo().jpegsave_buffer(Q=95, interlace=True), shows=None),
    Stored("JPEG", "gray", lambda: photo().colourspace("b-w").jpegsave_buffer(Q=95), shows=_gray),
    Stored("JPEG", "turned by EXIF", _turned, shows=None),
    Stored("JPEG", "Display P3 profile", lambda: _in_space("p3").jpegsave_buffer(Q=95), shows=None),
    Stored(
        "JPEG", "CMYK (Adobe), with profile", lambda: _in_space("cmyk").jpegsave_buffer(Q=95), _cmyk_as_seen
    ),
    Stored(
        "JPEG",
        "CMYK (Adobe), no profile",
        lambda: _in_space("cmyk").jpegsave_buffer(Q=95, keep="none"),
        _cmyk_as_seen,
    ),
    Stored("JPEG", "12 bits a sample", _twelve_bits, refused="corrupt"),
    Stored("JPEG", "lossless coding, gray", _lossless, shows=_gray),
    Stored("PNG", "8 bits", lambda: photo().pngsave_buffer()),
    Stored("PNG", "16 bits", lambda: photo().colourspace("rgb16").pngsave_buffer()),
    Stored("PNG", "8 bits, interlaced", lambda: photo().pngsave_buffer(interlace=True)),
    Stored("PNG", "8 bits, transparent", lambda: _cut_out().pngsave_buffer(), _on_white),
    Stored(
        "PNG", "16 bits, transparent", lambda: _cut_out().colourspace("rgb16").pngsave_buffer(), _on_white
    ),
    Stored("PNG", "palette", lambda: photo().pngsave_buffer(palette=True, Q=100), delta_e=PALETTE),
    Stored(
        "PNG", "palette, transparent", lambda: _cut_out().pngsave_buffer(palette=True), _on_white, PALETTE
    ),
    Stored("PNG", "gray", lambda: photo().colourspace("b-w").pngsave_buffer(), _gray),
    Stored("PNG", "gray, 16 bits", lambda: photo().colourspace("grey16").pngsave_buffer(), _gray),
    Stored(
        "PNG",
        "gray, 1 bit",
        lambda: (photo().colourspace("b-w") > 127).pngsave_buffer(bitdepth=1),
        lambda: (photo().colourspace("b-w") > 127).copy(interpretation="b-w").colourspace("srgb"),
    ),
    Stored("PNG", "Display P3 profile", lambda: _in_space("p3").pngsave_buffer()),
    Stored("PNG", "Display P3 profile, 16 bits", lambda: _in_space("p3", depth=16).pngsave_buffer()),
    Stored("PNG", "animated", _animated_png),
    Stored("WebP", "lossy", lambda: photo().webpsave_buffer(Q=95), shows=None),
    Stored("WebP", "lossless", lambda: photo().webpsave_buffer(lossless=True)),
    Stored("WebP", "transparent", lambda: _cut_out().webpsave_buffer(lossless=True), _on_white),
    Stored("WebP", "animated", lambda: _frames().webpsave_buffer(lossless=True)),
    Stored("WebP", "Display P3 profile", lambda: _in_space("p3").webpsave_buffer(Q=95), shows=None),
    Stored("GIF", "still", lambda: encode(photo(), "gif"), delta_e=PALETTE),
    Stored("GIF", "transparent", lambda: encode(_cut_out(), "gif"), _on_white, PALETTE),
    Stored("GIF", "animated", lambda: encode(_frames(), "gif"), delta_e=PALETTE),
    Stored("AVIF", "8 bits", lambda: photo().heifsave_buffer(compression="av1", Q=90), shows=None),
    Stored(
        "AVIF",
        "10 bits",
        lambda: photo().colourspace("rgb16").heifsave_buffer(compression="av1", Q=90, bitdepth=10),
        shows=None,
    ),
    Stored("AVIF", "lossless", lambda: photo().heifsave_buffer(compression="av1", lossless=True)),
    Stored(
        "AVIF",
        "transparent",
        lambda: _cut_out().heifsave_buffer(compression="av1", Q=90),
        shows=None,
    ),
    Stored("HEIC", "as phones take it", _brand(b"heic"), refused="unsupported-type"),
    Stored("TIFF", "and most camera raw", _starting(b"II*\0"), refused="unsupported-type"),
    Stored("SVG", "", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", refused="unsupported-type"),
    Stored("PDF", "", _starting(b"%PDF-1.7"), refused="unsupported-type"),
    Stored("BMP", "", _starting(b"BM"), refused="unsupported-type"),
    Stored("Photoshop", "", _starting(b"8BPS"), refused="unsupported-type"),
    Stored("JPEG XL", "", _starting(b"\xff\x0a"), refused="unsupported-type"),
    Stored("JPEG 2000", "", _starting(b"\xff\x4f\xff\x51"), refused="unsupported-type"),
)


def outcome(stored: Stored) -> tuple[str, float]:
    """RENDERED or the code of the refusal; and the mean ΔE of the pixels, before they are encoded."""
    data = stored.make()
    try:
        picture = decode(Original(data), Options())
    except Refused as refused:
        return refused.code, 0.0
    wanted = stored.shows() if stored.shows else plain(data)
    return RENDERED, float(picture.large.colourspace("lab").dE00(wanted.colourspace("lab")).avg())


def plain(data: bytes) -> Any:
    """A file decoded as a whole, upright, by its profile in sRGB, on white: without any of our own steps."""
    image = pyvips.Image.new_from_buffer(data, "").autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True)
    image = image.colourspace("srgb")
    return image.flatten(background=255) if image.hasalpha() else image


def table() -> str:
    """The matrix as the page shows it, with what became of each file just now."""
    lines = ["| Format | Stored | Becomes |", "|---|---|---|"]
    for stored in MATRIX:
        end, off = outcome(stored)
        if off > stored.delta_e:
            raise ValueError(f"{stored.format}, {stored.how}: wrong colours, ΔE {off:.1f}")
        lines.append(
            f"| {stored.format} | {stored.how} | {end if end == RENDERED else f'refused: `{end}`'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    before, rest = PAGE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}")


if __name__ == "__main__":
    main()

"""Real image files for the tests, made by libvips, or byte by byte where no encoder would make them."""

import functools
import os
import struct
import zlib
from pathlib import Path
from typing import Any

from stockroom.renditions import Rendered
from stockroom.renditions.libvips import pyvips
from tooling import ROOT
from tooling.digests import digest

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 40), (20, 40, 200), (230, 220, 30)
DATA = Path(__file__).parent / "data"
# Of what encodes.
VERSIONS = ROOT / "requirements-dev.txt"
Vips = Any


@functools.cache
def photo_bytes() -> bytes:
    """A photograph of 1800 by 1200 pixels, JPEG without metadata."""
    return (DATA / "casa-mila.jpg").read_bytes()


@functools.cache
def photo_of(format_: str, width: int = 300, height: int = 200) -> bytes:
    """The photograph, squeezed to these sides, as a file of a source format."""
    return encode(photo(width, height), format_)


@functools.cache
def photo(width: int = 300, height: int = 200) -> Vips:
    """The photograph, squeezed to these sides."""
    shrunk = pyvips.Image.thumbnail_buffer(photo_bytes(), width, height=height, size="force")
    return shrunk.copy_memory()


def flat(width: int, height: int, *color: int) -> Vips:
    """A picture of one colour: one band gray, three sRGB, four with alpha."""
    bands = pyvips.Image.black(width, height, bands=len(color)) + list(color)
    return bands.cast("uchar").copy(interpretation="b-w" if len(color) < 3 else "srgb")


def with_fields(image: Vips, **fields: str | int | bytes) -> Vips:
    """A copy that carries metadata; underscores in names stand for hyphens."""
    copy = image.copy()
    for name, value in fields.items():
        kind = {str: pyvips.GValue.gstr_type, int: pyvips.GValue.gint_type, bytes: pyvips.GValue.blob_type}
        copy.set_type(kind[type(value)], name.replace("_", "-"), value)
    return copy


def encode(image: Vips, format_: str) -> bytes:
    """The image as a file of a source format, by its name."""
    if format_ == "avif":
        return bytes(image.heifsave_buffer(compression="av1", effort=0))
    if format_ == "gif":
        return bytes(image.gifsave_buffer(effort=1))
    if format_ == "webp":
        return bytes(image.webpsave_buffer(effort=1, exact=True))
    return bytes(getattr(image, f"{format_}save_buffer")())


def encode_flat(format_: str, width: int, height: int, *color: int) -> bytes:
    """A picture of one colour as a file of a source format. Large ones take a second, so build/ keeps it."""
    key = digest([Path(__file__), VERSIONS], format_, repr((width, height, color)))
    kept = ROOT / "build" / "pictures" / key
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        scratch = kept.with_suffix(f".{os.getpid()}")
        scratch.write_bytes(encode(flat(width, height, *color), format_))
        scratch.rename(kept)
    return kept.read_bytes()


def png(
    width: int, height: int, rows: bytes, *, interlace: int = 0, depth: int = 8, color_type: int = 2
) -> bytes:
    """A PNG written by hand: its header may say what its data do not hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def pixel(data: bytes, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place given in parts of width and height."""
    image = pyvips.Image.new_from_buffer(data, "")
    return tuple(round(v) for v in image.getpoint(int(x * image.width), int(y * image.height)))


def close(a: tuple[int, ...], b: tuple[int, ...], by: int = 12) -> bool:
    """Whether two colours differ by at most so much in each channel."""
    return len(a) == len(b) and all(abs(x - y) <= by for x, y in zip(a, b, strict=True))


def hash_distance(a: int, b: int) -> int:
    """How many of the 64 bits of two perceptual hashes differ."""
    return (a ^ b).bit_count()


def jpeg_markers(data: bytes) -> list[int]:
    """The second bytes of a JPEG's segment markers up to its first scan."""
    markers, position = [], 2
    while data[position] == 0xFF and data[position + 1] != 0xDA:
        markers.append(data[position + 1])
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return markers


def corners(data: bytes) -> list[tuple[int, ...]]:
    """The colours in the middle of its four quarters, row by row."""
    return [pixel(data, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]


def quadrants(width: int = 320, height: int = 200) -> Vips:
    """A picture whose quarters are red and green, blue and yellow."""
    tiles = [flat(width // 2, height // 2, *color) for color in (RED, GREEN, BLUE, YELLOW)]
    return pyvips.Image.arrayjoin(tiles, across=2)


def rendition_sides(rendered: Rendered) -> dict[str, tuple[int, int]]:
    """Width and height of each rendition, by its name."""
    return {name: (r.width, r.height) for name, r in rendered.renditions.items()}

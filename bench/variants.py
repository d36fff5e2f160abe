"""Pictures by which the detection of near duplicates is measured: photographs, their variants, and others.

Everything is made by libvips from the photographs of the repository and from a seed, so that it is the same
in every run.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from stockroom.images.looks import Looks
from stockroom.renditions import Options
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.rendering import decode

ROOT = Path(__file__).resolve().parents[1]
PHOTOGRAPHS = [
    *sorted((ROOT / "samples").glob("*.jpg")),
    ROOT / "tests" / "renditions" / "data" / "ocean-waves.jpg",
]
LONGEST = 1600
FRAMES = 4
Vips = Any


class Made(NamedTuple):
    """A picture that was made: of which subject, what was done to it, and how it looks."""

    subject: str
    kind: str
    looks: Looks


def open_photograph(path: Path, longest: int = LONGEST) -> Vips:
    """A photograph, reduced."""
    return pyvips.Image.thumbnail(str(path), longest, height=longest, size="down").copy_memory()


def cut_tiles(image: Vips, across: int = 3) -> Iterator[Vips]:
    """Parts of a photograph that do not overlap: unlike pictures of one kind, of one light and one colour."""
    width, height = image.width // across, image.height // across
    for n in range(across * across):
        yield image.crop(n % across * width, n // across * height, width, height).copy_memory()


def crop(image: Vips, left: float, top: float, right: float, bottom: float) -> Vips:
    """The image without these shares of its sides."""
    x, y = round(image.width * left), round(image.height * top)
    width, height = round(image.width * (1 - left - right)), round(image.height * (1 - top - bottom))
    return image.crop(x, y, min(width, image.width - x), min(height, image.height - y))


def shoot(image: Vips, rng: random.Random, *, shift: float, degrees: float, exposure: float) -> Vips:
    """A frame of a burst: the camera has moved by up to `shift` of the sides, and has turned.

    The exposure differs, something in the picture has moved, and the sensor has a noise of its own. All
    frames leave out a margin, into which the camera can move.
    """
    margin = 0.05
    width, height = (round(side * (1 - 2 * margin)) for side in (image.width, image.height))
    turned = image.similarity(angle=rng.uniform(-degrees, degrees))
    x = round((turned.width - width) / 2 + rng.uniform(-shift, shift) * image.width)
    y = round((turned.height - height) / 2 + rng.uniform(-shift, shift) * image.height)
    frame = turned.crop(max(0, x), max(0, y), width, height)
    frame = (frame * (1 + rng.uniform(-exposure, exposure))).cast("uchar").copy(interpretation="srgb")
    side = round(height * 0.12)
    moved = [rng.randrange(length - side) for length in (width, height, width, height)]
    near = [
        min(max(start + round(0.2 * (to - start)), 0), length - side)
        for start, to, length in zip(moved[:2], moved[2:], (width, height), strict=True)
    ]
    frame = frame.insert(frame.crop(*moved[:2], side, side), *near)
    return add_noise(frame, 3, rng.randrange(1 << 20))


def add_noise(image: Vips, sigma: float, seed: int) -> Vips:
    """The image with Gaussian noise."""
    noise = pyvips.Image.gaussnoise(image.width, image.height, mean=0, sigma=sigma, seed=seed)
    return (image + noise).cast("uchar").copy(interpretation="srgb")


def make_variants(image: Vips, rng: random.Random) -> Iterator[tuple[str, Vips, int]]:
    """What people make of a picture: what was done, the result, and the quality of its JPEG."""
    yield "saved at Q50", image, 50
    yield "saved at Q20", image, 20
    yield "half as large", image.resize(0.5), 88
    yield "a quarter as large", image.resize(0.25), 88
    for percent in (2, 4, 6, 10):
        share = percent / 200
        yield f"{percent} % cropped, around", crop(image, share, share, share, share), 88
    for percent in (2, 4, 6, 10):
        yield f"{percent} % cropped, on one side", crop(image, percent / 100, 0, 0, 0), 88
    for _ in range(FRAMES):
        yield "up to 5 % cropped on each side", crop(image, *(rng.uniform(0, 0.05) for _ in range(4))), 88
    yield "lighter", (image * 1.1 + 8).cast("uchar").copy(interpretation="srgb"), 88
    yield "gamma 1.25", image.gamma(exponent=1 / 1.25), 88
    saturated = (image.colourspace("lch") * [1, 1.25, 1]).copy(interpretation="lch")
    yield "more saturated", saturated.colourspace("srgb"), 88
    yield "warmer", (image * [1.06, 1, 0.94]).cast("uchar").copy(interpretation="srgb"), 88
    yield "noise", add_noise(image, 10, 7), 88
    yield "black and white", image.colourspace("b-w").colourspace("srgb"), 88
    border = round(0.02 * image.width)
    width, height = image.width + 2 * border, image.height + 2 * border
    for color in ("white", "black"):
        yield f"a {color} border of 2 %", image.embed(border, border, width, height, extend=color), 88


BURSTS = {
    "burst, on a tripod": {"shift": 0.004, "degrees": 0.2, "exposure": 0.01},
    "burst, held in the hand": {"shift": 0.015, "degrees": 0.8, "exposure": 0.03},
    "burst, of a moving camera": {"shift": 0.03, "degrees": 1.5, "exposure": 0.05},
}


def make_frames(image: Vips, rng: random.Random) -> Iterator[tuple[str, Vips]]:
    """The frames of each kind of burst."""
    for kind, options in BURSTS.items():
        for _ in range(FRAMES):
            yield kind, shoot(image, rng, **options)


def make_page(seed: int) -> Vips:
    """A page of print: lines of words on white. All pages have the same margins."""
    rng = random.Random(seed)
    width, height = 850, 1100
    blank = b"\xff" * width
    rows = [blank] * height
    for line in range(110, 980, 22):
        row, x = bytearray(blank), 90
        while x < 740:
            length = min(rng.randrange(15, 90), 760 - x)
            row[x : x + length] = bytes(length)
            x += length + 10
        rows[line : line + 10] = [bytes(row)] * 10
    gray = pyvips.Image.new_from_memory(b"".join(rows), width, height, 1, "uchar")
    return gray.bandjoin([gray, gray]).copy(interpretation="srgb")


def look(image: Vips, number: int, quality: int = 90) -> Looks:
    """How an image looks once it is uploaded as a JPEG."""
    picture = decode(Original(bytes(image.jpegsave_buffer(Q=quality))), Options())
    facts = picture.derive_facts({})
    return Looks(number, 1, facts.width, facts.height, facts.phash, facts.thumbhash, facts.pixel_hash)

"""The files that renditions are measured on: photographs of a camera's sizes, in each format.

A camera's picture is put together from the sample photographs at their own sharpness, with a sensor's noise,
so that it is as hard to decode, and its detail as hard to keep, as a real one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stockroom.renditions.libvips import pyvips

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench" / "photographs"
# Sides as cameras have them, and how many samples across and down.
SIZES = {"12": (4032, 3024, 3, 3), "24": (6000, 4000, 4, 3), "50": (8688, 5792, 6, 5)}


def _photograph(name: str) -> Any:
    width, height, across, down = SIZES[name]
    samples = sorted((ROOT / "samples").glob("*.jpg"))
    tiles = [
        pyvips.Image.thumbnail(
            str(samples[n % len(samples)]), -(-width // across), height=-(-height // down), crop="centre"
        )
        for n in range(across * down)
    ]
    joined = pyvips.Image.arrayjoin(tiles, across=across).crop(0, 0, width, height)
    noise = pyvips.Image.gaussnoise(width, height, mean=0, sigma=2, seed=1)
    return (joined + noise).cast("uchar").copy(interpretation="srgb").copy_memory()


def _in_space(image: Any, profile: str) -> Any:
    return image.icc_transform(profile, input_profile="srgb")


WRITERS: dict[str, tuple[str, Callable[[Any, str], None]]] = {
    "12 MP JPEG": ("12", lambda i, to: i.jpegsave(to, Q=90)),
    "24 MP JPEG": ("24", lambda i, to: i.jpegsave(to, Q=90)),
    "50 MP JPEG": ("50", lambda i, to: i.jpegsave(to, Q=90)),
    "12 MP JPEG, Display P3": ("12", lambda i, to: _in_space(i, "p3").jpegsave(to, Q=90)),
    "12 MP JPEG, progressive": ("12", lambda i, to: i.jpegsave(to, Q=90, interlace=True)),
    "12 MP JPEG, CMYK": ("12", lambda i, to: _in_space(i, "cmyk").jpegsave(to, Q=90)),
    "12 MP PNG": ("12", lambda i, to: i.pngsave(to, compression=6)),
    "12 MP WebP": ("12", lambda i, to: i.webpsave(to, Q=85, effort=2)),
}


def pixels(path: Path) -> dict[str, Path]:
    """Raw renditions of a photograph, for whoever only encodes them: files called NAME-WIDTHxHEIGHT.rgb."""
    folder = path.with_suffix(".pixels")
    if not folder.exists():
        partial = path.with_suffix(".pixels.part")
        partial.mkdir(exist_ok=True)
        large = pyvips.Image.thumbnail(str(path), 5120, height=720, size="down", output_profile="srgb")
        large = (large.flatten(background=255) if large.hasalpha() else large).copy_memory()
        for name, image in (("720p", large), ("240p", large.thumbnail_image(1706, height=240))):
            file = partial / f"{name}-{image.width}x{image.height}.rgb"
            file.write_bytes(bytes(image.write_to_memory()))
        partial.rename(folder)
    return {file.name.partition("-")[0]: file for file in folder.iterdir()}


def ensure() -> dict[str, Path]:
    """All files by their titles; those that are missing are made, which takes half a minute."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made: dict[str, Any] = {}
    files = {}
    for title, (size, write) in WRITERS.items():
        suffix = ".jpg" if "JPEG" in title else "." + title.rsplit(" ", 1)[1].lower()
        path = FOLDER / (title.lower().replace(",", "").replace(" ", "-") + suffix)
        if not path.exists():
            if size not in made:
                made[size] = _photograph(size)
            partial = path.with_suffix(".part" + suffix)
            write(made[size], str(partial))
            partial.rename(path)
        pixels(path)
        files[title] = path
    return files

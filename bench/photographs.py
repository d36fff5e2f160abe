"""The files on which renditions are measured: photographs as large as a camera's, in each source format.

Each photograph is put together from the sample photographs at their own sharpness, with a sensor's noise,
so that it is as hard to decode, and its detail as hard to preserve, as a photograph from a camera.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stockroom.renditions.libvips import pyvips

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench" / "photographs"
# Width and height, and how many samples across and down. 4K and 8K have three and six times 720 lines: the
# fewest that the decoder of a JPEG may divide by two and by four.
SIZES = {
    "12 MP": (4032, 3024, 3, 3),
    "24 MP": (6000, 4000, 4, 3),
    "50 MP": (8688, 5792, 6, 5),
    "4K": (3840, 2160, 2, 2),
    "8K": (7680, 4320, 4, 4),
}


def _make_photograph(size: str) -> Any:
    width, height, across, down = SIZES[size]
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


def _convert(image: Any, profile: str) -> Any:
    return image.icc_transform(profile, input_profile="srgb")


# By title: which photograph, and how it is saved.
WRITERS: dict[str, tuple[str, Callable[[Any, str], None]]] = {
    "12 MP JPEG": ("12 MP", lambda image, path: image.jpegsave(path, Q=90)),
    "24 MP JPEG": ("24 MP", lambda image, path: image.jpegsave(path, Q=90)),
    "50 MP JPEG": ("50 MP", lambda image, path: image.jpegsave(path, Q=90)),
    "4K JPEG": ("4K", lambda image, path: image.jpegsave(path, Q=90)),
    "8K JPEG": ("8K", lambda image, path: image.jpegsave(path, Q=90)),
    "12 MP JPEG, Display P3": ("12 MP", lambda image, path: _convert(image, "p3").jpegsave(path, Q=90)),
    "12 MP JPEG, progressive": ("12 MP", lambda image, path: image.jpegsave(path, Q=90, interlace=True)),
    "12 MP JPEG, CMYK": ("12 MP", lambda image, path: _convert(image, "cmyk").jpegsave(path, Q=90)),
    "12 MP PNG": ("12 MP", lambda image, path: image.pngsave(path, compression=6)),
    "12 MP WebP": ("12 MP", lambda image, path: image.webpsave(path, Q=85, effort=2)),
    "4K WebP": ("4K", lambda image, path: image.webpsave(path, Q=85, effort=2)),
    "8K WebP": ("8K", lambda image, path: image.webpsave(path, Q=85, effort=2)),
}


def ensure_pixels(path: Path) -> dict[str, Path]:
    """The raw renditions of a photograph by their names, for candidates that only encode them: files called
    NAME-WIDTHxHEIGHT.rgb. They are made if they are missing."""
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


def ensure_photographs() -> dict[str, Path]:
    """All files by their titles. Those that are missing are made, which takes half a minute in all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made: dict[str, Any] = {}
    files = {}
    for title, (size, write) in WRITERS.items():
        suffix = ".jpg" if "JPEG" in title else "." + title.rsplit(" ", 1)[1].lower()
        path = FOLDER / (title.lower().replace(",", "").replace(" ", "-") + suffix)
        if not path.exists():
            if size not in made:
                made[size] = _make_photograph(size)
            partial = path.with_suffix(".part" + suffix)
            write(made[size], str(partial))
            partial.rename(path)
        ensure_pixels(path)
        files[title] = path
    return files

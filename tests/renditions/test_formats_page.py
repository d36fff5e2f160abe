"""docs/formats.md says what the code does."""

import re
from pathlib import Path

from stockroom.renditions import REJECTION_CODES, Options, exif
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.renditions.sandbox.decoder import CPU_SECONDS

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its first two lines."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_formats_of_renditions() -> None:
    assert [cells[:3] for cells in rows("Formats of renditions")] == [
        [f"`{f.name}`", f"`{f.media_type}`", f".{f.extension}"] for f in OUTPUT_FORMATS.values()
    ]


def test_the_limits() -> None:
    defaults = Options()
    numbers = [int(re.sub(r"\D", "", cells[1])) for cells in rows("Limits")]
    assert numbers == [
        defaults.max_pixels,
        defaults.max_pixels_in_memory,
        defaults.max_pixels_avif,
        defaults.max_side,
        defaults.max_metadata,
        defaults.max_parts,
        exif.MAX_ENTRIES,
        exif.MAX_POINTERS,
        defaults.max_frames,
        defaults.max_scans,
        defaults.max_scanned_pixels,
        defaults.max_bytes,
    ]


def test_the_processor_time() -> None:
    """The worker is ended by this limit (`test_a_file_that_takes_too_long`), whatever it is decoding."""
    assert f"more than {CPU_SECONDS:g} seconds of processor time" in PAGE
    assert f"may take {CPU_SECONDS:g} seconds of processor time" in PAGE
    assert max(float(cells[1]) for cells in rows("Processor time")) < CPU_SECONDS


def test_the_rejections() -> None:
    assert [cells[0] for cells in rows("Rejections")] == [f"`{code}`" for code in REJECTION_CODES]

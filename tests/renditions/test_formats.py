"""The list of formats, its promise not to load libvips, and the page that documents it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from stockroom import renditions
from stockroom.renditions import FORMATS, Options
from stockroom.renditions.refused import CODES
from tests.renditions.images import encode, photo

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()


def test_importing_the_package_does_not_load_libvips() -> None:
    program = "import sys, stockroom.renditions; sys.exit('pyvips' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        renditions.nothing  # noqa: B018


def test_every_format_is_sniffed_by_its_name() -> None:
    for format_ in FORMATS:
        assert renditions.render(encode(photo(), format_.name)).format == format_.name


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its first two lines."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_page_lists_the_accepted_formats() -> None:
    expected = [
        [f.title, f"`{f.media_type}`", ", ".join(f".{e}" for e in f.extensions), f.remark] for f in FORMATS
    ]
    assert rows("Accepted") == expected


def test_the_page_lists_the_limits() -> None:
    defaults = Options()
    numbers = [int(re.sub(r"\D", "", cells[1])) for cells in rows("Limits")]
    assert numbers == [
        defaults.max_pixels,
        defaults.max_pixels_held,
        defaults.max_pixels_avif,
        defaults.max_side,
        defaults.max_metadata,
        defaults.max_parts,
        defaults.max_frames,
        defaults.max_scans,
        defaults.max_bytes,
    ]


def test_the_page_lists_the_codes() -> None:
    assert [cells[0] for cells in rows("Refusals")] == [f"`{code}`" for code in CODES]

"""Tables of figures, and the page they are kept on. Each benchmark writes between its own two marks."""

from collections.abc import Sequence
from pathlib import Path

from tooling import sections

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; figures are aligned to the right."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def replace_section(name: str, text: str) -> None:
    """Put text between the marks of a section. ValueError when the page does not have them."""
    PAGE.write_text(sections.replace_section(PAGE.read_text(), name, text))

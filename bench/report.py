"""Tables of figures, and the page they are kept on. Each benchmark writes between its own two marks."""

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; figures are aligned to the right."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def replace_section(name: str, text: str) -> None:
    """Put text between the marks of a section. ValueError when the page does not have them."""
    page = PAGE.read_text()
    begin, end = (f"<!-- {name}: {which} -->" for which in ("begin", "end"))
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{PAGE.name} has no section {name}")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")

"""Sections of a page of the docs that programs write, between two comments with the section's name."""

from typing import NamedTuple


class Split(NamedTuple):
    """A page: up to a section, with its first mark; the section; the rest, with its last mark."""

    before: str
    section: str
    after: str


def split_page(page: str, name: str) -> Split:
    """Where a section is on a page. Raises ValueError when the page does not have the section's marks."""
    begin, end = (f"<!-- {name}: {which} -->" for which in ("begin", "end"))
    before, begun, rest = page.partition(f"{begin}\n")
    section, ended, after = rest.partition(f"\n{end}")
    if not (begun and ended):
        raise ValueError(f"the page has no section {name}")
    return Split(before + begun, section, ended + after)


def replace_section(page: str, name: str, text: str) -> str:
    """The page with another text in a section. Raises ValueError when the page does not have it."""
    before, _, after = split_page(page, name)
    return before + text + after

"""What a picture is found by: its terms, and the surface forms that lead to them."""

from dataclasses import dataclass

from stockroom.search import color as palette
from stockroom.search.folding import fold
from stockroom.search.text import TERM_BYTES, cut, tag_term, tokens

EVERYTHING = "*"
"""The term of every picture: the front page, and searches by date alone."""


def orientation(width: int, height: int) -> str:
    """`landscape`, `portrait` or `square`."""
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


def filter_term(kind: str, value: str) -> str:
    """`orientation:portrait` and the like: a colon never occurs in a word."""
    return cut(f"{kind}:{value}")


@dataclass(frozen=True, kw_only=True)
class Document:
    """One picture as the index sees it.

    `tags` are the explicit ones and the hashtags together; `color` is `#rrggbb`; `owner` is public.
    """

    name: str
    description: str
    tags: tuple[str, ...] = ()
    orientation: str = ""
    color: str = ""
    owner: str = ""
    license: str = ""

    def terms(self) -> list[str]:
        """Every term of the picture, sorted, each once."""
        found = {EVERYTHING}
        for text in self._texts():
            for token in tokens(text):
                found.update(token.index_terms())
        found.update(tag_term(name) for name in self.tags)
        if self.orientation:
            found.add(filter_term("orientation", self.orientation))
        if self.color:
            found.add(filter_term("color", palette.name(self.color)))
        if self.owner:
            found.add(filter_term("owner", self.owner))
        if self.license:
            found.add(filter_term("license", self.license))
        return sorted(found)

    def surfaces(self) -> list[tuple[bytes, str]]:
        """(surface form, term), sorted, each once: of words, and of tags as they are shown."""
        found = {
            (form.encode(), term)
            for text in self._texts()
            for token in tokens(text)
            for form, term in token.surfaces()
        }
        found.update((tag_surface(name), tag_term(name)) for name in self.tags)
        return sorted(found)

    def _texts(self) -> tuple[str, ...]:
        return (self.name, self.description, *self.tags)


def tag_surface(name: str) -> bytes:
    """`#ete` and, behind a NUL, `été` where the folded form is not what is shown."""
    folded = tag_term(name).encode()
    shown = name.encode()
    if folded[1:] == shown or len(folded) + 1 + len(shown) > TERM_BYTES:
        return folded
    return folded + b"\0" + shown


def shown_tag(surface: bytes) -> str:
    """The tag behind a surface made by `tag_surface`."""
    folded, _, shown = surface.partition(b"\0")
    return (shown or folded[1:]).decode("utf-8", "replace")


def prefix_range(prefix: str) -> tuple[bytes, bytes]:
    """The surfaces that begin with `prefix`: from the first, inclusive, to the second, exclusive."""
    start = fold(prefix).encode()
    return start, start + b"\xff"

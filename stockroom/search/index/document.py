"""What a picture is found by: its terms, and the surface forms that lead to them."""

from dataclasses import dataclass

from stockroom.analysis import colors as palette
from stockroom.analysis.folding import fold
from stockroom.analysis.tokens import TERM_BYTES, cut, tag_term, tokens
from stockroom.images.picture import Metadata, Picture, orientation

EVERYTHING = "*"
"""The term of every picture: the front page, and searches by date alone."""

SATURATION = 1.2  # BM25's k1: how soon a repeated word stops counting
LENGTH = 0.75  # BM25's b: how much a long text counts against a picture
ORDINARY_LENGTH = 16  # words of name, description and tags together, as they are worth
NAME_WORTH = 1.5
TAG_WORTH = 2.0  # a tag is a word somebody chose


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

    def entries(self) -> dict[str, int]:
        """Every term of the picture and how much the picture says of it, 0 to 255.

        The weight of a word is BM25's, for a text of ordinary length: it grows with the mentions, ever less,
        and shrinks with the length of all that is said. What every picture has, and filters, weigh nothing.
        """
        counts: dict[str, float] = {}
        length = 0.0
        for text, worth in self._texts():
            for token in tokens(text):
                length += worth
                for term in set(token.index_terms()):
                    counts[term] = counts.get(term, 0) + worth
        damping = SATURATION * (1 - LENGTH + LENGTH * length / ORDINARY_LENGTH)
        found = {term: max(round(255 * count / (count + damping)), 1) for term, count in counts.items()}
        for name in self.tags:
            found[tag_term(name)] = max(round(255 * TAG_WORTH / (TAG_WORTH + damping)), 1)
        return found | dict.fromkeys(self._filters(), 0)

    def terms(self) -> list[str]:
        """Every term of the picture, sorted, each once."""
        return sorted(self.entries())

    def surfaces(self) -> list[tuple[bytes, str]]:
        """(surface form, term), sorted, each once: of words, and of tags as they are shown."""
        found = {pair for text, _ in self._texts() for token in tokens(text) for pair in token.surfaces()}
        found.update((tag_surface(name), tag_term(name)) for name in self.tags)
        return sorted(found)

    def _texts(self) -> list[tuple[str, float]]:
        """What can be read, and what a mention there is worth."""
        tags = ((name, TAG_WORTH) for name in self.tags)
        return [(self.name, NAME_WORTH), (self.description, 1.0), *tags]

    def _filters(self) -> list[str]:
        found = [EVERYTHING]
        if self.orientation:
            found.append(filter_term("orientation", self.orientation))
        if self.color:
            found.append(filter_term("color", palette.name(self.color)))
        if self.owner:
            found.append(owner_term(self.owner))
        if self.license:
            found.append(filter_term("license", self.license))
        return found


def build_document(picture: Picture) -> Document:
    """A picture as the index sees it."""
    return describe(picture.metadata, picture.width, picture.height, picture.color, picture.owner_name)


def describe(metadata: Metadata, width: int, height: int, color: str, owner_name: str) -> Document:
    """A picture as the index sees it, before it is ready."""
    return Document(
        name=metadata.name,
        description=metadata.description,
        tags=metadata.all_tags,
        orientation=orientation(width, height),
        color=color,
        owner=owner_name,
        license=metadata.license,
    )


def owner_term(name: str) -> str:
    """The term of a contributor, by the name that is shown; spaces, case and accents do not matter."""
    return filter_term("owner", " ".join(fold(name).split()))


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

"""The corpus of hostile files: each has a name, the bytes, and the ends that it may come to.

An end is PICTURE (the file was rendered, and nothing hostile is left in the renditions) or the code of a
rejection. Some damage may end either way. A bomb promises more than it may, and has to be rejected before it
is decoded.
"""

from collections.abc import Callable
from dataclasses import dataclass

PICTURE = "picture"
KEPT_BYTES = 1_000_000
SCRIPT = b"<script>alert(document.domain)</script><?php system($_GET['c']); ?>"


@dataclass(frozen=True)
class Hostile:
    """One file. Its bytes are made when a test first asks for them."""

    content: Callable[[], bytes]
    ends: tuple[str, ...]
    is_bomb: bool = False

    def make(self) -> bytes:
        """The file. A small one is kept for the next test: to make it often costs more than to decode it."""
        data = _KEPT.get(self)
        if data is None:
            data = self.content()
            if len(data) <= KEPT_BYTES:
                _KEPT[self] = data
        return data


_KEPT: dict[Hostile, bytes] = {}
CORPUS: dict[str, Hostile] = {}
"""Every hostile file by its name. Most names begin with the name of a source format."""


def hostile(*ends: str, bomb: bool = False) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add the decorated function to the corpus, under its own name."""

    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        CORPUS[make.__name__.replace("_", " ")] = Hostile(make, ends, bomb)
        return make

    return add

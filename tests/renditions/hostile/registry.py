"""The corpus of hostile files: each has a name, the bytes, and the ends that it may come to.

An end is PICTURE (the file was rendered, and nothing hostile is left in the renditions) or the code of a
rejection. Some damage may end either way. A bomb promises more than it may, and has to be rejected before it
is decoded.
"""

from collections.abc import Callable
from dataclasses import dataclass

PICTURE = "picture"
SCRIPT = b"<script>alert(document.domain)</script><?php system($_GET['c']); ?>"


@dataclass(frozen=True)
class Hostile:
    """One file. Its bytes are made when a test asks for them."""

    make: Callable[[], bytes]
    ends: tuple[str, ...]
    is_bomb: bool = False


CORPUS: dict[str, Hostile] = {}
"""Every hostile file by its name. Most names begin with the name of a source format."""


def hostile(*ends: str, bomb: bool = False) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add the decorated function to the corpus, under its own name."""

    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        CORPUS[make.__name__.replace("_", " ")] = Hostile(make, ends, bomb)
        return make

    return add

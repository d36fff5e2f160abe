"""Tags: as contributors give them, as they are stored, and as they are shown."""

import unicodedata
from collections.abc import Iterable

from stockroom.runtime.errors import InvalidField

MAX_TAGS = 50
MAX_LENGTH = 64
# Invisible, but part of the spelling of Persian words and of many emoji.
_JOINERS = {0x200C: None, 0x200D: None}
_FORBIDDEN = frozenset('#,"')


def cleaned(tags: Iterable[str], pointer: str = "/tags") -> list[str]:
    """Tags without `#` in front, lower-case, single-spaced, each once; InvalidField for what is no tag."""
    seen: dict[str, None] = {}
    for number, tag in enumerate(tags):
        text = " ".join(unicodedata.normalize("NFKC", tag).lower().split()).removeprefix("#")
        wrong = not text or len(text) > MAX_LENGTH or any(char in _FORBIDDEN for char in text)
        if wrong or not text.translate(_JOINERS).isprintable():
            detail = f"The tag {tag[:80]!r} needs 1 to {MAX_LENGTH} characters, none of them # , or a quote."
            raise InvalidField(f"{pointer}/{number}", "invalid-tag", detail)
        seen[text] = None
    if len(seen) > MAX_TAGS:
        raise InvalidField(pointer, "too-many-tags", f"Give at most {MAX_TAGS} tags.")
    return list(seen)


def stored(tags: Iterable[str]) -> str:
    """One text for the tags column."""
    return "\n".join(tags)


def loaded(text: str) -> tuple[str, ...]:
    """The tags of a column."""
    return tuple(text.split("\n")) if text else ()

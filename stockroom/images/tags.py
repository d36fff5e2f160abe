"""Tags as contributors give them, and as the database stores them."""

from collections.abc import Collection, Iterable

from stockroom.analysis.appearance import has_too_many_marks, remove_invisible
from stockroom.analysis.terms import lower_tag
from stockroom.runtime.errors import InvalidField

MAX_TAGS = 50
MAX_LENGTH = 64
"""Characters of one tag."""
_FORBIDDEN = frozenset('#,"')


def clean(tags: Iterable[str], pointer: str = "/tags") -> list[str]:
    """The tags without a leading `#`, in lower case, single-spaced, each once.

    Raises InvalidField for the first text that is no tag, and for too many tags; `pointer` is where the tags
    stand in the request.
    """
    cleaned: dict[str, None] = {}
    for number, tag in enumerate(tags):
        text = " ".join(lower_tag(tag).split()).removeprefix("#")
        is_tag = 0 < len(text) <= MAX_LENGTH and not any(char in _FORBIDDEN for char in text)
        if not is_tag or not _is_readable(text):
            detail = f"The tag {tag[:80]!r} needs 1 to {MAX_LENGTH} characters, none of them # , or a quote."
            raise InvalidField(f"{pointer}/{number}", "invalid-tag", detail)
        cleaned[text] = None
    check_number(cleaned, pointer)
    return list(cleaned)


def check_number(tags: Collection[str], pointer: str) -> None:
    """Raise InvalidField when these are too many for one picture."""
    if len(tags) > MAX_TAGS:
        raise InvalidField(pointer, "too-many-tags", f"Give at most {MAX_TAGS} tags.")


def _is_readable(text: str) -> bool:
    """Whether a tag is what it looks like. Joiners may be in it, because they belong to some spellings."""
    shown = remove_invisible(text, keeps_spelling=False)
    return remove_invisible(text) == text and shown.isprintable() and not has_too_many_marks(text)


def serialize(tags: Iterable[str]) -> str:
    """Tags as one text for the columns `tags` and `hashtags`: a tag a line."""
    return "\n".join(tags)


def deserialize(text: str) -> tuple[str, ...]:
    """The tags of a column."""
    return tuple(text.split("\n")) if text else ()

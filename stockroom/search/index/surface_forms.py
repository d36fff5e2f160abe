"""The surface forms that are no plain words: those of tags, and those of words of file names.

The form of a tag begins with the tag's term, and the tag as it is shown may follow. The form of a word of a
file name begins with NAME_MARK: a search that has begun such a word goes on with it; nobody is offered it.
"""

from stockroom.analysis.terms import TERM_BYTES, tag_term, truncate_term

NAME_MARK = "\0"
"""A character that no word and no tag begins with."""


def encode_name_word(surface: bytes) -> bytes:
    """The form of a word that only the name of a file has."""
    return truncate_term(NAME_MARK + surface.decode()).encode()


def encode_tag(tag: str) -> bytes:
    """`#sea`, or `#ete`, NUL and `été` where the tag as it is shown differs from its term."""
    term = tag_term(tag).encode()
    shown = tag.encode()
    if term[1:] == shown or len(term) + 1 + len(shown) > TERM_BYTES:
        return term
    return term + b"\0" + shown


def decode_tag(surface: bytes) -> str:
    """The tag, as it is shown, of a form that `encode_tag` made."""
    term, _, shown = surface.partition(b"\0")
    return (shown or term[1:]).decode("utf-8", "replace")

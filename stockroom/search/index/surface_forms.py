"""The surface forms of tags: a form begins with the tag's term, and the tag as it is shown may follow."""

from stockroom.analysis.terms import TERM_BYTES, tag_term


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

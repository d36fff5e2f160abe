"""Hashtags: the tags that a contributor writes into a description."""

import unicodedata

from stockroom.analysis.folding import fold
from stockroom.analysis.tokens import is_word, tag


def parse_hashtags(text: str) -> list[str]:
    """The hashtags of a text, without `#`, in lower case, in order, each once.

    A hashtag is `#` and letters, digits or `_` of any script, not digits alone, and does not begin
    inside a word or an address.
    """
    text = unicodedata.normalize("NFKC", text)
    found: dict[str, str] = {}
    at = text.find("#")
    while at >= 0:
        end = at + 1
        while end < len(text) and (is_word(text[end]) or text[end] in "_\u200c\u200d"):
            end += 1
        before = text[at - 1] if at else " "
        name = tag(text[at + 1 : end])
        # "c#", "&#39;" and "https://example.org/#part" are no hashtags; of "##sea" the second # counts.
        if not (is_word(before) or before in "&/_=?") and any(not char.isdigit() for char in name.strip("_")):
            found.setdefault(fold(name), name)
        at = text.find("#", end)
    return list(found.values())

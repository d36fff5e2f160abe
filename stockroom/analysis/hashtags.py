"""Hashtags: the tags that a contributor writes into a description."""

import unicodedata

from stockroom.analysis.appearance import is_visible
from stockroom.analysis.folding import fold
from stockroom.analysis.terms import normalize_tag
from stockroom.analysis.tokenizer import is_word_character


def parse_hashtags(text: str) -> list[str]:
    """The hashtags of a text, without `#`, in lower case, in order, each once.

    A hashtag is `#` followed by letters, digits or `_` of any script. A hashtag is not digits alone, and it
    does not begin inside a word or an address.
    """
    text = unicodedata.normalize("NFKC", text)
    tags: dict[str, str] = {}
    hash_position = text.find("#")
    while hash_position >= 0:
        end = hash_position + 1
        # The joiners U+200C and U+200D belong to the spelling of Persian words and of many emoji.
        while end < len(text) and (is_word_character(text[end]) or text[end] in "_\u200c\u200d"):
            end += 1
        preceding = text[hash_position - 1] if hash_position else " "
        tag = normalize_tag(text[hash_position + 1 : end])
        # "c#", "&#39;" and "https://example.org/#part" are no hashtags; of "##sea" the second # begins one.
        begins_inside = is_word_character(preceding) or preceding in "&/_=?"
        if not begins_inside and is_visible(tag) and any(not char.isdigit() for char in tag.strip("_")):
            tags.setdefault(fold(tag), tag)
        hash_position = text.find("#", end)
    return list(tags.values())

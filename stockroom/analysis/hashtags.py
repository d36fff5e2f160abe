"""Hashtags: the tags that a contributor writes into a description."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from stockroom.analysis.appearance import is_visible
from stockroom.analysis.folding import fold
from stockroom.analysis.terms import normalize_tag
from stockroom.analysis.tokenizer import is_word_character

_BLANK_LINES = re.compile(r"\n{3,}")


class _Hashtag(NamedTuple):
    """A hashtag from `start`, where its `#` stands, to before `end`, and the tag that it gives."""

    start: int
    end: int
    tag: str


def parse_hashtags(text: str) -> list[str]:
    """The hashtags of a text, without `#`, in lower case, in order, each once.

    A hashtag is `#` followed by letters, digits or `_` of any script. A hashtag is not digits alone, and it
    does not begin inside a word or an address.
    """
    tags: dict[str, str] = {}
    for _, _, tag in _find_hashtags(unicodedata.normalize("NFKC", text)):
        tags.setdefault(fold(tag), tag)
    return list(tags.values())


def remove_hashtags(text: str) -> str:
    """A text without raw hashtags: those that end a line are left out, one in a sentence is a word of it.

    The page shows captions so (frontend/src/pictures/caption.ts).
    """
    lines = [_remove_from_line(line) for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _remove_from_line(line: str) -> str:
    found = list(_find_hashtags(line))
    end = kept_end = len(line)
    kept = found
    for number in reversed(range(len(found))):
        start, stop, _ = found[number]
        if line[stop:end].strip():
            break
        end = start
        before = line[:start].rstrip()
        # What a hashtag follows without a blank, such as a bracket, stays with it.
        if not before or len(before) < start:
            kept, kept_end = found[:number], len(before)
    line = line[:kept_end]
    for start, _, _ in reversed(kept):
        line = line[:start] + line[start + 1 :]
    return line


def _find_hashtags(text: str) -> Iterator[_Hashtag]:
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
            yield _Hashtag(hash_position, end, tag)
        hash_position = text.find("#", end)

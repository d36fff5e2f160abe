"""The text of `q`, read once from left to right:

    query    = { [ "-" ] item }               items are separated by spaces; "-" excludes
    item     = phrase | "#" tag | operator ":" value | word
    operator = "desc" | "tag" | "tags" | "date" | "from" | "to"          in any case
    value    = phrase | word                  for tag and tags several, separated by commas
    phrase   = '"' characters '"'             without its end, it goes to the end of the text

Words and phrases must all match, any one of the tags, and the date. A phrase is its words in order, each
in any of its forms. Another word before a colon is just a word; an operator without a value, a lone `#`,
`-` or other punctuation is ignored, as it stands there while somebody types.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS = frozenset({"desc", "tag", "tags", "date", "from", "to"})
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "＂": '"', "＃": "#", "：": ":"})  # noqa: RUF001


@dataclass(frozen=True)
class Item:
    """One item of the text: its operator or "", its values and whether each was quoted."""

    at: int
    excluded: bool
    operator: str
    values: tuple[tuple[str, bool], ...]


def items(text: str) -> Iterator[Item]:
    """The items of `q`; every character is looked at once, or twice inside an operator's name."""
    text = text.translate(_PLAIN)
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
            continue
        start = at
        excluded = text[at] == "-" and at + 1 < end and not text[at + 1].isspace()
        at += excluded
        operator = ""
        colon = at
        while colon < end and colon - at < 5 and text[colon].isalpha():
            colon += 1
        if text[colon : colon + 1] == ":" and text[at:colon].lower() in _OPERATORS:
            operator = text[at:colon].lower()
            at = colon + 1
        values: list[tuple[str, bool]] = []
        many = operator in ("tag", "tags")
        while True:
            at, value, quoted = _value(text, at, stop_at_comma=many)
            values.append((value, quoted))
            if not (many and text[at : at + 1] == ","):
                break
            at += 1
        yield Item(start, excluded, operator, tuple(values))


def _value(text: str, at: int, *, stop_at_comma: bool) -> tuple[int, str, bool]:
    """A phrase or a word from `at`: where it ends, what it is, whether it was quoted."""
    if text[at : at + 1] == '"':
        close = text.find('"', at + 1)
        close = len(text) if close < 0 else close
        return min(close + 1, len(text)), text[at + 1 : close], True
    start = at
    while at < len(text) and not (
        text[at].isspace() or text[at] == '"' or (stop_at_comma and text[at] == ",")
    ):
        at += 1
    return at, text[start:at], False

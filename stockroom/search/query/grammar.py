"""The text of `q`, read once from left to right:

    query    = { [ "-" ] item }               items are separated by spaces; "-" excludes
    item     = phrase | "#" tag | operator ":" value | word
    operator = "desc" | "tag" | "tags" | "date" | "from" | "to"
             | "by" | "camera" | "place" | "taken"                       in any case
    value    = phrase | word                  for tag and tags several, separated by commas
    phrase   = '"' characters '"'             without its end, it goes to the end of the text

Words and phrases must all match, any one of the tags, the date, and the filters: the last four operators are
the filters of the same name. A phrase is its words in order, each in any of its forms. Another word before a
colon is just a word. An operator without a value, a lone `#` or `-` and other punctuation are ignored,
because they stand there while somebody types.
"""

from collections.abc import Iterator

from msgspec import Struct

FILTER_OPERATORS = frozenset({"by", "camera", "place", "taken"})
OPERATORS = frozenset({"desc", "tag", "tags", "date", "from", "to"}) | FILTER_OPERATORS
_LONGEST_OPERATOR = max(map(len, OPERATORS))
_MULTIPLE_VALUES = ("tag", "tags")
# What keyboards and word processors make of the grammar's own characters.
_ASCII_PUNCTUATION = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‟": '"', "＂": '"', "＃": "#", "：": ":"}  # noqa: RUF001
)


class Value(Struct, frozen=True):
    """One value of an item, without its quotes."""

    text: str
    is_quoted: bool


class Item(Struct, frozen=True):
    """One item of the text: the position of its first character, its operator or "", and its values."""

    position: int
    is_excluded: bool
    operator: str
    values: tuple[Value, ...]


def read_items(text: str) -> Iterator[Item]:
    """The items of `q`. Every character is looked at once, or twice inside an operator's name."""
    text = text.translate(_ASCII_PUNCTUATION)
    position, end = 0, len(text)
    while position < end:
        if text[position].isspace():
            position += 1
            continue
        start = position
        is_excluded = text[position] == "-" and position + 1 < end and not text[position + 1].isspace()
        position += is_excluded
        operator = _read_operator(text, position)
        position += len(operator) + 1 if operator else 0
        values: list[Value] = []
        takes_several = operator in _MULTIPLE_VALUES
        while True:
            position, value = _read_value(text, position, stop_at_comma=takes_several)
            values.append(value)
            if not (takes_several and text[position : position + 1] == ","):
                break
            position += 1
        yield Item(start, is_excluded, operator, tuple(values))


def _read_operator(text: str, position: int) -> str:
    """The operator, in lower case, whose name and colon stand at a position; "" when none does."""
    colon = position
    while colon < len(text) and colon - position <= _LONGEST_OPERATOR and text[colon].isalpha():
        colon += 1
    name = text[position:colon].lower()
    return name if text[colon : colon + 1] == ":" and name in OPERATORS else ""


def _read_value(text: str, position: int, *, stop_at_comma: bool) -> tuple[int, Value]:
    """The phrase or word at a position, and the position behind it."""
    if text[position : position + 1] == '"':
        closing_quote = text.find('"', position + 1)
        closing_quote = len(text) if closing_quote < 0 else closing_quote
        return min(closing_quote + 1, len(text)), Value(text[position + 1 : closing_quote], is_quoted=True)
    start = position
    while position < len(text) and not (
        text[position].isspace() or text[position] == '"' or (stop_at_comma and text[position] == ",")
    ):
        position += 1
    return position, Value(text[start:position], is_quoted=False)

"""Picture ids: time-ordered 64-bit integers inside, 13 characters of Crockford's base32 outside.

The upper 44 bits are Unix milliseconds and the lower 20 random, so a date range is an id range and a
cursor is one number. Ids exceed 2^53, hence the text form for everything that speaks JSON.
"""

import secrets
from datetime import UTC, datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
RANDOM_BITS = 20

_VALUES = {char: value for value, char in enumerate(ALPHABET)}


def encode(number: int) -> str:
    """The 13 characters of a 64-bit id."""
    chars = []
    for _ in range(LENGTH):
        chars.append(ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(chars))


def decode(text: str) -> int | None:
    """The id behind 13 characters, or None when the text is not an id.

    Crockford's look-alikes (o for 0, lower case) are refused: one picture has one spelling, so one address.
    """
    if len(text) != LENGTH:
        return None
    number = 0
    for char in text:
        value = _VALUES.get(char)
        if value is None:
            return None
        number = number << 5 | value
    return number if number < 1 << 64 else None


def at(moment: datetime) -> int:
    """The smallest id of a moment; ids of pictures created before it are smaller."""
    return int(moment.timestamp() * 1000) << RANDOM_BITS


def created(number: int) -> datetime:
    """When the id was drawn (UTC, milliseconds)."""
    return datetime.fromtimestamp((number >> RANDOM_BITS) / 1000, UTC)


def draw(now: datetime, count: int) -> range:
    """`count` consecutive ids: one random start a request, so that two requests in the same
    millisecond rarely meet and the files of one never do."""
    start = at(now) | secrets.randbelow((1 << RANDOM_BITS) - count)
    return range(start, start + count)

"""Picture ids: time-ordered 64-bit integers inside, 13 characters of Crockford's base32 outside.

The upper 44 bits are Unix milliseconds and the lower 20 are random, so a range of dates is a range of ids
and a cursor is one number. Ids exceed 2^53, the largest integer that is safe in JavaScript; JSON carries
the text form.
"""

import secrets
from datetime import UTC, datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
RANDOM_BITS = 20

_VALUES = {char: value for value, char in enumerate(ALPHABET)}


def encode(image_id: int) -> str:
    """The 13 characters of a 64-bit id."""
    chars = []
    for _ in range(LENGTH):
        chars.append(ALPHABET[image_id & 31])
        image_id >>= 5
    return "".join(reversed(chars))


def decode(text: str) -> int | None:
    """The id behind 13 characters, or None when the text is not an id.

    Crockford's lenient spellings (o for 0, lower case) are refused, so that a picture has exactly one URL.
    """
    if len(text) != LENGTH:
        return None
    image_id = 0
    for char in text:
        value = _VALUES.get(char)
        if value is None:
            return None
        image_id = image_id << 5 | value
    return image_id if image_id < 1 << 64 else None


def first_id(moment: datetime) -> int:
    """The smallest id of a moment; ids of pictures created before it are smaller."""
    return int(moment.timestamp() * 1000) << RANDOM_BITS


def created_at(image_id: int) -> datetime:
    """When the id was drawn (UTC, milliseconds)."""
    return datetime.fromtimestamp((image_id >> RANDOM_BITS) / 1000, UTC)


def draw(now: datetime, count: int) -> range:
    """`count` consecutive ids, beginning at a random one of this millisecond.

    Two requests of one millisecond rarely collide, and the files of one request never do. Independent draws
    would collide in 11 % of the batches of 500 (the birthday paradox).
    """
    start = first_id(now) | secrets.randbelow((1 << RANDOM_BITS) - count)
    return range(start, start + count)


def draw_link_key() -> str:
    """16 random characters (80 bits), which nobody guesses who knows the ids next to a picture's."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))

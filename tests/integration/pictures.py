"""Real photographs, each of them new to the library."""

import itertools
import time

from tests.renditions.images import photo_bytes

_numbers = itertools.count(time.time_ns())


def fresh_photo() -> bytes:
    """A photograph whose bytes nobody has uploaded yet: a JPEG comment makes the difference."""
    comment = str(next(_numbers)).encode()
    data = photo_bytes()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]

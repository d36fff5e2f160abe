"""Private keys that the operator's commands draw in tests, in turn from a few.

To draw a key of 2048 bits takes a tenth of a second; so does the check of one that is read. Tests of keys do
both hundreds of times. The tests of a folder whose conftest.py imports the fixture have it.
"""

from functools import cache
from itertools import cycle

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

# No library of a test has as many.
KEYS = 12
_draw = rsa.generate_private_key
_read_once = cache(serialization.load_pem_private_key)
_numbers = cycle(range(KEYS))


@pytest.fixture(autouse=True)
def drawn_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key that is drawn differs from the eleven before it, and is checked when it is first read."""
    monkeypatch.setattr(
        rsa,
        "generate_private_key",
        lambda *, public_exponent, key_size: _draw_once(next(_numbers), public_exponent, key_size),
    )
    monkeypatch.setattr(serialization, "load_pem_private_key", _read_once)


@cache
def _draw_once(_number: int, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    return _draw(public_exponent=public_exponent, key_size=key_size)

"""Who checks tokens, and the bucket with the keys that it checks them with."""

import pytest

from stockroom.api.auth import Verifier
from stockroom.runtime.settings import Settings
from tests.tokens import KeysBucket


@pytest.fixture
def keys() -> KeysBucket:
    return KeysBucket()


@pytest.fixture
def verifier(keys: KeysBucket) -> Verifier:
    return Verifier(Settings(), keys.read, clock=lambda: keys.seconds)

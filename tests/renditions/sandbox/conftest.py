"""Decoders whose workers are ended after the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stockroom.renditions.sandbox.decoder import Decoder

MakeDecoder = Callable[..., Decoder]


@pytest.fixture
def make_decoder() -> Iterator[MakeDecoder]:
    """Makes decoders with the given arguments."""
    made: list[Decoder] = []

    def make(**arguments: Any) -> Decoder:
        made.append(Decoder(**arguments))
        return made[-1]

    yield make
    for decoder in made:
        decoder.close()


@pytest.fixture
def decoder(make_decoder: MakeDecoder) -> Decoder:
    """A decoder as the resize function has it."""
    return make_decoder()

"""What a reader makes of one picture, and logs, without a database, storage or a decoder."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from stockroom.images import ids
from stockroom.images.repository.facts import FactSource, Looks
from stockroom.images.storage import Storage
from stockroom.ingest import fact_reading
from stockroom.ingest.fact_reading import WHICH, FactReader, FactResult, Which
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.runtime.settings import Settings
from tests.ingest.attempts import FAULTS, TRIES

SOURCE = FactSource(7, 100, "image/jpeg")
TAKEN = datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC)
EMBEDDED = Embedded(title="Harbour", camera="Model 7")
LOOKS = Looks("#102030", b"thumb", 0xFEDCBA9876543210, b"pixels")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is found in an original, one after the other: what it says, how it looks, or errors."""
    outcomes: list[Any] = []

    def describe(*_: object) -> Any:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @contextmanager
    def decode(*_: object) -> Iterator[Any]:
        yield describe()

    monkeypatch.setattr(fact_reading, "describe_original", describe)
    monkeypatch.setattr(fact_reading, "decode_original", decode)
    return outcomes


def read(which: Which, source: FactSource = SOURCE, pauses: Sequence[float] = ()) -> FactResult:
    settings = Settings()
    reader = FactReader(storage=Storage(settings), decoder=Decoder(), settings=settings, pauses=pauses)
    result = reader.read(source, which)
    assert result.image_id == source.image_id
    return result


def description(capture_time: datetime | None) -> Any:
    described = SimpleNamespace(embedded=EMBEDDED, capture_time=capture_time)
    return SimpleNamespace(described=described, requests=2, bytes=65)


def picture(capture_time: datetime | None) -> Any:
    color, thumbhash, phash, pixel_hash = LOOKS
    rendered = SimpleNamespace(
        embedded=EMBEDDED, capture_time=capture_time,
        color=color, thumbhash=thumbhash, phash=phash, pixel_hash=pixel_hash,
    )  # fmt: skip
    return SimpleNamespace(rendered=rendered)


@pytest.mark.parametrize("taken", [TAKEN, None])
def test_what_a_file_says(found: list[Any], taken: datetime | None) -> None:
    found += [description(taken)]
    result = read("embedded")
    assert (result.outcome, result.requests, result.bytes_in) == ("read", 2, 65)
    assert (result.read_embedded(), result.read_looks()) == (EMBEDDED, None)
    assert result.read_taken() == (taken and taken.replace(tzinfo=None))


@pytest.mark.parametrize("taken", [TAKEN, None])
def test_how_a_picture_looks(found: list[Any], taken: datetime | None) -> None:
    found += [picture(taken)]
    result = read("looks")
    assert (result.outcome, result.requests, result.bytes_in) == ("read", 1, 100)
    assert (result.read_embedded(), result.read_looks()) == (EMBEDDED, LOOKS)
    assert result.read_taken() == (taken and taken.replace(tzinfo=None))


def test_a_gif_says_nothing(found: list[Any]) -> None:
    result = read("embedded", SOURCE._replace(type="image/gif"))
    assert (result.outcome, result.requests, result.read_embedded()) == ("read", 0, Embedded())
    found += [picture(TAKEN)]
    assert read("looks", SOURCE._replace(type="image/gif")).read_looks() == LOOKS


@pytest.mark.parametrize("which", WHICH)
def test_no_original(found: list[Any], which: Which) -> None:
    found += [None]
    assert read(which).outcome == "missing"


@FAULTS
def test_what_goes_wrong_is_said_and_logged(
    found: list[Any], logs: Callable[[], str], error: Exception, said: tuple[str, str], tries: int
) -> None:
    found += [error] * tries
    result = read("embedded", pauses=(0,) * (TRIES - 1))
    assert (result.outcome, result.code, result.detail) == ("failed", *said)
    assert found == []
    expected = [("WARNING", "another try")] * (tries - 1)
    if said[0] == "internal-error":
        expected = [("ERROR", "picture failed")]
    lines = [json.loads(line) for line in logs().splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == expected
    assert {(line["image_id"], line["exception_name"]) for line in lines} <= {
        (ids.encode(7), type(error).__name__)
    }


def test_when_a_result_was_made(found: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([5.0, 7.5])
    clock = SimpleNamespace(perf_counter=lambda: next(moments), time=lambda: 12.3456)
    monkeypatch.setattr(fact_reading, "time", clock)
    found += [None]
    result = read("embedded")
    assert (result.seconds, result.finished) == (2.5, 12345)

"""What a renderer makes of one picture, and logs, without a database, storage or a decoder."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from stockroom.images import ids
from stockroom.images.repository.renditions import Source
from stockroom.images.states import JOB_SECONDS
from stockroom.images.storage import Storage, rendition_key, version_folder
from stockroom.ingest import rerendering
from stockroom.ingest.rerendering import RESERVE_SECONDS, Rerenderer, Result
from stockroom.renditions import Rendition
from stockroom.renditions.sandbox.decoder import Decoder, FurtherFormat
from stockroom.runtime.settings import Settings
from tests.ingest.attempts import FAULTS, TRIES

SOURCE = Source(7, "KEY", 3, 100, "image/jpeg", read_at=1000.0)
LAST_MOMENT = SOURCE.read_at + JOB_SECONDS - RESERVE_SECONDS
FORMATS = ("jpeg", "webp", "avif")


class Remembering(Storage):
    """Keeps renditions in memory."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.sizes: dict[str, int] = {}

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        self.sizes[key] = len(rendition.data)

    def list_version(self, image_id: int, link_key: str, version: int) -> set[str]:
        folder = version_folder(image_id, link_key, version)
        return {key for key in self.sizes if key.startswith(folder)}


def renditions(size: int) -> dict[str, Rendition]:
    return {name: Rendition(bytes(size), "image/any", 3, 2) for name in ("720p", "240p")}


def picture(*further: FurtherFormat) -> Any:
    """What the decoder makes of an original."""
    return SimpleNamespace(
        rendered=SimpleNamespace(renditions=renditions(1)), further_formats=lambda: iter(further)
    )


WHOLE = picture(FurtherFormat("webp", renditions(10)), FurtherFormat("avif", renditions(100)))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What decoding an original comes to, one after the other: pictures, or errors."""
    outcomes: list[Any] = []

    @contextmanager
    def decode(*_: object) -> Iterator[Any]:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        yield outcome

    monkeypatch.setattr(rerendering, "decode_original", decode)
    return outcomes


def rerender(
    storage: Storage, *, now: float = SOURCE.read_at, pauses: Sequence[float] = (), **options: bool
) -> Result:
    """A result without the moment and the process."""
    renderer = Rerenderer(
        storage=storage,
        decoder=Decoder(),
        settings=Settings(formats=FORMATS),
        clock=lambda: now,
        pauses=pauses,
    )
    result = renderer.rerender(SOURCE, 4, **options)
    assert (result.image_id, result.link_key, result.from_version, result.version) == (7, "KEY", 3, 4)
    assert result.bytes_in == 100
    return result


def logged(logs: Callable[[], str]) -> list[tuple[Any, ...]]:
    """Level, message, id and error of each line."""
    lines = [json.loads(line) for line in logs().splitlines()]
    return [
        tuple(line.get(key) for key in ("level", "message", "image_id", "exception_name")) for line in lines
    ]


def test_all_formats_are_written(decoded: list[Any]) -> None:
    storage = Remembering()
    decoded += [WHOLE, WHOLE]
    for _ in range(2):
        result = rerender(storage)
        assert (result.outcome, result.formats, result.bytes_out) == ("rendered", "webp,avif", 222)
        assert (result.code, result.detail) == ("", "")
    assert decoded == [], "both times: nobody has said that the renditions may be there"
    assert storage.sizes == {
        rendition_key(7, "KEY", 4, name, format_): size
        for format_, size in zip(FORMATS, (1, 10, 100), strict=True)
        for name in ("720p", "240p")
    }


def test_storage_is_asked_for_what_may_be_there(decoded: list[Any]) -> None:
    storage = Remembering()
    decoded += [WHOLE, WHOLE]
    assert rerender(storage, may_be_present=True).outcome == "rendered"
    result = rerender(storage, may_be_present=True)
    assert (result.outcome, result.formats, result.bytes_out) == ("present", "webp,avif", 0)
    storage.sizes |= {rendition_key(7, "KEY", 4, "of another release"): 1}
    assert rerender(storage, may_be_present=True).outcome == "present"
    del storage.sizes[rendition_key(7, "KEY", 4, "240p", "avif")]
    assert rerender(storage, may_be_present=True).outcome == "rendered"


def test_the_last_moment_to_write(decoded: list[Any]) -> None:
    decoded += [WHOLE]
    assert rerender(Remembering(), now=LAST_MOMENT).outcome == "rendered"
    result = rerender(Remembering(), now=LAST_MOMENT + 0.001)
    assert (result.outcome, result.code) == ("skipped", "too-late")


def test_no_original(decoded: list[Any]) -> None:
    decoded += [None]
    assert rerender(Remembering()).outcome == "missing"


@FAULTS
def test_what_goes_wrong_is_said_and_logged(
    decoded: list[Any], logs: Callable[[], str], error: Exception, said: tuple[str, str], tries: int
) -> None:
    decoded += [error] * tries
    storage = Remembering()
    result = rerender(storage, pauses=(0,) * (TRIES - 1))
    assert (result.outcome, result.code, result.detail) == ("failed", *said)
    assert (decoded, storage.sizes) == ([], {})
    name = type(error).__name__
    expected = [("WARNING", "another try", ids.encode(7), name)] * (tries - 1)
    if said[0] == "internal-error":
        expected = [("ERROR", "picture failed", ids.encode(7), name)]
    assert logged(logs) == expected


def test_a_format_that_is_left_out_is_said_and_logged(decoded: list[Any], logs: Callable[[], str]) -> None:
    fault = "Traceback:\n  a line\nError: out of luck\n"
    decoded += [picture(FurtherFormat("webp", fault=fault))] * 2
    result = rerender(Remembering())
    assert decoded == [], "it is tried twice"
    assert (result.outcome, result.code, result.detail) == (
        "failed", "format-left-out", "webp: Error: out of luck",
    )  # fmt: skip
    for line in [json.loads(line) for line in logs().splitlines()]:
        assert [line[key] for key in ("level", "message", "image_id", "format", "fault")] == [
            "ERROR", "format left out", ids.encode(7), "webp", fault,
        ]  # fmt: skip


def test_a_fault_in_a_format_may_be_that_of_a_busy_machine(decoded: list[Any]) -> None:
    decoded += [picture(FurtherFormat("webp", fault="no answer from the decoder")), WHOLE]
    result = rerender(Remembering())
    assert (result.outcome, result.formats, decoded) == ("rendered", "webp,avif", [])


def test_where_and_when_a_result_was_made(decoded: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([5.0, 7.5])
    clock = SimpleNamespace(perf_counter=lambda: next(moments), time=lambda: 12.3456)
    monkeypatch.setattr(rerendering, "time", clock)
    decoded += [None]
    result = rerender(Remembering())
    assert (result.seconds, result.finished) == (2.5, 12345)
    assert re.fullmatch(r".+:\d+", result.worker)

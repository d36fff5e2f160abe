"""What becomes of an upload when the decoder's process does not start, dies, or runs out of something."""

import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stockroom.images import ids
from stockroom.images.storage import Download, Storage
from stockroom.ingest.process import OriginalProcessor, Outcome
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.renditions.sandbox.failures import DecoderUnavailable
from stockroom.resources import Resources
from tests.factories import state, uploaded
from tests.renditions.images import encode, flat, photo, photo_of
from tests.renditions.sandbox import probes


def process(resources: Resources, image_id: int, decoder: Decoder, storage: Storage | None = None) -> Outcome:
    return OriginalProcessor(
        db=resources.db,
        storage=storage or resources.storage,
        search_index=resources.search_index,
        decoder=decoder,
        settings=resources.settings,
    ).process(image_id)


class Killing(Decoder):
    """Its worker is killed while it reads an original, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.killed: list[int] = []

    @contextmanager
    def decode(
        self, size: int, chunks: Iterable[bytes], *arguments: Any, **options: Any
    ) -> Iterator[SandboxedPicture]:
        with super().decode(size, self._kill(chunks), *arguments, **options) as picture:
            yield picture

    def _kill(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if len(self.killed) < self.times:
                # A worker that is not ready has judged nothing.
                self.wait_until_ready()
                pid = self.pid
                assert pid is not None
                os.kill(pid, signal.SIGSEGV)
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
                self.killed.append(pid)
            yield chunk


@pytest.fixture
def make_decoder() -> Iterator[Callable[..., Decoder]]:
    """Makes decoders, and ends their workers after the test."""
    made: list[Decoder] = []

    def make(kind: Callable[..., Decoder] = Decoder, *arguments: Any, **options: Any) -> Decoder:
        made.append(kind(*arguments, **options))
        return made[-1]

    yield make
    for decoder in made:
        decoder.close()


def logged_failures(logs: Callable[[], str]) -> list[tuple[str, str, str]]:
    """The level, the message and the id of each line of the log that says why the decoder failed."""
    lines = [json.loads(line) for line in logs().splitlines()]
    return [
        (line["level"], line["message"], line["image_id"])
        for line in lines
        if "SIGSEGV" in line.get("reason", "")
    ]


def test_a_file_that_crashes_the_decoder_twice_fails_and_the_next_one_is_fine(
    resources: Resources, make_decoder: Callable[..., Decoder], logs: Callable[[], str]
) -> None:
    decoder = make_decoder(Killing, 2)
    bad, good = uploaded(resources, photo_of("jpeg")), uploaded(resources, encode(photo(), "png"))
    assert process(resources, bad, decoder) == "failed"
    assert logged_failures(logs) == [
        ("WARNING", "decoder failed", ids.encode(bad)),
        ("WARNING", "decoder failed again", ids.encode(bad)),
    ]
    assert process(resources, good, decoder) == "ready"
    rows = resources.db.query("SELECT id, state, failure_code FROM image")
    assert set(rows) == {(bad, "failed", "undecodable"), (good, "ready", None)}


def test_a_decoder_that_dies_once_costs_nothing(
    resources: Resources, make_decoder: Callable[..., Decoder], logs: Callable[[], str]
) -> None:
    decoder = make_decoder(Killing, 1)
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, decoder) == "ready"
    assert logged_failures(logs) == [("WARNING", "decoder failed", ids.encode(image_id))]
    assert decoder.pid is not None, "another process has rendered it"


def test_a_decoder_that_cannot_start_leaves_the_row_pending(
    resources: Resources,
    make_decoder: Callable[..., Decoder],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The layer with libvips does not load: nothing is known about the file."""
    image_id = uploaded(resources, photo_of("jpeg"))
    (tmp_path / "pyvips.py").write_text("raise OSError('cannot load library libvips.so.42')")
    decoder = make_decoder()
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        for _ in range(3):
            with pytest.raises(DecoderUnavailable, match=r"libvips\.so\.42"):
                process(resources, image_id, decoder)
            assert state(resources.db, image_id) == "pending"
            assert resources.storage.head_original(image_id) is not None
    assert process(resources, image_id, decoder) == "ready", "after the mending"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"cpu_seconds": 0.05}, "too-slow"),
        ({"memory_bytes": 100 << 20}, "too-much-memory"),
    ],
)
def test_running_out_of_time_or_memory_twice_is_a_verdict(
    resources: Resources, make_decoder: Callable[..., Decoder], limits: dict[str, Any], code: str
) -> None:
    decoder = make_decoder(**limits)
    pids: set[int | None] = set()

    class Counting(Storage):
        @contextmanager
        def open_original(self, image_id: int) -> Iterator[Download | None]:
            pids.add(decoder.pid)
            with super().open_original(image_id) as original:
                yield original

    content = bytes(flat(6000, 6000, 10, 20, 30).jpegsave_buffer(interlace=True, Q=50))
    image_id = uploaded(resources, content)
    assert process(resources, image_id, decoder, storage=Counting(resources.settings)) == "failed"
    assert resources.db.query("SELECT failure_code FROM image") == ((code,),)
    assert len(pids) == 2, "the original was opened twice, for two processes"


def test_memory_that_earlier_pictures_have_taken_is_no_verdict(
    resources: Resources, make_decoder: Callable[..., Decoder]
) -> None:
    decoder = make_decoder(
        memory_bytes=400 << 20,
        idle_memory_bytes=1 << 40,
        program=probes.LEAKING.format(memory=100 << 20, descriptors=0),
    )
    outcomes, pids = [], set()
    for number in range(6):
        image_id = uploaded(resources, photo_of("jpeg") + b"\0" * number)
        outcomes.append(process(resources, image_id, decoder))
        pids.add(decoder.pid)
    assert outcomes == ["ready"] * 6
    assert len(pids) > 1

"""Every hostile file ends with a picture or a reason; bombs before they cost anything."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.renditions import REJECTION_CODES, SOURCE_FORMATS, ImageRejected, Options, Rendered
from stockroom.renditions.sandbox.answers import check_answer
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.renditions.sandbox.protocol import Decoded, Rejected
from tests.renditions.hostile import CORPUS, PICTURE, Hostile
from tests.renditions.images import encode, photo
from tests.renditions.rejecting import render_or_reject

ROOT = Path(__file__).parents[2]
BOMB_SECONDS = 0.05
ADDRESS_SPACE = 1024 * 1024 * 1024
FLIPS = int(os.environ.get("HOSTILE_FLIPS", "40"))
"""Files of each format with some bytes changed, each time the same; `make test-long` has more."""
FILES = [pytest.param(hostile, id=name) for name, hostile in CORPUS.items()]
BOMBS = [pytest.param(hostile, id=name) for name, hostile in CORPUS.items() if hostile.is_bomb]
NAMES = [format_.name for format_ in SOURCE_FORMATS]


def end_of(outcome: Rendered | ImageRejected) -> str:
    return PICTURE if isinstance(outcome, Rendered) else outcome.code


def test_there_are_enough_of_them() -> None:
    assert len(CORPUS) >= 100
    assert sum(hostile.is_bomb for hostile in CORPUS.values()) >= 20
    assert {code for hostile in CORPUS.values() for code in hostile.ends} <= {PICTURE, *REJECTION_CODES}


@pytest.mark.parametrize("hostile", FILES)
def test_it_ends_as_it_must(hostile: Hostile) -> None:
    outcome = render_or_reject(hostile.make())
    assert end_of(outcome) in hostile.ends
    if isinstance(outcome, Rendered):
        for rendition in outcome.renditions.values():
            assert rendition.data.startswith(b"\xff\xd8\xff")
            assert b"<script" not in rendition.data
            assert b"<?php" not in rendition.data
            assert b"PK\x03\x04" not in rendition.data
    else:
        assert outcome.sentence.endswith(".")
    # A worker may answer this: only one that a file has taken over gives another answer.
    check_answer(
        Decoded(outcome) if isinstance(outcome, Rendered) else Rejected(outcome.code, outcome.sentence)
    )


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_rejected_within_50_ms(bomb: Hostile) -> None:
    data = bomb.make()
    seconds = []
    for _ in range(5):
        # Processor time: what other processes of a busy machine do is not the bomb's doing.
        started = time.process_time()
        assert isinstance(render_or_reject(data), ImageRejected)
        seconds.append(time.process_time() - started)
        if seconds[-1] < BOMB_SECONDS:
            return
    pytest.fail(f"{min(seconds) * 1e3:.0f} ms")


@pytest.mark.thorough
def test_all_of_them_end_the_same_in_one_sandbox() -> None:
    """As the resize function renders: shared memory, a limit on memory, one process for all files."""
    decoder = Decoder()
    try:
        decoder.start()
        first = decoder.pid
        for name, hostile in CORPUS.items():
            data = hostile.make()
            try:
                with decoder.decode(len(data), [data]):
                    end = PICTURE
            except ImageRejected as rejected:
                end = rejected.code
            assert end in hostile.ends, name
        assert decoder.pid == first, "none of them has crashed it"
    finally:
        decoder.close()


UNDER_A_LIMIT = """
import resource, sys
from stockroom.renditions import SOURCE_FORMATS
from tests.renditions.hostile import CORPUS, flip_bytes
from tests.renditions.rejecting import render_or_reject
limit = int(sys.argv[1])
# Encoders need more than the limit; what they made is small.
made = {name: hostile.make() for name, hostile in CORPUS.items()}
made = {name: data for name, data in made.items() if len(data) < 1_000_000}
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
def print_end(name, data):
    print(name, getattr(render_or_reject(data), "code", "picture"), sep="\\t", flush=True)
for name, hostile in CORPUS.items():
    print_end(name, made.get(name) or hostile.make())
for format_ in SOURCE_FORMATS:
    for seed in range(int(sys.argv[2])):
        print_end(f"{format_.name} {seed}", flip_bytes(format_.name, seed))
"""


@pytest.mark.thorough
def test_none_crashes_under_a_limit_on_address_space() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", UNDER_A_LIMIT, str(ADDRESS_SPACE), str(FLIPS)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    ends = dict(line.split("\t") for line in ran.stdout.splitlines())
    assert ran.returncode == 0, f"died after {list(ends)[-1:]}: {ran.stderr[-2000:]}"
    assert len(ends) == len(CORPUS) + len(SOURCE_FORMATS) * FLIPS
    assert set(ends.values()) <= {PICTURE, *REJECTION_CODES}
    for name, hostile in CORPUS.items():
        assert ends[name] in hostile.ends, name
    # Memory ran out for none of them: the limits on what a file may ask for are low enough for this much.
    assert "too-much-memory" not in ends.values()


def test_limits_of_this_process_are_as_they_were() -> None:
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] in {resource.RLIM_INFINITY, 2**63 - 1}


_SMALL = {name: encode(photo(48, 32), name) for name in NAMES}


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    part=st.floats(0, 1),
)
def test_whatever_the_bytes_it_is_a_picture_or_a_rejection(
    name: str, changes: list[tuple[float, bytes]], part: float
) -> None:
    data = bytearray(_SMALL[name])
    for place, patch in changes:
        start = int(place * len(data))
        data[start : start + len(patch)] = patch
    outcome = render_or_reject(bytes(data[: int(len(data) * part) + 1]), Options(max_pixels=1_000_000))
    if isinstance(outcome, ImageRejected):
        assert outcome.code in REJECTION_CODES
        assert outcome.sentence.endswith(".")
    else:
        assert set(outcome.renditions) == {"720p", "240p"}

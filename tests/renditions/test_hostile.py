"""Every hostile file ends with a picture or a reason; bombs before they cost anything."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stockroom.renditions import Refused, Rendered, render
from stockroom.renditions.decoder import Decoder
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.refused import CODES
from tests.renditions.hostile import CORPUS, PICTURE, Hostile

BOMB_SECONDS = 0.05
ADDRESS_SPACE = 1024 * 1024 * 1024
RECALLED = [pytest.param(hostile, id=name) for name, hostile in CORPUS.items()]


def outcome(data: bytes) -> Rendered | Refused:
    try:
        return render(data)
    except Refused as verdict:
        return verdict


def end(result: Rendered | Refused) -> str:
    return PICTURE if isinstance(result, Rendered) else result.code


def test_there_are_enough_kinds() -> None:
    assert len(CORPUS) >= 100
    assert sum(hostile.bomb for hostile in CORPUS.values()) >= 20
    assert {code for hostile in CORPUS.values() for code in hostile.ends} <= {PICTURE, *CODES}


@pytest.mark.parametrize("hostile", RECALLED)
def test_it_ends_as_it_must(hostile: Hostile) -> None:
    result = outcome(hostile.make())
    assert end(result) in hostile.ends
    if isinstance(result, Rendered):
        for rendition in result.renditions.values():
            assert rendition.data.startswith(b"\xff\xd8\xff")
            assert b"<script" not in rendition.data
            assert b"<?php" not in rendition.data
            assert b"PK\x03\x04" not in rendition.data
    else:
        assert result.sentence.endswith(".")


@pytest.mark.parametrize("hostile", [case for case in RECALLED if case.values[0].bomb])  # type: ignore[union-attr]
def test_a_bomb_is_refused_within_50_ms_and_a_few_megabytes(hostile: Hostile) -> None:
    data = hostile.make()
    seconds = []
    for _ in range(5):
        # Processor time: other processes of a busy machine are not the bomb's doing.
        started = time.process_time()
        assert isinstance(outcome(data), Refused)
        seconds.append(time.process_time() - started)
        if seconds[-1] < BOMB_SECONDS:
            return
    pytest.fail(f"{min(seconds) * 1e3:.0f} ms")


def test_the_same_ends_in_a_decoder_of_its_own() -> None:
    """As the function does it: shared memory, a limit on memory, one process for all of them."""
    decoder = Decoder()
    try:
        decoder.start()
        first = decoder.pid
        for name, hostile in CORPUS.items():
            data = hostile.make()
            try:
                decoder.render(len(data), [data])
                how = PICTURE
            except Refused as refused:
                how = refused.code
            assert how in hostile.ends, name
        assert decoder.pid == first, "none of them has crashed it"
    finally:
        decoder.close()


UNDER_A_LIMIT = """
import resource, sys
from tests.renditions.hostile import CORPUS, flipped
from stockroom.renditions import Refused, render
limit = int(sys.argv[1])
# Encoders need more than the limit; what they made is small.
made = {name: hostile.make() for name, hostile in CORPUS.items()}
made = {name: data for name, data in made.items() if len(data) < 1_000_000}
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
def end(data):
    try:
        render(data)
        return "picture"
    except Refused as refused:
        return refused.code
for name, hostile in CORPUS.items():
    print(name, end(made.get(name) or hostile.make()), sep="\\t", flush=True)
for format_ in ("jpeg", "png", "webp", "gif", "avif"):
    for seed in range(int(sys.argv[2])):
        print(f"{format_} {seed}", end(flipped(format_, seed)), sep="\\t", flush=True)
"""


def test_none_crashes_under_a_limit_on_address_space() -> None:
    flips = 150
    ran = subprocess.run(
        [sys.executable, "-c", UNDER_A_LIMIT, str(ADDRESS_SPACE), str(flips)],
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    ends = dict(line.split("\t") for line in ran.stdout.splitlines())
    assert ran.returncode == 0, f"died after {list(ends)[-1:]}: {ran.stderr[-2000:]}"
    assert len(ends) == len(CORPUS) + 5 * flips
    assert set(ends.values()) <= {PICTURE, *CODES}
    for name, hostile in CORPUS.items():
        assert ends[name] in hostile.ends, name
    # Memory ran out for none of them: the limits on what is promised are low enough for this much.
    assert "too-much-memory" not in ends.values()


def test_running_out_of_memory_is_not_damage() -> None:
    """The same file, whole, under a limit that is too low for it and one that is not."""
    program = (
        "import resource, sys\n"
        "from stockroom.renditions import Refused, render\n"
        "from tests.renditions.images import flat\n"
        "data = bytes(flat(6000, 6000, 10, 20, 30).jpegsave_buffer(interlace=True, Q=50))\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "limit = used + int(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "try:\n    render(data)\n    print('picture')\n"
        "except Refused as refused:\n    print(refused.code)\n"
    )

    def under(megabytes: int) -> str:
        ran = subprocess.run(
            [sys.executable, "-c", program, str(megabytes << 20)],
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    assert under(60) == "too-much-memory"
    assert under(800) == PICTURE


def test_a_message_that_is_no_text_does_not_stay_for_the_next_file() -> None:
    render_again = CORPUS["avif of a property whose name is no text"].make()
    for _ in range(2):
        assert end(outcome(render_again)) == "corrupt"
    assert pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()) == b""


def test_limits_of_this_process_are_as_they_were() -> None:
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] in {resource.RLIM_INFINITY, 2**63 - 1}

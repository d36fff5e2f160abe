"""Told apart: a file whose end is missing, and one that is damaged inside. Memory: `test_memory`."""

import pytest

from stockroom.renditions import SOURCE_FORMATS, Rendered, render
from tests.renditions.images import photo, photo_of
from tests.renditions.rejecting import reject

NAMES = [format_.name for format_ in SOURCE_FORMATS]


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95, 0.999])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_off_anywhere(name: str, part: float) -> None:
    data = photo_of(name)
    rejected = reject(data[: int(len(data) * part)])
    assert rejected.code == "truncated"
    assert "again" in rejected.sentence


@pytest.mark.parametrize("name", ["png", "gif", "avif"])
def test_a_file_that_is_damaged_inside(name: str) -> None:
    data = photo_of(name)
    middle = len(data) // 2
    damaged = data[:middle] + bytes(byte ^ 0x5A for byte in data[middle : middle + 40]) + data[middle + 40 :]
    rejected = reject(damaged)
    assert rejected.code == "corrupt"
    assert "save it anew" in rejected.sentence


@pytest.mark.parametrize("name", ["jpeg", "gif"])
def test_bytes_after_the_end_do_no_harm(name: str) -> None:
    assert isinstance(render(photo_of(name) + bytes(1000)), Rendered)


def test_interlaced_and_progressive_files_that_are_cut_off() -> None:
    for data in (photo().pngsave_buffer(interlace=True), photo().jpegsave_buffer(interlace=True)):
        for part in (0.3, 0.9):
            assert reject(data[: int(len(data) * part)]).code == "truncated"

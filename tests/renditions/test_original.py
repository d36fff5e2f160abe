"""A file that is still being downloaded is read like one that is in memory."""

from collections.abc import Callable

import pytest

from stockroom.renditions import SOURCE_FORMATS, Options, render
from stockroom.renditions.original import Original, StreamedOriginal
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.rendering import decode
from tests.renditions.images import photo_of


def in_steps(size: int, step: int) -> Callable[[int], int]:
    """A download in which so many bytes arrive at a time."""
    return lambda available: min(size, available + step)


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
@pytest.mark.parametrize("step", [100, 5000, 1 << 20])
def test_a_picture_from_a_download(name: str, step: int) -> None:
    data = photo_of(name)
    picture = decode(StreamedOriginal(data, 0, in_steps(len(data), step)), Options())
    assert picture.derive_facts(picture.encode(JPEG, Options())) == render(data)


def test_it_waits_for_no_more_than_is_asked_for() -> None:
    original = StreamedOriginal(b"0123456789", 2, in_steps(10, 3))
    assert original.slice(0, 2) == b"01"
    assert original.available == 2
    assert original.slice(2, 4) == b"23"
    assert original.available == 5
    assert not original.is_complete()
    assert original.slice(8, 99) == b"89"
    assert original.whole() == b"0123456789"
    assert original.is_complete()


def test_it_reads_what_has_arrived_and_waits_only_for_the_first_byte() -> None:
    original = StreamedOriginal(b"0123456789", 2, in_steps(10, 3))
    assert original.read_some(0, 8) == b"01"
    assert original.available == 2
    assert original.read_some(2, 8) == b"234"
    assert original.read_some(9, 8) == b"9"
    assert original.read_some(10, 8) == b""


def test_a_file_in_memory() -> None:
    original = Original(b"0123")
    assert original.is_complete()
    assert original.slice(3, 9) == b"3"
    assert original.read_some(1, 2) == b"12"
    assert original.read_some(4, 2) == b""


def test_what_ends_a_download_is_no_rejection() -> None:
    def ended(available: int) -> int:
        raise ConnectionError(f"after {available}")

    with pytest.raises(ConnectionError, match="after 9"):
        decode(StreamedOriginal(bytes(100), 9, ended), Options())

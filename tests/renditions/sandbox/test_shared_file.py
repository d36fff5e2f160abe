import errno
import mmap
import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from stockroom.renditions.sandbox.failures import DecoderUnavailable
from stockroom.renditions.sandbox.shared_file import SharedFile


def content(file: SharedFile) -> bytes:
    """What another process that maps the descriptor sees."""
    with mmap.mmap(file.descriptor, file.size, access=mmap.ACCESS_READ) as view:
        return bytes(view)


def test_it_is_filled_chunk_by_chunk() -> None:
    with closing(SharedFile(6, [b"ab", b"cd", b"ef"])) as file:
        filling = file.fill()
        assert next(filling) == 2
        assert content(file) == b"ab\0\0\0\0"
        assert list(filling) == [4, 6]
        assert content(file) == b"abcdef"


@pytest.mark.parametrize("call", ["memfd_create", "ftruncate"])
def test_a_kernel_that_shares_no_memory_says_nothing_about_the_file(
    monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, call)

    descriptors = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(DecoderUnavailable, match=call):
        SharedFile(4, [b"abcd"])
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_who_gets_its_descriptor_can_only_read() -> None:
    """A file that is cut off under a mapping kills the process that writes to the mapping."""
    with closing(SharedFile(4, [b"ab", b"cd"])) as file:
        filling = file.fill()
        next(filling)
        for attempt in (
            lambda: os.ftruncate(file.descriptor, 0),
            lambda: os.ftruncate(file.descriptor, 1 << 20),
            lambda: os.pwrite(file.descriptor, b"!", 0),
            lambda: mmap.mmap(file.descriptor, 4),
        ):
            with pytest.raises(PermissionError):
                attempt()
        assert list(filling) == [4]
        assert content(file) == b"abcd"


def test_what_is_beyond_the_size_is_cut_off() -> None:
    with closing(SharedFile(3, [b"ab", b"cd", b"ef"])) as file:
        assert list(file.fill()) == [2, 3, 3]
        assert content(file) == b"abc"


def test_an_empty_file() -> None:
    with closing(SharedFile(0, [])) as file:
        assert list(file.fill()) == []
        assert os.fstat(file.descriptor).st_size == 0


def test_chunks_that_end_too_early() -> None:
    with closing(SharedFile(4, [b"ab"])) as file, pytest.raises(EOFError, match="2 of 4 bytes"):
        list(file.fill())


def test_errors_of_the_download_pass_through() -> None:
    def broken() -> Iterator[bytes]:
        yield b"ab"
        raise ConnectionError("storage went away")

    with closing(SharedFile(4, broken())) as file, pytest.raises(ConnectionError):
        list(file.fill())


def test_its_descriptor_is_closed() -> None:
    file = SharedFile(4, [])
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file.descriptor)

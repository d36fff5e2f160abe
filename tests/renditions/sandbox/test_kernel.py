import errno
import os

import pytest

from stockroom.renditions.sandbox import kernel


def test_a_refused_call_is_an_os_error() -> None:
    with pytest.raises(OSError, match="Invalid argument") as caught:
        kernel.prctl(-1)
    assert caught.value.errno == errno.EINVAL
    with pytest.raises(OSError, match="Bad file descriptor"):
        # fstat has the number 5 on x86_64 and 80 on aarch64.
        kernel.syscall({"x86_64": 5, "aarch64": 80}[os.uname().machine], 9999, None)


def test_arguments_are_numbers_and_bytes() -> None:
    read, write = os.pipe()
    try:
        # write has the number 1 on x86_64 and 64 on aarch64.
        number = {"x86_64": 1, "aarch64": 64}[os.uname().machine]
        assert kernel.syscall(number, write, b"bytes", 5) == 5
        assert os.read(read, 9) == b"bytes"
    finally:
        os.close(read)
        os.close(write)

"""System calls for which Python has no function. What the kernel refuses is raised as OSError."""

import ctypes
import os

PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38

_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, argument: int = 0) -> None:
    """Set an attribute of this process, prctl(2)."""
    _check(_libc.prctl(ctypes.c_int(option), *map(ctypes.c_ulong, (argument, 0, 0, 0))))


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """The result of any system call. Bytes and None are passed as pointers."""
    words = (
        ctypes.c_ulong(argument) if isinstance(argument, int) else ctypes.c_char_p(argument)
        for argument in arguments
    )
    return _check(_libc.syscall(ctypes.c_long(number), *words))


def hide_memory() -> None:
    """Hide the memory and the environment of this process from other processes of its user.

    They could read both through /proc otherwise. Debuggers of that user cannot attach any more, and no core
    is dumped.
    """
    prctl(PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up what a process of root may do beyond its files, for ever. Others have nothing to give up."""
    capability = 0
    while True:
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            # The last capability was the one before this, or this process has none and may drop none.
            break
        capability += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()))


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result

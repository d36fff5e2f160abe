"""What the worker gives up before it opens the first file, so that a file which takes it over gains nothing.

Each layer holds without the others: limits on resources, no capabilities, no way to gain privileges, a filter
of system calls, Landlock. docs/formats.md says which of them holds where.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal

from stockroom.renditions.sandbox import kernel, landlock, seccomp

Protection = Literal["no_new_privs", "capabilities", "landlock", "seccomp"]

MAX_DESCRIPTORS = 32
"""Open files and sockets of the worker. It takes seven."""


def set_limits(memory_bytes: int) -> None:
    """Set the limits of this process that no process of its own user can raise again.

    `memory_bytes` limits private memory that can be written to. The original is shared memory and not
    counted.
    """
    for limit, value in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_NOFILE, MAX_DESCRIPTORS),
        # Not one byte to any file; pipes and sockets do not count.
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def confine() -> tuple[Protection, ...]:
    """Take from this process whatever rendering does not take. Returns the protections that were refused.

    All libraries must have been loaded: no file can be opened afterwards.
    """
    return tuple(_refused())


def _refused() -> Iterator[Protection]:
    layers: tuple[tuple[Protection, Callable[[], None]], ...] = (
        ("no_new_privs", lambda: kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)),
        ("capabilities", kernel.drop_capabilities),
        ("landlock", landlock.deny_everything),
        # The last one, as it would forbid the others.
        ("seccomp", seccomp.install_filter),
    )
    for name, apply in layers:
        is_applied = False
        with suppress(OSError):
            apply()
            is_applied = True
        if not is_applied:
            yield name

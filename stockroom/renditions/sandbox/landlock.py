"""Landlock, landlock(7): a second layer below the filter of system calls, on Linux 5.13 and later.

The ruleset has no rules: every kind of access that the kernel knows is denied, for files, for TCP, for
abstract sockets, and for signals to other processes.
"""

import os
import struct

from stockroom.renditions.sandbox import kernel

# The same numbers on all processors.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_FOR_VERSION = 1
_FILE_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of access to files each version of the interface knows. Later ones know the same."""
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_TWO_BITS = 0b11


def deny_everything() -> None:
    """Deny this thread, and threads that it starts later, to open anything. Raises OSError without Landlock.

    no_new_privs must be set.
    """
    version = kernel.syscall(_CREATE_RULESET, None, 0, _ASK_FOR_VERSION)
    handled = [(1 << _FILE_ACCESS_BITS[min(version, max(_FILE_ACCESS_BITS))]) - 1]
    if version >= _NETWORK_SINCE:
        handled.append(_TWO_BITS)
    if version >= _SCOPES_SINCE:
        handled.append(_TWO_BITS)
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    ruleset = kernel.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)

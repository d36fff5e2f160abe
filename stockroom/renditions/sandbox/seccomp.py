"""A filter of system calls, seccomp(2): it allows what rendering takes; every other call fails with EPERM.

A call that is not listed fails and does not kill, as libraries try calls that they can do without. The
numbers are those of the two processors that Lambda offers; elsewhere there is no filter.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence
from typing import NamedTuple

from stockroom.renditions.sandbox import kernel

CALLS: dict[str, tuple[int | None, int | None]] = {
    # The most frequent ones are first: old kernels walk through the list at each call.
    "futex": (202, 98),
    "read": (0, 63),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "write": (1, 64),
    "close": (3, 57),
    "brk": (12, 214),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "lseek": (8, 62),
    "fstat": (5, 80),
    # The C library asks by this call for the size of an open file, as `mmap` in Python does. A filter cannot
    # look at the path behind its pointer, so it also tells whether a file exists, its size and its times.
    "newfstatat": (262, 79),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "poll": (7, None),
    "ppoll": (271, 73),
    "getsockopt": (55, 209),
    "getsockname": (51, 204),
    "shutdown": (48, 210),
    "dup": (32, 23),
    "setitimer": (38, 103),
    "getitimer": (36, 102),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "restart_syscall": (219, 128),
    "sigaltstack": (131, 132),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getattr": (315, 275),
    "getcpu": (309, 168),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getcwd": (79, 17),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "exit": (60, 93),
    "exit_group": (231, 94),
    # With certain arguments only (`_conditions`).
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "clone": (56, 220),
    "clone3": (435, 435),
    "prctl": (157, 167),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
}
"""Numbers of system calls on x86_64 and on aarch64; None where a processor has no such call."""


class Processor(NamedTuple):
    """A processor: its place in `CALLS`, its number in filters, the number of seccomp(2) itself."""

    column: int
    audit_arch: int
    seccomp: int


PROCESSORS = {"x86_64": Processor(0, 0xC000003E, 317), "aarch64": Processor(1, 0xC00000B7, 277)}


class Instruction(NamedTuple):
    """One instruction of a BPF program. `if_true` and `if_false` skip so many instructions."""

    code: int
    operand: int
    if_true: int = 0
    if_false: int = 0


# Classic BPF: load a word of the call's description; jump if equal, or if a bit is set; return.
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_SET_MODE_FILTER = 1
# All threads of the process get the filter. The processor keeps its speculation, without which decoding is
# slower: the process runs no code that a stranger has written.
_FLAGS_SYNC_THREADS, _FLAGS_ALLOW_SPECULATION = 1, 4

_PROT_EXEC = 0x4
_CLONE_THREAD = 0x10000
_CLONE_NAMESPACES = 0x7E020000
_FCNTL_COMMANDS = (1, 2, 3, 4, 1030)  # F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
_IOCTL_REQUESTS = (0x5421, 0x5451)  # FIONBIO, FIOCLEX

ALLOW = Instruction(_RETURN, _ALLOW)


def fail_with(error: int) -> Instruction:
    """End the program: the call fails with this `errno`."""
    return Instruction(_RETURN, _ERRNO | error)


def install_filter() -> None:
    """Restrict this process to `CALLS`, for ever. Raises OSError where the kernel refuses.

    no_new_privs must be set. Files, sockets and programs that are not open by now cannot be opened any more.
    """
    install(build_filter(platform.machine(), os.getpid()))


def build_filter(machine: str, pid: int) -> list[Instruction]:
    """The program for a processor, as `platform.machine` names it, and the process that it is meant for."""
    processor = PROCESSORS.get(machine)
    if processor is None:
        raise OSError(errno.ENOSYS, f"no filter for the processor {machine}")
    program = [
        Instruction(_LOAD, _ARCHITECTURE),
        Instruction(_JUMP_IF_EQUAL, processor.audit_arch, if_true=1),
        Instruction(_RETURN, _KILL_PROCESS),
        Instruction(_LOAD, _NUMBER),
    ]
    conditions = _conditions(pid)
    for name, numbers in CALLS.items():
        number = numbers[processor.column]
        if number is None:
            continue
        block = conditions.get(name, [ALLOW])
        program += [Instruction(_JUMP_IF_EQUAL, number, if_false=len(block)), *block]
    return [*program, fail_with(errno.EPERM)]


def install(program: Sequence[Instruction]) -> None:
    """Install a filter in all threads of this process. Raises OSError where the kernel refuses."""
    processor = PROCESSORS[platform.machine()]
    packed = b"".join(
        struct.pack("=HBBI", step.code, step.if_true, step.if_false, step.operand) for step in program
    )
    code = ctypes.create_string_buffer(packed, len(packed))
    pointer = struct.pack("@HP", len(program), ctypes.addressof(code))
    flags = _FLAGS_SYNC_THREADS | _FLAGS_ALLOW_SPECULATION
    if thread := kernel.syscall(processor.seccomp, _SET_MODE_FILTER, flags, pointer):
        raise OSError(errno.EBUSY, f"thread {thread} has another filter")


def _argument(index: int, *, is_upper_half: bool = False) -> Instruction:
    """Load the lower (or upper) 32 bits of an argument of the call."""
    return Instruction(_LOAD, 16 + 8 * index + 4 * is_upper_half)


def _allow_one_of(index: int, values: Sequence[int]) -> list[Instruction]:
    """Allow the call if an argument of 32 bits has one of these values."""
    tests = [
        Instruction(_JUMP_IF_EQUAL, value, if_true=len(values) - position)
        for position, value in enumerate(values)
    ]
    return [_argument(index), *tests, fail_with(errno.EPERM), ALLOW]


def _conditions(pid: int) -> dict[str, list[Instruction]]:
    """What is executed for a call that only certain arguments make harmless. Each ends with a return."""
    forbid = fail_with(errno.EPERM)
    no_new_code = [_argument(2), Instruction(_JUMP_IF_SET, _PROT_EXEC, if_false=1), forbid, ALLOW]
    return {
        "mmap": no_new_code,
        "mprotect": no_new_code,
        # Threads, but no processes and no namespaces.
        "clone": [
            _argument(0),
            Instruction(_JUMP_IF_SET, _CLONE_THREAD, if_false=1),
            Instruction(_JUMP_IF_SET, _CLONE_NAMESPACES, if_false=1),
            forbid,
            ALLOW,
        ],
        # Its flags are behind a pointer, where a filter cannot look. The C library uses clone instead.
        "clone3": [fail_with(errno.ENOSYS)],
        "prctl": _allow_one_of(0, [kernel.PR_SET_NAME]),
        # Not those that make the kernel send signals to other processes.
        "fcntl": _allow_one_of(1, _FCNTL_COMMANDS),
        "ioctl": _allow_one_of(1, _IOCTL_REQUESTS),
        "tgkill": _allow_one_of(0, [pid]),
        # To read limits, but not to set them: the pointer to new ones must be null.
        "prlimit64": [
            _argument(2),
            Instruction(_JUMP_IF_EQUAL, 0, if_false=2),
            _argument(2, is_upper_half=True),
            Instruction(_JUMP_IF_EQUAL, 0, if_true=1),
            forbid,
            ALLOW,
        ],
    }

"""The filter, executed here by a small interpreter: for both processors, of which a test machine has one."""

import errno
import os
import struct
import subprocess
import sys
from collections.abc import Sequence

import pytest

from stockroom.renditions.sandbox.seccomp import CALLS, PROCESSORS, Instruction, build_filter

PID = 4711
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
FORBIDDEN, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
MACHINES = list(PROCESSORS)


def execute(program: Sequence[Instruction], call: bytes) -> int:
    """What the program returns for a call that is described as in `struct seccomp_data`."""
    accumulator = position = 0
    while True:
        step = program[position]
        position += 1
        if step.code == 0x20:
            (accumulator,) = struct.unpack_from("<I", call, step.operand)
        elif step.code == 0x06:
            return step.operand
        else:
            holds = {0x15: accumulator == step.operand, 0x45: accumulator & step.operand != 0}[step.code]
            position += step.if_true if holds else step.if_false


def outcome(machine: str, name: str, *arguments: int) -> int:
    processor = PROCESSORS[machine]
    number = CALLS[name][processor.column]
    assert number is not None
    return outcome_of_number(machine, number, *arguments)


def outcome_of_number(machine: str, number: int, *arguments: int, audit_arch: int | None = None) -> int:
    values = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    arch = PROCESSORS[machine].audit_arch if audit_arch is None else audit_arch
    return execute(build_filter(machine, PID), struct.pack("<IIQ6Q", number, arch, 0, *values))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("read", (0,), ALLOWED),
        ("futex", (), ALLOWED),
        ("mmap", (0, 4096, 0b011), ALLOWED),
        ("mmap", (0, 4096, 0b101), FORBIDDEN),
        ("mprotect", (0, 4096, 0b011), ALLOWED),
        ("mprotect", (0, 4096, 0b100), FORBIDDEN),
        # What the C library asks for when it starts a thread, and when it forks.
        ("clone", (0x3D0F00,), ALLOWED),
        ("clone", (0x1200011,), FORBIDDEN),
        ("clone", (0x10000 | 0x40000000,), FORBIDDEN),
        ("clone3", (), UNKNOWN),
        ("prctl", (15,), ALLOWED),
        ("prctl", (4, 1), FORBIDDEN),
        ("fcntl", (0, 1), ALLOWED),
        ("fcntl", (0, 1030), ALLOWED),
        ("fcntl", (0, 8, 1), FORBIDDEN),
        ("ioctl", (0, 0x5421), ALLOWED),
        ("ioctl", (0, 0x8901), FORBIDDEN),
        ("tgkill", (PID, PID, 6), ALLOWED),
        ("tgkill", (1, 1, 9), FORBIDDEN),
        ("prlimit64", (0, 3, 0), ALLOWED),
        ("prlimit64", (0, 3, 0x1000), FORBIDDEN),
        ("prlimit64", (0, 3, 0x7FFF_0000_0000), FORBIDDEN),
    ],
)
def test_arguments_decide(machine: str, name: str, arguments: tuple[int, ...], expected: int) -> None:
    assert outcome(machine, name, *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_only_listed_numbers_are_allowed(machine: str) -> None:
    listed = {numbers[PROCESSORS[machine].column] for numbers in CALLS.values()}
    allowed = {number for number in range(600) if outcome_of_number(machine, number) != FORBIDDEN}
    assert allowed <= listed
    assert outcome_of_number(machine, 2**32 - 1) == FORBIDDEN
    # The second numbering of x86_64 (x32).
    assert outcome_of_number(machine, 0x40000000) == FORBIDDEN


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_of_another_processor_kills(machine: str) -> None:
    # On both processors, 32-bit programs have numbers of their own.
    for arch in (0x40000003, 0x40000028):
        assert outcome_of_number(machine, 0, audit_arch=arch) == KILLED


@pytest.mark.parametrize("machine", MACHINES)
def test_no_number_stands_for_two_calls(machine: str) -> None:
    numbers = [numbers[PROCESSORS[machine].column] for numbers in CALLS.values()]
    numbers = [number for number in numbers if number is not None]
    assert len(numbers) == len(set(numbers))


def test_the_other_processor_has_no_filter() -> None:
    with pytest.raises(OSError, match="riscv64"):
        build_filter("riscv64", PID)


def test_calls_fail_and_do_not_kill() -> None:
    program = """
import os, socket
from stockroom.renditions.sandbox.kernel import PR_SET_NO_NEW_PRIVS, prctl
from stockroom.renditions.sandbox.seccomp import install_filter
prctl(PR_SET_NO_NEW_PRIVS, 1)
install_filter()
for attempt in (socket.socket, lambda: open("/etc/hosts"), os.fork, lambda: os.kill(os.getppid(), 0)):
    try:
        attempt()
        print("no error")
    except PermissionError:
        pass
print("done")
"""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.returncode) == ("done\n", 0), ran.stderr

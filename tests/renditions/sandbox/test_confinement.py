"""What a worker can still do that a file has taken over: nothing beyond its picture."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.renditions.sandbox.process import ENVIRONMENT
from tests.renditions.sandbox import probes
from tests.renditions.sandbox.conftest import MakeDecoder
from tests.renditions.sandbox.probes import ask
from tests.unprivileged import run_unprivileged

ROOT = Path(__file__).parents[3]


@pytest.fixture
def worker(make_decoder: MakeDecoder) -> Decoder:
    """A worker that does what a file says."""
    return make_decoder(program=probes.PROGRAM)


def test_it_can_neither_read_nor_write_files(worker: Decoder, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    assert ask(worker, probes.read_file, secret) == "EPERM"
    assert ask(worker, probes.write_file, secret) == "EPERM"
    assert ask(worker, probes.write_file, tmp_path / "new") == "EPERM"
    assert ask(worker, probes.remove_file, secret) == "EPERM"
    assert secret.read_text() == "hidden"


def test_it_cannot_read_what_its_parent_holds(worker: Decoder) -> None:
    assert ask(worker, probes.read_environment) == "EPERM"
    assert ask(worker, probes.read_memory) == "EPERM"


def test_its_own_environment_holds_no_credentials(worker: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    names = set(ask(worker, probes.own_environment).split(","))
    # Python itself sets LC_CTYPE where the environment names no locale.
    assert names - {"LC_CTYPE"} == {"PYTHONPATH", "LD_LIBRARY_PATH", *ENVIRONMENT}


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
def test_it_cannot_open_sockets(worker: Decoder, family: str) -> None:
    assert ask(worker, probes.open_socket, family) == "EPERM"


def test_its_threads_cannot_either(worker: Decoder) -> None:
    assert ask(worker, probes.open_socket_in_thread) == "EPERM"


@pytest.mark.parametrize(
    "probe",
    [
        probes.execute,
        probes.fork,
        probes.signal_parent,
        probes.signal_parent_by_file_owner,
        probes.map_code,
    ],
)
def test_it_cannot(worker: Decoder, probe: Callable[[], object]) -> None:
    assert ask(worker, probe) == "EPERM"


# Numbers on x86_64 and on aarch64.
FORBIDDEN = {
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    "socketpair": (53, 199),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "openat": (257, 56),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "memfd_create": (319, 279),
    "unlinkat": (263, 35),
    "renameat2": (316, 276),
    "linkat": (265, 37),
    "mkdirat": (258, 34),
    "fchmod": (91, 52),
    "ftruncate": (77, 46),
    "pwrite64": (18, 68),
    "sendfile": (40, 71),
    "splice": (275, 76),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "chroot": (161, 51),
    "setuid": (105, 146),
    "setrlimit": (160, 164),
    "capset": (126, 91),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "pkey_mprotect": (329, 288),
    "personality": (135, 92),
    "timer_create": (222, 107),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "init_module": (175, 105),
    "reboot": (169, 142),
    "seccomp": (317, 277),
}


def test_other_system_calls_fail(worker: Decoder) -> None:
    outcomes = {name: ask(worker, probes.call, *numbers) for name, numbers in FORBIDDEN.items()}
    assert set(outcomes.values()) == {"EPERM"}, outcomes


def test_a_call_in_another_numbering_fails(worker: Decoder) -> None:
    # x86_64 has a second set of numbers for the same calls (x32): this one is getpid.
    assert ask(worker, probes.call, 0x40000000 + 39, 0x40000000 + 172) in {"EPERM", "ENOSYS"}


def test_the_original_is_read_only_for_it(worker: Decoder) -> None:
    # Its limit on the size of files refuses it, or else the seal of the shared memory.
    assert ask(worker, probes.write_to_original) in {"EFBIG", "EPERM"}
    assert ask(worker, probes.shorten_original) == "EPERM"


def test_it_inherits_no_descriptor(make_decoder: MakeDecoder) -> None:
    with tempfile.TemporaryFile() as secret:
        # A number that no descriptor of the worker's own has.
        inherited = fcntl.fcntl(secret.fileno(), fcntl.F_DUPFD, 100)
        try:
            assert ask(make_decoder(program=probes.PROGRAM), probes.is_open, inherited) == "False"
        finally:
            os.close(inherited)


def test_a_worker_has_no_capabilities_and_gains_no_privileges(decoder: Decoder) -> None:
    decoder.wait_until_ready()
    status = Path(f"/proc/{decoder.pid}/status").read_text()
    values = dict(line.split(":\t", 1) for line in status.splitlines())
    assert {values[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert values["NoNewPrivs"] == "1"
    assert values["Seccomp"] == "2"


def run(program: str, *arguments: str, **environment: str) -> str:
    """What a program prints that runs as a user without privileges."""
    ran = run_unprivileged(program, *arguments, cwd=ROOT, **environment)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


READ_PARENT = """
import os, sys
os.read(0, 1)
# The folder of a process that hides its memory is root's, who may list it, also without capabilities.
for name in ("environ", "mem", "maps", "auxv", *(["fd"] if os.getuid() else [])):
    path = f"/proc/{os.getppid()}/{name}"
    try:
        os.listdir(path) if name == "fd" else open(path, "rb").read(64)
        print(name, "was read", file=sys.stderr)
    except PermissionError:
        pass
print("done", file=sys.stderr)
"""
WITHOUT_CONFINEMENT = """
import sys, msgspec, os
from stockroom.renditions.sandbox.process import WorkerProcess
worker = WorkerProcess(1.0, 1 << 30, sys.argv[1])
worker.send(msgspec.defstruct("Go", [])(), ())
os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
print(worker.describe_end())
"""


def test_the_parent_hides_its_memory_from_a_worker_that_nothing_confines() -> None:
    """From a process of the same user, whatever the kernel makes of the worker's own filter."""
    assert run(WITHOUT_CONFINEMENT, READ_PARENT, AWS_SECRET_ACCESS_KEY="hidden") == "exit 0; done"


CONFINE = """
import sys
from stockroom.renditions.sandbox import seccomp
from stockroom.renditions.sandbox.kernel import PR_SET_NO_NEW_PRIVS, prctl
from stockroom.renditions.sandbox.seccomp import ALLOW, Instruction, fail_with
from stockroom.renditions.sandbox.confinement import confine
prctl(PR_SET_NO_NEW_PRIVS, 1)
# A kernel that refuses the calls with these numbers.
seccomp.install([
    Instruction(0x20, 0),
    *(step for number in sys.argv[1:] for step in (
        Instruction(0x15, int(number), if_false=1), fail_with(38))),
    ALLOW,
])
print(*confine())
"""


@pytest.mark.parametrize(
    ("calls", "refused"),
    [
        ({}, ""),
        ({"landlock_create_ruleset": (444, 444)}, "landlock"),
        ({"seccomp": (317, 277)}, "seccomp"),
        ({"prctl": (157, 167), "seccomp": (317, 277)}, "no_new_privs seccomp"),
        ({"capset": (126, 91)}, "capabilities"),
    ],
)
def test_it_is_known_what_the_kernel_refuses(calls: dict[str, tuple[int, int]], refused: str) -> None:
    column = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
    # This machine's own kernel may be without Landlock.
    expected = set(run(CONFINE).split()) | set(refused.split())
    assert set(run(CONFINE, *(str(numbers[column]) for numbers in calls.values())).split()) == expected


RENDER = """
from stockroom.renditions import render
from stockroom.renditions.sandbox.decoder import Decoder
from tests.renditions.images import photo_bytes
decoder, data = Decoder(), photo_bytes()
decoder.wait_until_ready()
first = decoder.pid
for _ in range(2):
    with decoder.decode(len(data), [data], formats=("webp",)) as picture:
        assert picture.rendered == render(data)
        assert [further.fault for further in picture.further_formats()] == [""]
# Too many are found only by somebody who may count them.
small = Decoder(idle_descriptors=2)
with small.decode(len(data), [data]):
    pass
print(decoder.pid == first, small.pid)
"""


def test_a_user_without_privileges_renders_and_counts_descriptors() -> None:
    assert run(RENDER) == "True None"


def test_limits_hold_without_a_filter() -> None:
    program = """
import os, resource, socket, tempfile
from stockroom.renditions.sandbox.confinement import MAX_DESCRIPTORS, set_limits
file = tempfile.TemporaryFile()
set_limits(1 << 30)
for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_DATA, resource.RLIMIT_CORE):
    soft, hard = resource.getrlimit(limit)
    assert soft == hard
try:
    os.write(file.fileno(), b"x")
except OSError as error:
    print(error.strerror)
try:
    for _ in range(MAX_DESCRIPTORS):
        os.dup(0)
except OSError as error:
    print(error.strerror)
try:
    bytes(1 << 30)
except MemoryError:
    print("Out of memory")
"""
    assert run(program).splitlines() == ["File too large", "Too many open files", "Out of memory"]

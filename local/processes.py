"""Background processes: each in its own group, recorded so that only ours are ever ended.

A record holds the process id and an identity (boot and start time). An id that was given to another
process since then has another identity, and is left alone.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.errors import StackError
from local.layout import Layout, read_json, write_json

PROC = Path("/proc")
# A log that has grown beyond this is put aside at the next start, in place of the one before.
LOG_BYTES = 20_000_000


def identity(pid: int) -> str | None:
    """What tells this process from a later one with the same id; None when there is none (or a zombie)."""
    if (PROC / "self" / "stat").exists():
        try:
            # The name in parentheses may hold spaces and parentheses itself.
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        boot = (PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
        return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"
    answer = _ps("-o", "stat=,lstart=", "-p", str(pid))
    return None if not answer or answer.startswith("Z") else answer.split(None, 1)[1].strip()


def group_members(group: int) -> list[int]:
    """Living processes of a group."""
    if (PROC / "self" / "stat").exists():
        members = []
        for entry in PROC.iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == group and fields[0] not in "ZX":
                members.append(int(entry.name))
        return members
    rows = (line.split() for line in _ps("-A", "-o", "pid=,pgid=,stat=").splitlines())
    return [int(pid) for pid, pgid, stat in rows if int(pgid) == group and not stat.startswith("Z")]


def belongs(pid: int, folder: Path) -> bool:
    """Whether a process works in `folder` or was started with it in its arguments."""
    if (PROC / "self" / "stat").exists():
        try:
            working = (PROC / str(pid) / "cwd").resolve()
            command = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False
        return working.is_relative_to(folder) or str(folder) in command
    return str(folder) in _ps("-ww", "-E", "-o", "command=", "-p", str(pid))


def start(
    layout: Layout, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path
) -> "subprocess.Popen[bytes]":
    """Start `command` in the background; its output is appended to its log."""
    if layout.log(name).exists() and layout.log(name).stat().st_size > LOG_BYTES:
        layout.log(name).replace(layout.log(f"{name}.1"))
    with layout.log(name).open("ab") as log:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write_json(layout.run / f"{name}.json", {"pid": child.pid, "identity": identity(child.pid)})
    return child


def running(layout: Layout, name: str) -> int:
    """The id of the living process recorded under `name`, 0 when there is none."""
    record = read_json(layout.run / f"{name}.json")
    pid = int(record.get("pid", 0))
    return pid if pid and record.get("identity") and identity(pid) == record["identity"] else 0


def stop(layout: Layout, name: str, *, patience: float = 20) -> bool:
    """End a recorded process and what it left behind; True when there was anything.

    The leader is asked first and given `patience` seconds to save its work, then the rest of its group.
    """
    record = read_json(layout.run / f"{name}.json")
    pid = int(record.get("pid", 0))
    if not pid:
        return False
    leader = running(layout, name)
    if leader:
        os.kill(leader, signal.SIGTERM)
        if not _until(lambda: running(layout, name) == 0, patience):
            os.killpg(leader, signal.SIGKILL)
    leftovers = _leftovers(layout, pid)
    if leftovers and not leader:
        # The leader was killed: whoever is left has nobody to save for.
        _signal(leftovers, signal.SIGKILL)
    elif leftovers:
        _signal(leftovers, signal.SIGTERM)
        if not _until(lambda: not _leftovers(layout, pid), 2):
            _signal(_leftovers(layout, pid), signal.SIGKILL)
    if not _until(lambda: not _leftovers(layout, pid), 5):
        raise StackError(f"{name} (group {pid}) does not end")
    (layout.run / f"{name}.json").unlink(missing_ok=True)
    return bool(leader or leftovers)


def wait_ready(
    layout: Layout, name: str, child: "subprocess.Popen[bytes]", ready: Callable[[], bool], *, patience: float
) -> None:
    """Wait until `ready()`; raises StackError with the log when the process ends or time is up."""

    def settled() -> bool:
        return child.poll() is not None or ready()

    in_time = _until(settled, patience)
    if child.poll() is not None:
        raise StackError(f"{name} ended with status {child.returncode}", log=layout.log(name))
    if not in_time:
        raise StackError(f"{name} is not ready after {patience:.0f} s", log=layout.log(name))


def _leftovers(layout: Layout, group: int) -> list[int]:
    return [pid for pid in group_members(group) if belongs(pid, layout.data)]


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _until(condition: Callable[[], bool], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def _ps(*arguments: str) -> str:
    answer = subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False)
    return answer.stdout.strip()

"""Background processes: each leads a group of its own and is recorded, so that only ours are ever ended.

psutil tells processes apart. No supervisor (supervisord, circus, honcho) does the rest: each is one more
process to keep alive, and none ends what a killed leader left behind.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from local.layout import Layout, read_json, write_json
from tooling.errors import ToolError

# A start time is reckoned from the time of boot, which moves when the clock is set.
CLOCK_STEP_SECONDS = 60
KILL_SECONDS = 5


def start(
    layout: Layout, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path
) -> "subprocess.Popen[bytes]":
    """Start `command` in the background and record it; its output is appended to its log."""
    with layout.log(name).open("ab") as output:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write_json(_record(layout, name), {"pid": child.pid, "started": time.time()})
    return child


def running(layout: Layout, name: str) -> int:
    """The id of the living process that is recorded under `name`; 0 when there is none."""
    record = read_json(_record(layout, name))
    pid = int(record.get("pid", 0))
    return pid if pid and _is_ours(layout, pid, float(record.get("started", 0))) else 0


def recorded(layout: Layout) -> list[str]:
    """The names of all processes that have a record, whether they live or not."""
    return sorted(path.stem for path in layout.run.glob("[!.]*.json"))


def stop(layout: Layout, name: str, *, patience: float = 20) -> bool:
    """End a recorded process and the rest of its group; True when any of them was alive.

    The leader gets SIGTERM and `patience` seconds to save its work, then its group gets SIGKILL. Whoever
    outlives a leader gets SIGTERM and two seconds; after a leader that was killed, SIGKILL at once.
    """
    group = int(read_json(_record(layout, name)).get("pid", 0))
    if not group:
        return False
    leader = running(layout, name)
    if leader:
        os.kill(leader, signal.SIGTERM)
        if not wait_until(lambda: running(layout, name) == 0, patience):
            os.killpg(leader, signal.SIGKILL)
    members = list(_members(layout, group))
    if leader and members:
        _signal(members, signal.SIGTERM)
        wait_until(lambda: not any(_members(layout, group)), 2)
    _signal(_members(layout, group), signal.SIGKILL)
    if not wait_until(lambda: not any(_members(layout, group)), KILL_SECONDS):
        raise ToolError(f"{name} (process group {group}) does not end")
    _record(layout, name).unlink(missing_ok=True)
    return bool(leader or members)


def wait_ready(
    layout: Layout,
    name: str,
    child: "subprocess.Popen[bytes]",
    is_ready: Callable[[], bool],
    *,
    patience: float,
) -> None:
    """Wait until `is_ready()`. Raises ToolError with the log when the process ends or `patience` is over."""
    in_time = wait_until(lambda: child.poll() is not None or is_ready(), patience)
    if child.poll() is not None:
        raise ToolError(f"{name} ended with status {child.returncode}", log=layout.log(name))
    if not in_time:
        raise ToolError(f"{name} is not ready after {patience:.0f} s", log=layout.log(name))


def wait_until(condition: Callable[[], bool], seconds: float, *, interval: float = 0.03) -> bool:
    """Whether `condition()` holds within so many seconds; it is tried every `interval` seconds.

    psutil's own wait takes a zombie for alive, and where process 1 reaps none, as in many containers, an
    ended process stays a zombie.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def group_members(group: int) -> Iterator[psutil.Process]:
    """The living processes of a process group."""
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue


def _record(layout: Layout, name: str) -> Path:
    return layout.run / f"{name}.json"


def _members(layout: Layout, group: int) -> Iterator[psutil.Process]:
    """The living processes of a group that work for this stack: an id may belong to strangers by now."""
    return (process for process in group_members(group) if _works_for(layout, process))


def _is_ours(layout: Layout, pid: int, started: float) -> bool:
    """Whether a process is alive and the one that was started then, not a later one with the same id."""
    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and abs(process.create_time() - started) < CLOCK_STEP_SECONDS
            and _works_for(layout, process)
        )
    except psutil.NoSuchProcess:
        return False


def _works_for(layout: Layout, process: psutil.Process) -> bool:
    """Whether a process was started with the data folder in its arguments, or works in that folder.

    A process that hides its memory, as `resize` does while it has a decoder, hides its folder too.
    """
    try:
        return str(layout.data) in " ".join(process.cmdline()) or Path(process.cwd()).is_relative_to(
            layout.data
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue

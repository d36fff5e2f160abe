"""A real MySQL, although Debian's stable release has none: Debian unstable's, in a folder of its own.

debootstrap fills the folder (560 MB) and chroot enters it, so it needs root and, the first time, Debian's
mirror. STOCKROOM_MYSQL_ROOT says where it lies (build/mysql). For another server, say where it listens:
STOCKROOM_TEST_DB=user:password@host:port.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ACCOUNTS, HOST, SPEED, Server, free_port, started

FOLDER = Path(os.environ.get("STOCKROOM_MYSQL_ROOT") or Path(__file__).parents[1] / "build" / "mysql")
OUTSIDE = "Set STOCKROOM_TEST_DB=user:password@host:port to use a MySQL that runs elsewhere."


@contextmanager
def running(name: str, options: Sequence[str] = SPEED, *, keep: bool = False) -> Iterator[Server]:
    """Start a server with data of its own under `name`, and stop it at the end; `keep` its data."""
    root = _system()
    data = f"/data-{name}-{os.getpid()}" if not keep else f"/data-{name}"
    inside = root / data[1:]
    port = free_port()
    base = ["chroot", str(root), "/usr/sbin/mysqld", "--no-defaults", "--user=mysql", f"--datadir={data}"]
    if not inside.exists():
        inside.mkdir()
        _run(["chroot", str(root), "chown", "mysql", data])
        _run([*base, "--initialize-insecure"])
    accounts = root / f"accounts-{port}.sql"
    accounts.write_text(ACCOUNTS)
    accounts.chmod(0o644)
    command = [
        *base,
        f"--port={port}",
        f"--bind-address={HOST}",
        f"--socket={data}/mysql.sock",
        f"--pid-file={data}/mysql.pid",
        f"--log-error={data}/error.log",
        f"--init-file=/{accounts.name}",
        "--mysqlx=OFF",
        "--secure-file-priv=",
        "--local-infile=ON",
        *options,
    ]
    try:
        with started(command, port, inside / "error.log") as server:
            yield server
    finally:
        accounts.unlink()
        if not keep:
            shutil.rmtree(inside)


def _system() -> Path:
    """The folder with a Debian that has MySQL, made when missing."""
    if os.geteuid() != 0:
        raise RuntimeError(f"MySQL is run in a chroot, which only root may do. {OUTSIDE}")
    if (FOLDER / "usr/sbin/mysqld").exists():
        return FOLDER
    program = shutil.which("debootstrap")
    if program is None:
        raise RuntimeError(f"debootstrap is missing: apt install debootstrap. {OUTSIDE}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    partial = FOLDER.with_name(f"{FOLDER.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    _run([program, "--variant=minbase", "--include=mysql-server-core", "sid", str(partial)])
    _run(["chroot", str(partial), "useradd", "--system", "mysql"])
    partial.rename(FOLDER)
    return FOLDER


def _run(command: Sequence[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")

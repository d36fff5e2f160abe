"""A real MySQL on a Debian whose stable release has none: Debian unstable's, in a folder of its own.

debootstrap fills the folder (560 MB) and chroot enters it, so root is needed and, the first time, Debian's
mirror. STOCKROOM_MYSQL_ROOT says where the folder lies (build/mysql).
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tooling import ROOT, programs
from tooling.errors import ToolError
from tooling.ports import HOST, choose_free
from tooling.servers import ACCOUNTS, Server, run_server

FOLDER = Path(os.environ.get("STOCKROOM_MYSQL_ROOT") or ROOT / "build" / "mysql")
ELSEWHERE = "Set STOCKROOM_TEST_DB=user:password@host:port to use a MySQL that runs elsewhere."


@contextmanager
def run_mysql(name: str, options: Sequence[str], *, keep: bool = False) -> Iterator[Server]:
    """Runs MySQL with data of its own under `name` until the end of the block.

    The data is removed then unless `keep`, which also finds the data of an earlier run. Raises ToolError.
    """
    root = _ensure_system()
    data = f"/data-{name}" if keep else f"/data-{name}-{os.getpid()}"
    outside = root / data[1:]
    port = choose_free()
    base = ["chroot", str(root), "/usr/sbin/mysqld", "--no-defaults", "--user=mysql", f"--datadir={data}"]
    if not outside.exists():
        outside.mkdir()
        _run(["chroot", str(root), "chown", "mysql", data])
        _run([*base, "--initialize-insecure"])
    accounts = root / f"accounts-{port}.sql"
    accounts.write_text("\n".join(ACCOUNTS) + "\n")
    accounts.chmod(0o644)
    command = [
        *base,
        f"--port={port}",
        f"--bind-address={HOST}",
        f"--socket={data}/mysql.sock",
        f"--pid-file={data}/mysql.pid",
        f"--init-file=/{accounts.name}",
        "--skip-name-resolve",
        "--mysqlx=OFF",
        "--secure-file-priv=",
        "--local-infile=ON",
        *options,
    ]
    try:
        with run_server(command, port, outside / "error.log") as server:
            yield server
    finally:
        accounts.unlink()
        if not keep:
            shutil.rmtree(outside)


def _ensure_system() -> Path:
    """The folder with a Debian that has MySQL; made when it is missing."""
    if os.geteuid() != 0:
        raise ToolError(f"MySQL is run in a chroot, which only root may do. {ELSEWHERE}")
    if (FOLDER / "usr/sbin/mysqld").exists():
        return FOLDER
    debootstrap = programs.find("debootstrap")
    if debootstrap is None:
        raise ToolError(f"debootstrap is missing: apt install debootstrap. {ELSEWHERE}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    partial = FOLDER.with_name(f"{FOLDER.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    _run([debootstrap, "--variant=minbase", "--include=mysql-server-core", "sid", str(partial)])
    _run(["chroot", str(partial), "useradd", "--system", "mysql"])
    partial.rename(FOLDER)
    return FOLDER


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

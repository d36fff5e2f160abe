"""A private MariaDB: its own folder, its own free port.

It is the server that `make run` starts too, so what is tested is real SQL on a real optimiser.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ACCOUNTS, HOST, SPEED, Server, free_port, started


@contextmanager
def running(folder: Path, options: Sequence[str] = SPEED) -> Iterator[Server]:
    """Start a server in `folder` (made when missing) and stop it at the end."""
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    as_user = ["--user=root"] if os.geteuid() == 0 else []
    if not data.exists():
        _install(data, as_user)
    port = free_port()
    accounts = folder / "accounts.sql"
    accounts.write_text(ACCOUNTS)
    log = folder / "error.log"
    # A short socket path: the kernel allows 107 bytes, and pytest's folders are long.
    command = [
        _program("mariadbd"),
        "--no-defaults",
        *as_user,
        f"--datadir={data}",
        f"--bind-address={HOST}",
        f"--port={port}",
        f"--socket=/tmp/stockroom-test-{port}.sock",
        f"--pid-file={folder / 'mariadbd.pid'}",
        f"--log-error={log}",
        f"--init-file={accounts}",
        *options,
    ]
    with started(command, port, log) as server:
        yield server


def _install(data: Path, as_user: list[str]) -> None:
    result = subprocess.run(
        [
            _program("mariadb-install-db"),
            "--no-defaults",
            *as_user,
            f"--datadir={data}",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"mariadb-install-db failed:\n{result.stdout}\n{result.stderr}")


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is missing: apt install mariadb-server-core")
    return found

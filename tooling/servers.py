"""Database servers that tests and benchmarks start for the length of a block, each with data of its own."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tooling import mariadb
from tooling.errors import ToolError
from tooling.ports import HOST, choose_free

ADMIN = "stockroom_admin"
PASSWORD = "for-tests-only"  # noqa: S105
START_SECONDS = 60
STOP_SECONDS = 30

ACCOUNTS = (
    f"CREATE USER IF NOT EXISTS '{ADMIN}'@'%' IDENTIFIED BY '{PASSWORD}';",
    f"GRANT ALL ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;",
)


@dataclass(frozen=True)
class Server:
    """A running MySQL or MariaDB server, and an account on it that may do anything."""

    port: int
    host: str = HOST
    user: str = ADMIN
    password: str = PASSWORD

    def environment(self, database: str) -> dict[str, str]:
        """The settings of a function that uses `database` on this server, as its environment has them."""
        return {
            "STOCKROOM_DB_HOST": self.host,
            "STOCKROOM_DB_PORT": str(self.port),
            "STOCKROOM_DB_NAME": database,
            "STOCKROOM_DB_USER": self.user,
            "STOCKROOM_DB_PASSWORD": self.password,
            "STOCKROOM_DB_ADMIN_USER": self.user,
            "STOCKROOM_DB_ADMIN_PASSWORD": self.password,
        }


@contextmanager
def run_mariadb(folder: Path, options: Sequence[str]) -> Iterator[Server]:
    """Runs MariaDB with its data in `folder` until the end of the block; the data stays."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "mariadb.log"
    data, tmp = folder / "data", folder / "tmp"
    mariadb.ensure_data_folder(data, ACCOUNTS, tmp=tmp, log=log)
    port = choose_free()
    with run_server(mariadb.command(data, port, *options, tmp=tmp), port, log) as server:
        yield server


@contextmanager
def run_server(command: Sequence[str], port: int, log: Path) -> Iterator[Server]:
    """Runs a server from when it accepts connections until the end of the block; its output goes to `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_accepting(process, port, log)
        yield Server(port)
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_accepting(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _greets(port):
        if process.poll() is not None:
            raise ToolError(f"the database server ended with status {process.returncode}", log=log)
        if time.monotonic() > deadline:
            raise ToolError(f"the database server is not ready after {START_SECONDS} s", log=log)
        time.sleep(0.05)


def _greets(port: int) -> bool:
    """Whether a server's first packet is a handshake: its fifth byte is then the protocol version, 10."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return connection.makefile("rb").read(5)[4:] == b"\x0a"
    except OSError:
        return False

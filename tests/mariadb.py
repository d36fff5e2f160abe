"""A private MariaDB for the tests: its own folder, its own free port, durable for nobody.

It is the server that `make run` starts too, so what is tested is real SQL on a real optimiser.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from stockroom.settings import Settings

HOST = "127.0.0.1"
ADMIN = "stockroom_admin"
PASSWORD = "for-tests-only"
NAME = "stockroom_test"
START_SECONDS = 60

SPEED = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=64M",
    "--sync-binlog=0",
    "--performance-schema=OFF",
    "--skip-name-resolve",
)


@dataclass(frozen=True)
class MariaDb:
    """A running server: where it listens and the account that may do anything."""

    port: int
    folder: Path
    host: str = HOST
    admin_user: str = ADMIN
    admin_password: str = PASSWORD
    name: str = NAME

    def settings(self, **overrides: Any) -> Settings:
        """Settings of a function that uses this server; `overrides` are fields of `Settings`."""
        fields: dict[str, Any] = {
            "db_host": self.host,
            "db_port": self.port,
            "db_name": self.name,
            "db_user": self.admin_user,
            "db_password": self.admin_password,
            "db_admin_user": self.admin_user,
            "db_admin_password": self.admin_password,
            "uploads_bucket": "stockroom-uploads",
            "images_bucket": "stockroom-images",
            "keys_bucket": "stockroom-keys",
        }
        return Settings(**(fields | overrides))


@contextmanager
def running(folder: Path) -> Iterator[MariaDb]:
    """Start a server in `folder` (made when missing) and stop it at the end."""
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    as_user = ["--user=root"] if os.geteuid() == 0 else []
    _install(data, as_user)
    port = _free_port()
    accounts = folder / "accounts.sql"
    accounts.write_text(
        f"CREATE USER IF NOT EXISTS '{ADMIN}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;\n"
    )
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
        *SPEED,
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(server, port, log)
        yield MariaDb(port=port, folder=folder)
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            pymysql.connect(host=HOST, port=port, user=ADMIN, password=PASSWORD).close()
            return
        except pymysql.MySQLError as error:
            if server.poll() is not None or time.monotonic() > until:
                tail = log.read_text()[-2000:] if log.exists() else ""
                raise RuntimeError(f"the test server did not start:\n{tail}") from error
            time.sleep(0.05)

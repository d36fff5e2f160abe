"""Database servers for tests and benchmarks: which one, how to reach it, how to start and stop it.

STOCKROOM_TEST_DB chooses: `mariadb` (the default, the server of `make run`), `mysql` (the real thing, in a
folder of its own), or `user:password@host:port` of one that runs already.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from stockroom.runtime.settings import Settings

CHOICE = "STOCKROOM_TEST_DB"
HOST = "127.0.0.1"
ADMIN = "stockroom_admin"
PASSWORD = "for-tests-only"
NAME = "stockroom_test"
START_SECONDS = 60

ACCOUNTS = (
    f"CREATE USER IF NOT EXISTS '{ADMIN}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
    f"GRANT ALL ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;\n"
)
SPEED = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=128M",
    "--sync-binlog=0",
    "--performance-schema=OFF",
    "--skip-name-resolve",
)
"""Durable for nobody."""


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and the account that may do anything."""

    port: int
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
def chosen(folder: Path, options: Sequence[str] = SPEED) -> Iterator[Server]:
    """The server that the environment asks for; it keeps its data in `folder` if it is started here."""
    from tests import mariadb, mysql

    choice = os.environ.get(CHOICE) or "mariadb"
    if choice == "mariadb":
        with mariadb.running(folder, options) as server:
            yield server
    elif choice == "mysql":
        with mysql.running(folder.name, options) as server:
            yield server
    else:
        account, _, place = choice.rpartition("@")
        user, _, password = account.partition(":")
        host, _, port = place.partition(":")
        if not (user and host and port.isdigit()):
            raise RuntimeError(f"{CHOICE} is mariadb, mysql or user:password@host:port, not {choice!r}")
        yield Server(int(port), host, user, password)


@contextmanager
def started(command: Sequence[str], port: int, log: Path) -> Iterator[Server]:
    """Run a server until the end of the block."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port, log)
        yield Server(port)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
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

"""The servers of the search benchmark: durable as in production, as small, and their data is kept."""

from contextlib import AbstractContextManager
from pathlib import Path

from tests import mariadb, mysql
from tests.servers import Server

FOLDER = Path(__file__).parents[1] / "build" / "bench"
OPTIONS = (
    "--innodb-buffer-pool-size=1G",
    "--innodb-redo-log-capacity=512M",
    "--innodb-flush-log-at-trx-commit=1",
    "--skip-name-resolve",
    "--max-allowed-packet=64M",
)
SERVERS = ("mariadb", "mysql")


def benchmark_server(kind: str) -> AbstractContextManager[Server]:
    """Start one of SERVERS."""
    if kind == "mysql":
        return mysql.running("bench", OPTIONS, keep=True)
    own = [option.replace("redo-log-capacity", "log-file-size") for option in OPTIONS]
    return mariadb.running(FOLDER / "mariadb", own)

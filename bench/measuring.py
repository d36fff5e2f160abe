"""What the search benchmarks measure with."""

import os
import platform
import time
from collections.abc import Callable

from stockroom.runtime.database import Database


def time_call(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e3


def count_rows_touched(db: Database) -> int:
    """The rows that the server has touched so far for this connection."""
    rows = db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",))
    return sum(int(value) for _, value in rows)


def describe_server(db: Database, kind: str, rows: int) -> str:
    """What a measurement ran on."""
    ((version,),) = db.query("SELECT VERSION()")
    return (
        f"{kind} {version.split('-')[0]}, 1 GB of buffer pool, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {rows:,} pictures."
    )

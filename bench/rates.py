"""How many searches a second: through the function in this process, and through the front door of a stack."""

import socket
import threading
import time
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from bench.handler import ask, load_search_function
from stockroom.runtime.database import Database, Row
from stockroom.runtime.settings import Settings

MIX = ("", "sea", "sea beach", "#sea", "tags:sea,beach", "harbour", "city light", "mountain")
SECONDS = 3.0


def connect_patiently(settings: Settings) -> Database:
    """A connection whose statements may take an hour: FULLTEXT indexes are long in the making."""
    return Database(replace(settings, db_statement_seconds=3600))


def measure_function(settings: Settings) -> str:
    """Requests a second through the Lambda handler, event in, answer out: fresh answers, then cached ones."""
    statement_seconds = _time_statements(load_search_function(settings))
    counts = []
    for is_cached in (False, True):
        started, number = time.perf_counter(), 0
        statement_seconds.clear()
        while time.perf_counter() - started < SECONDS:
            ask(_make_query(0 if is_cached else number // len(MIX), number))
            number += 1
        counts.append((number / (time.perf_counter() - started), sum(statement_seconds) / SECONDS))
    (fresh, share), (again, _) = counts
    return (
        f"The function in one process: {fresh:,.0f} searches/s ({share:.0%} of the time is the database and "
        f"its client, the rest the handler), {again:,.0f}/s of answers that it keeps."
    )


def _make_query(salt: int, number: int) -> str:
    """The query string of the `number`th search of MIX. Blanks behind it make it new to every cache."""
    return f"q={quote(MIX[number % len(MIX)])}{'+' * (salt % 900)}"


def _time_statements(db: Database) -> list[float]:
    """A list that gets the seconds of every statement of `db` from now on."""
    seconds: list[float] = []
    query = db.query

    def timed_query(sql: str, args: Any = ()) -> tuple[Row, ...]:
        started = time.perf_counter()
        rows = query(sql, args)
        seconds.append(time.perf_counter() - started)
        return rows

    db.query = timed_query  # type: ignore[method-assign]
    return seconds


def measure_front_door(url: str) -> str:
    """Requests a second at a stack's address: the same front page, and searches that nobody has asked."""
    place = urlsplit(url)
    host, port = place.hostname or "127.0.0.1", place.port or 80
    _measure_rate(host, port, connections=1, depth=1, path=lambda _: "/api/images", seconds=0.1)
    cached = _measure_rate(host, port, connections=4, depth=50, path=lambda _: "/api/images")
    fresh = _measure_rate(
        host,
        port,
        connections=4,
        depth=1,
        path=lambda number: f"/api/images?{_make_query(number // len(MIX), number)}",
    )
    return f"The front door: {cached:,.0f} cached answers/s, {fresh:,.0f} searches/s that are not cached."


def _measure_rate(
    host: str, port: int, *, connections: int, depth: int, path: Any, seconds: float = SECONDS
) -> float:
    """Answers a second over a few connections, `depth` requests ahead on each."""
    counts: list[float] = []
    salt = int(time.time()) << 20

    def ask(which: int) -> None:
        number, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            # Servers end a connection after a thousand requests.
            with (
                socket.create_connection((host, port), timeout=30) as connection,
                connection.makefile("rb") as stream,
            ):
                for _ in range(1000 // depth):
                    batch = range(number, number + depth)
                    paths = [path(salt + connections * n + which) for n in batch]
                    asked = [f"GET {one} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n" for one in paths]
                    connection.sendall("".join(asked).encode())
                    if depth > 1:
                        _read_answers(connection, depth)
                    for _ in batch if depth == 1 else ():
                        _read_answer(stream)
                    number += depth
                    if time.perf_counter() - started > seconds:
                        break
        counts.append(number / (time.perf_counter() - started))

    threads = [threading.Thread(target=ask, args=(which,)) for which in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def _read_answers(connection: socket.socket, count: int) -> None:
    """Read so many pages to their end, as fast as a client can: without looking at more than that."""
    marker = b"HTTP/1.1 200 OK"
    tail = b""
    while count > 0 or not tail.endswith(b"}"):
        more = connection.recv(1 << 20)
        assert more, "the connection ended early"
        seen = tail[1 - len(marker) :] + more
        count -= seen.count(marker)
        tail = seen[-len(marker) :]


def _read_answer(stream: Any) -> None:
    """Read one answer to its end."""
    status = stream.readline()
    assert b" 200 " in status, status
    length = -1
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if length >= 0:
        stream.read(length)
        return
    while size := int(stream.readline(), 16):
        stream.read(size + 2)
    stream.readline()

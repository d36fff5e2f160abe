"""How fast the index is built anew: `python -m bench.reindex --rows 1000000`.

Beside it, pictures indexed one by one, as the audit repairs them (`audit_pictures.reindex`). While the index
is built, one visitor searches all the time: the slowest answer says what the swap costs.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psutil
from pymysql.cursors import Cursor

from bench.corpus import ensure
from bench.editing import find_server
from bench.servers import SERVERS, benchmark_server
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.index.audit_pictures import reindex
from stockroom.search.index.posting_writer import delete_postings
from stockroom.search.index.rebuild.processes import index_in_processes
from stockroom.search.index.rebuild.rebuild import open_database, rebuild
from stockroom.search.index.resolver import Resolver
from stockroom.search.index.term_dictionary import TermDictionary
from stockroom.search.service import SearchIndex, parse

ONE_BY_ONE = 1000
"""Pictures of the baseline."""
TEXTS = ("sea", "red boat", "city night", "mountain lake")
PAUSE_SECONDS = 0.02


class Visitor:
    """Searches until it is told to stop, and measures."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self.milliseconds: list[float] = []
        self._thread = threading.Thread(target=self._search, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _search(self) -> None:
        with closing(Database(self._settings)) as db:
            index = SearchIndex(db)
            while not self._stop.wait(PAUSE_SECONDS):
                text = TEXTS[len(self.milliseconds) % len(TEXTS)]
                started = time.perf_counter()
                index.find_images(parse(text), None, 24)
                self.milliseconds.append((time.perf_counter() - started) * 1000)


@dataclass
class Spent:
    """Seconds: of a clock, and of processors by this program, its processes and the server together.

    The latter are what other programs do not make longer.
    """

    seconds: float = 0.0
    processor_seconds: float = 0.0

    def describe(self, pictures: int) -> str:
        return (
            f"{self.seconds:.1f} s, {pictures / self.seconds:,.0f} pictures/s; {self.processor_seconds:.1f} "
            f"processor seconds, {self.processor_seconds / pictures * 1e6:.0f} µs a picture"
        )


@contextmanager
def spend(server: psutil.Process) -> Iterator[Spent]:
    """Measures what the block takes."""
    spent = Spent()
    started, processor_started = time.perf_counter(), _count_processor_time(server)
    yield spent
    spent.seconds = time.perf_counter() - started
    spent.processor_seconds = _count_processor_time(server) - processor_started


def _count_processor_time(server: psutil.Process) -> float:
    own, other = psutil.Process().cpu_times(), server.cpu_times()
    # Processes that have ended count as children's.
    return own.user + own.system + own.children_user + own.children_system + other.user + other.system


def measure_one_by_one(db: Database, server: psutil.Process) -> Spent:
    """The audit's repair of pictures that have lost their postings."""
    rows = db.query(f"SELECT id FROM image WHERE state = 'ready' ORDER BY CRC32(id) LIMIT {ONE_BY_ONE:d}")
    ids = [image_id for (image_id,) in rows]
    for start in range(0, len(ids), 100):

        def delete(cursor: Cursor, some: list[int] = ids[start : start + 100]) -> None:
            delete_postings(cursor, some)

        db.run_transaction(delete)
    resolver = Resolver(db, TermDictionary(db))
    with spend(server) as spent:
        for image_id in ids:
            reindex(db, resolver, image_id)
    return spent


def measure(settings: Settings, server: psutil.Process, processes: int, *, is_visited: bool) -> None:
    """Build the index anew; where `is_visited`, with searches meanwhile, whose processor time counts, too."""
    visitor = Visitor(settings) if is_visited else None
    with closing(open_database(settings)) as db, spend(server) as spent:
        report = rebuild(db, index_in_processes(settings, processes))
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in report.seconds.items())
    print(
        f"{report.pictures:,} pictures, {report.postings:,} postings, {report.terms:,} terms, "
        f"{processes} processes: {spent.describe(report.pictures)} ({steps}); "
        f"{len(report.comparison.different)} of {report.comparison.compared} terms find other pictures",
        flush=True,
    )
    if visitor is not None:
        visitor.stop()
        times = sorted(visitor.milliseconds)
        print(
            f"searches meanwhile: {len(times):,}, median {times[len(times) // 2]:.1f} ms, "
            f"99 % {times[int(len(times) * 0.99)]:.1f} ms, slowest {times[-1]:.1f} ms",
            flush=True,
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--db", choices=sorted(SERVERS), default="mariadb")
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    with benchmark_server(given.db) as server:
        settings = ensure(server, given.rows)
        process = find_server(settings.db_port)
        with closing(Database(settings)) as db:
            ((unrecorded,),) = db.query("SELECT COUNT(*) FROM image WHERE indexed_terms IS NULL")
            print(f"{unrecorded:,} rows have no record of their terms yet, and get one", flush=True)
            measure(settings, process, given.processes, is_visited=False)
            measure(settings, process, given.processes, is_visited=True)
            spent = measure_one_by_one(db, process)
            print(f"one by one, {ONE_BY_ONE:,} pictures: {spent.describe(ONE_BY_ONE)}")


if __name__ == "__main__":
    main()

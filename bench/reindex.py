"""How fast the index is built anew: `python -m bench.reindex --rows 1000000`.

Beside it, pictures indexed one by one, as the audit repairs them (`audit_pictures.reindex`). While the index
is built, one visitor searches all the time: the slowest answer says what the swap costs.
"""

import argparse
import threading
import time
from contextlib import closing

from pymysql.cursors import Cursor

from bench.corpus import ensure
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


def measure_one_by_one(db: Database) -> float:
    """Pictures a second that the audit indexes, of those that have lost their postings."""
    rows = db.query(f"SELECT id FROM image WHERE state = 'ready' ORDER BY CRC32(id) LIMIT {ONE_BY_ONE:d}")
    ids = [image_id for (image_id,) in rows]
    for start in range(0, len(ids), 100):

        def delete(cursor: Cursor, some: list[int] = ids[start : start + 100]) -> None:
            delete_postings(cursor, some)

        db.run_transaction(delete)
    resolver = Resolver(db, TermDictionary(db))
    started = time.perf_counter()
    for image_id in ids:
        reindex(db, resolver, image_id)
    return len(ids) / (time.perf_counter() - started)


def measure(settings: Settings, processes: int) -> None:
    with closing(open_database(settings)) as db:
        visitor = Visitor(settings)
        started = time.perf_counter()
        report = rebuild(db, index_in_processes(settings, processes))
        seconds = time.perf_counter() - started
        visitor.stop()
    times = sorted(visitor.milliseconds)
    steps = ", ".join(f"{step} {spent:.1f}" for step, spent in report.seconds.items())
    print(
        f"{report.pictures:,} pictures, {report.postings:,} postings, {report.terms:,} terms, "
        f"{processes} processes: {seconds:.1f} s, {report.pictures / seconds:,.0f} pictures/s ({steps}); "
        f"{len(report.comparison.different)} of {report.comparison.compared} terms find other pictures"
    )
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
        # The rows of the corpus have no record of their terms, so the first time all of them are written.
        measure(settings, given.processes)
        measure(settings, given.processes)
        with closing(Database(settings)) as db:
            print(f"one by one: {measure_one_by_one(db):,.0f} pictures/s")


if __name__ == "__main__":
    main()

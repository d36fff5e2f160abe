"""Searches while a committer moves rows: `python -m bench.committing [--rows 1000000] [--write]`.

The committer of the job `rerender`, in a process of its own as there, moves rows to a new version: not at
all, at the rate that is usual, and as fast as it can. Meanwhile every kind of query is asked. The three take
turns, some seconds each, so that a busy machine slows all of them alike.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from bench import report
from bench.corpus import ensure
from bench.measuring import describe_server, time_call
from bench.queries import KINDS
from bench.servers import SERVERS, benchmark_server
from jobs.pace import Pace
from jobs.run import Parameters
from stockroom.images.repository.renditions import find_sources
from stockroom.images.storage import Storage
from stockroom.ingest.rerendering import MOVES_A_TRANSACTION, Result, commit
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.service import SearchIndex

USUAL = Parameters().rate
UNBOUNDED = 1_000_000
RATES = {"nothing moves": 0, f"{USUAL} rows a second": USUAL, "as fast as it goes": UNBOUNDED}
NEWEST = 1000
"""A version above all others, which all rows of the corpus are moved towards, one version at a time."""
TURN_SECONDS = 4.0


def move_rows(settings: Settings, rate: Any, moved: Any) -> None:
    """Move rows at the rate that `rate` says at each moment, over and over; counts them in `moved`."""
    db, storage = Database(settings), Storage(settings)
    pace, current = Pace(UNBOUNDED), 0
    for batch in read_batches(db):
        while not rate.value:
            time.sleep(0.02)
        if rate.value != current:
            current = rate.value
            pace = Pace(current)
        time.sleep(pace.take(len(batch)))
        # All rows of a batch have the same version.
        version = batch[0].version
        moved.value += len(commit(db, storage, batch, version).moved)


def read_batches(db: Database) -> Iterator[list[Result]]:
    """The rows as the results of a run that has rendered them anew, over and over."""
    while True:
        after: int | None = 0
        while after is not None:
            page = find_sources(db, NEWEST, after, 2000)
            after = page.end
            for version, group in itertools.groupby(page.sources, lambda source: source.version):
                for some in split_into_chunks(list(group), MOVES_A_TRANSACTION):
                    yield [
                        Result(
                            image_id=each.image_id,
                            link_key=each.link_key,
                            from_version=version,
                            version=version + 1,
                            outcome="rendered",
                            formats="webp",
                        )
                        for each in some
                    ]


@contextmanager
def committer(settings: Settings) -> Iterator[tuple[Any, Any]]:
    """A process that moves rows: its rate, which may be set, and how many it has moved."""
    processes = get_context("spawn")
    rate, moved = processes.Value("q", 0), processes.Value("q", 0)
    process = processes.Process(target=move_rows, args=(settings, rate, moved), daemon=True)
    process.start()
    try:
        yield rate, moved
    finally:
        process.terminate()
        process.join()


def measure(settings: Settings, turns: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """By name of the rate: milliseconds of each search, and rows moved a second in each turn."""
    db = Database(settings)
    index = SearchIndex(db)
    questions = [ask for kind in KINDS for ask in kind.list_questions()]
    times: dict[str, list[float]] = {name: [] for name in RATES}
    speeds: dict[str, list[float]] = {name: [] for name in RATES}
    for ask in questions:
        ask(index)
    with committer(settings) as (rate, moved):
        for turn in range(turns):
            # Each rate is the first, the second and the third of a round equally often.
            for name in [*RATES][turn % 3 :] + [*RATES][: turn % 3]:
                rate.value = RATES[name]
                time.sleep(0.5)
                before, started = moved.value, time.perf_counter()
                for ask in itertools.cycle(questions):
                    index.forget()
                    times[name].append(time_call(lambda a=ask: a(index)))  # type: ignore[misc]
                    if (
                        len(times[name]) % len(questions) == 0
                        and time.perf_counter() > started + TURN_SECONDS
                    ):
                        break
                speeds[name].append((moved.value - before) / (time.perf_counter() - started))
    db.close()
    return times, speeds


def make_table(times: dict[str, list[float]], speeds: dict[str, list[float]]) -> str:
    alone = statistics.median(times[next(iter(RATES))])
    rows = []
    for name, taken in times.items():
        ordered = sorted(taken)
        median = statistics.median(ordered)
        rows.append(
            [
                name,
                f"{statistics.median(speeds[name]):,.0f}",
                f"{len(ordered):,}",
                f"{median:.2f}",
                f"{median / alone:.2f}",
                f"{ordered[int(len(ordered) * 0.95)]:.2f}",
                f"{ordered[int(len(ordered) * 0.99)]:.2f}",
            ]
        )
    heads = ["the committer", "rows moved a second", "searches", "p50 ms", "to the first", "p95 ms", "p99 ms"]
    return report.table(heads, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--db", choices=SERVERS, default="mariadb")
    options.add_argument("--turns", type=int, default=9)
    options.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = options.parse_args(arguments)
    with benchmark_server(given.db) as server:
        settings = ensure(server, given.rows)
        times, speeds = measure(settings, given.turns)
        db = Database(settings)
        text = f"{describe_server(db, given.db, given.rows)}\n\n{make_table(times, speeds)}"
        db.close()
    print(text)
    if given.write:
        report.replace_section("committing", text)


if __name__ == "__main__":
    main()

"""What searches cost: `python -m bench.search --rows 10000 1000000` (the corpora are made when missing).

For each kind of query: median and 99th percentile of a whole first page (terms, ids, pictures), rows that the
server touched, the ratio of the median to the smallest corpus, and to InnoDB FULLTEXT over the same rows.
Kinds and corpora take turns, so that a busy machine slows all alike. Then the index's writes, the whole
function (event in, answer out) and, with --url, the front door of a running stack. --write puts it all into
docs/benchmarks.md.
"""

import argparse
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from unittest import mock

from bench import rates, report
from bench.corpus import LAST_DAY, ensure, pictures
from bench.queries import HARD, KINDS, Measured
from bench.servers import SERVERS, benchmark_server
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.execution import page
from stockroom.search.execution.cursor import Cursor
from stockroom.search.index import terms as vocabulary
from stockroom.search.index import writer as postings
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.query.parse import parse
from stockroom.search.query.plan import Mode
from stockroom.search.suggest import completion, similar

Run = Callable[[Database], object]


def milliseconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1e3


def touched(db: Database) -> int:
    rows = db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",))
    return sum(int(value) for _, value in rows)


def runs() -> list[tuple[str, list[Run]]]:
    """What is measured: a name and its questions."""

    def searching(cursor: Cursor | None = None, **asked: Any) -> Run:
        query = parse(**asked)
        return lambda db: page.search(db, query, cursor, page.DEFAULT_LIMIT)

    def typing(suggest: Callable[[Database, str], object], prefix: str) -> Run:
        return lambda db: suggest(db, prefix)

    def like(number: int) -> Run:
        def run(db: Database) -> object:
            pictures = neighbours.setdefault(db, page.search(db, parse("harbour"), None, 8).pictures)
            return similar.find_similar(db, pictures[number])

        return run

    neighbours: dict[Database, list[Picture]] = {}
    a_year_back = ids.first_id(LAST_DAY - timedelta(days=365))
    found = [(kind.name, [searching(**asked) for asked in kind.asked]) for kind in (*KINDS, *HARD)]
    found += [
        ("a page a year back", [searching(Cursor(Mode.STRICT, a_year_back), q="sea beach")]),
        ("previous page", [searching(Cursor(Mode.STRICT, a_year_back, back=True), q="sea beach")]),
        ("tags while typing", [typing(completion.complete_tags, prefix) for prefix in ("s", "se", "ha", "")]),
        (
            "words while typing",
            [typing(completion.complete_words, prefix) for prefix in ("s", "se", "har", "b")],
        ),
        ("similar pictures", [like(number) for number in range(4)]),
        # What the machine's other work does to a 99th percentile.
        ("arithmetic alone, no database", [lambda _: sum(range(160_000))]),
    ]
    return found


def measured(corpora: Sequence[Database], rounds: int) -> dict[str, list[Measured]]:
    """For each kind and each corpus, in turns."""
    rng = random.Random(1)
    all_runs = runs()
    found = {name: [Measured() for _ in corpora] for name, _ in all_runs}
    for name, questions in all_runs:
        for at, db in enumerate(corpora):
            for run in questions:
                run(db)
                before = touched(db)
                run(db)
                found[name][at].rows.append(touched(db) - before)
    for _ in range(rounds):
        rng.shuffle(all_runs)
        for name, questions in all_runs:
            for turn in range(4):
                run = questions[turn % len(questions)]
                for at, db in enumerate(corpora):
                    # What is common in the larger corpus alone would be asked for in the smaller alone.
                    vocabulary.forget(db)
                    for times in (found[name][at].first, found[name][at].times):
                        times.append(milliseconds(lambda r=run, d=db: r(d)))  # type: ignore[misc]
    return found


def add_words_that_never_meet(db: Database, share: int = 5) -> None:
    """Two words, each in a fifth of all pictures, in no picture both: the worst case."""
    if db.query("SELECT 1 FROM term WHERE term = 'nevertwo'"):
        return
    ((everything, total),) = db.query("SELECT term_id, df FROM term WHERE term = '*'")
    for remainder, word in enumerate(("neveron", "nevertwo")):
        db.execute("INSERT INTO term (term, df) VALUES (%s, %s)", (word, total // share))
        ((term_id,),) = db.query("SELECT term_id FROM term WHERE term = %s", (word,))
        db.execute(
            "INSERT INTO posting (term_id, image_id, weight) SELECT %s, image_id, 100 FROM "
            "(SELECT image_id, ROW_NUMBER() OVER (ORDER BY image_id) AS n FROM posting WHERE term_id = %s) p "
            "WHERE n %% %s = %s",
            (term_id, everything, share, remainder),
        )
        db.execute(
            "INSERT INTO posting_skip (term_id, image_id) SELECT term_id, image_id FROM posting "
            f"WHERE term_id = %s AND CRC32(image_id) %% {STRIDE} = 0",
            (term_id,),
        )


def make_fulltext(db: Database) -> None:
    """The same texts under InnoDB FULLTEXT."""
    if db.query("SHOW TABLES LIKE 'fulltext_copy'"):
        return
    db.execute("DROP TABLE IF EXISTS fulltext_making")
    db.execute(
        "CREATE TABLE fulltext_making (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, words TEXT NOT NULL, "
        "tags TEXT NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
    )
    db.execute(
        "INSERT INTO fulltext_making SELECT id, CONCAT(name, ' ', description, ' ', tags), tags FROM image"
    )
    db.execute("ALTER TABLE fulltext_making ADD FULLTEXT KEY words (words)")
    db.execute("ALTER TABLE fulltext_making ADD FULLTEXT KEY tags (tags)")
    db.execute("RENAME TABLE fulltext_making TO fulltext_copy")


def fulltext(db: Database, rounds: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of FULLTEXT and of the index for the same: ids alone, without the pictures."""
    found = {}
    with mock.patch("stockroom.search.execution.page.find_ready", return_value=[]):
        for kind in KINDS:
            theirs, ours = [], []
            for asked in kind.asked if kind.fulltext else ():
                query = parse(**asked)
                for _ in range(rounds):
                    arguments = kind.arguments(asked)
                    theirs.append(milliseconds(lambda k=kind, a=arguments: db.query(k.fulltext, a)))  # type: ignore[misc]
                    ours += [milliseconds(lambda q=query: page.search(db, q, None)) for _ in range(10)]  # type: ignore[misc]
            if theirs:
                found[kind.name] = (statistics.median(theirs), statistics.median(ours))
    return found


def table(rows: Sequence[int], found: dict[str, list[Measured]], slow: dict[str, tuple[float, float]]) -> str:
    heads = [
        "First page of 24",
        "p50 ms",
        "p99 ms",
        "rows touched",
        "new process p50",
        f"to {rows[0]:,}",
        "ids alone ms",
        "FULLTEXT ms",
        "ratio",
    ]
    lines = []
    for name, by_size in found.items():
        last, median = by_size[-1], by_size[-1].percentile(0.5)
        ratio = f"{last.first_median / by_size[0].first_median:.2f}" if len(by_size) > 1 else ""
        lines.append(
            [
                name,
                f"{median:.2f}",
                f"{last.percentile(0.99):.2f}",
                f"{max(last.rows):,}",
                f"{last.first_median:.2f}",
                ratio,
                *([f"{slow[name][1]:.2f}", f"{slow[name][0]:,.0f}"] if name in slow else ["", ""]),
                f"{slow[name][0] / slow[name][1]:,.0f}" if name in slow else "",
            ]
        )
    return report.table(heads, lines)


def writes(settings: Settings) -> str:
    """Pictures made findable, as the pipeline does it: right after the searches, and then others."""
    db = Database(settings)
    _, _, cold = _written(db, seed=7)
    terms, looking_up, warm = _written(db, seed=8)
    db.close()
    return (
        f"Making a picture findable, {terms:.0f} terms: {looking_up:.2f} ms to look them up, "
        f"{cold:.2f} ms for the transaction among the first four hundred, {warm:.2f} ms among the next."
    )


def _written(db: Database, *, seed: int, count: int = 400) -> tuple[float, float, float]:
    """Terms a picture, and median milliseconds: for looking them up, for the transaction. Then taken back."""
    start = ids.first_id(LAST_DAY + timedelta(days=seed))
    resolving, adding, written = [], [], []
    for number, picture in enumerate(pictures(count, seed=seed), start):
        document = picture.document()
        started = time.perf_counter()
        entries = postings.resolve(db, document)
        between = time.perf_counter()
        db.run_transaction(lambda cursor, n=number, e=entries: postings.add(cursor, n, e))  # type: ignore[misc]
        resolving.append((between - started) * 1e3)
        adding.append((time.perf_counter() - between) * 1e3)
        written.append((number, entries))
    for number, entries in written:
        db.run_transaction(lambda cursor, n=number, e=entries: postings.remove(cursor, n, e))  # type: ignore[misc]
    # What the process itself remembers is warm in the second half.
    half = slice(count // 2, None)
    terms = statistics.mean(len(entries) for _, entries in written)
    return terms, statistics.median(resolving[half]), statistics.median(adding[half])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000])
    options.add_argument("--db", choices=SERVERS, default="mariadb")
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--fulltext", type=int, default=3, help="rounds of FULLTEXT; 0 leaves it out")
    options.add_argument("--url", help="address of a running stack")
    options.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = options.parse_args()
    sizes = sorted(given.rows)
    parts = []
    with benchmark_server(given.db) as server:
        settings = [ensure(server, rows) for rows in sizes]
        corpora = [Database(each) for each in settings]
        ((version,),) = corpora[0].query("SELECT VERSION()")
        parts.append(
            f"{given.db} {version.split('-')[0]}, 1 GB of buffer pool, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {sizes[-1]:,} pictures."
        )
        for db in corpora:
            add_words_that_never_meet(db)
        found = measured(corpora, given.rounds)
        # Ahead of FULLTEXT, which drives everything else out of the buffer pool.
        others = [writes(settings[-1]), rates.function(settings[-1])]
        slow: dict[str, tuple[float, float]] = {}
        if given.fulltext:
            make_fulltext(rates.patient(settings[-1]))
            slow = fulltext(rates.patient(settings[-1]), given.fulltext)
        parts += [table(sizes, found, slow), *others]
    if given.url:
        parts.append(rates.front_door(given.url))
    text = "\n\n".join(parts)
    print(text)
    if given.write:
        report.replace_section(f"search {given.db}", text)


if __name__ == "__main__":
    main()

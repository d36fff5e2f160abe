"""What searches cost: `python -m bench.search --rows 10000 1000000` (the corpora are made when missing).

For each kind of query: median and 99th percentile of a whole first page (terms, ids, pictures), the rows that
the server touched, the ratio of the median to the smallest corpus, and to InnoDB FULLTEXT over the same rows.
Kinds and corpora take turns, so that a busy machine slows all alike. Then the index's writes, the whole
function (event in, answer out) and, with --url, the front door of a running stack. --write puts it all into
docs/benchmarks.md.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from unittest import mock

from bench import rates, report
from bench.corpus import LAST_DAY, ensure, generate_pictures
from bench.first_picture import measure_first_pictures
from bench.hard_words import add_hard_words
from bench.measuring import count_rows_touched, describe_server, time_call
from bench.queries import KINDS
from bench.servers import SERVERS, benchmark_server
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.service import Entries, SearchIndex, parse

Question = Callable[[SearchIndex], object]


@dataclass
class Measured:
    """What the questions of one kind took in one corpus."""

    times: list[float] = field(default_factory=list)
    """Milliseconds in a process that remembers common terms."""
    cold_times: list[float] = field(default_factory=list)
    """Milliseconds in a process that has just started."""
    rows: list[int] = field(default_factory=list)
    """Rows touched by each of the questions."""

    def percentile(self, share: float) -> float:
        return sorted(self.times)[min(int(len(self.times) * share), len(self.times) - 1)]

    @property
    def cold_median(self) -> float:
        return statistics.median(self.cold_times)


def list_questions() -> list[tuple[str, list[Question]]]:
    """What is measured: a name and its questions."""

    def complete_tags(prefix: str) -> Question:
        return lambda index: index.complete_tags(prefix)

    def complete_words(prefix: str) -> Question:
        return lambda index: index.complete_words(prefix)

    def suggest_related(word: str) -> Question:
        return lambda index: index.suggest_related_words(word)

    def find_similar(number: int) -> Question:
        def ask(index: SearchIndex) -> object:
            if index not in examples:
                examples[index] = index.find_images(parse("harbour"), None, 8).pictures
            return index.find_similar(examples[index][number])

        return ask

    examples: dict[SearchIndex, list[Picture]] = {}
    questions: list[tuple[str, list[Question]]] = [(kind.name, [*kind.list_questions()]) for kind in KINDS]
    return [
        *questions,
        ("tags while typing", [complete_tags(prefix) for prefix in ("s", "se", "ha", "")]),
        ("words while typing", [complete_words(prefix) for prefix in ("s", "se", "har", "b")]),
        ("related words to search for", [suggest_related(word) for word in ("sea", "city", "Hund", "tree")]),
        ("similar pictures", [find_similar(number) for number in range(4)]),
        # What the machine's other work does to a 99th percentile.
        ("arithmetic alone, no database", [lambda _: sum(range(160_000))]),
    ]


def measure(corpora: Sequence[Database], rounds: int) -> dict[str, list[Measured]]:
    """For each kind and each corpus, in turns."""
    rng = random.Random(1)
    kinds = list_questions()
    indexes = [(db, SearchIndex(db)) for db in corpora]
    measured = {name: [Measured() for _ in corpora] for name, _ in kinds}
    for name, questions in kinds:
        for (db, index), results in zip(indexes, measured[name], strict=True):
            for ask in questions:
                ask(index)
                before = count_rows_touched(db)
                ask(index)
                results.rows.append(count_rows_touched(db) - before)
    for _ in range(rounds):
        rng.shuffle(kinds)
        for name, questions in kinds:
            for turn in range(4):
                ask = questions[turn % len(questions)]
                for (_, index), results in zip(indexes, measured[name], strict=True):
                    # Both corpora begin cold: the larger one has more terms that are common enough to
                    # remember.
                    index.forget()
                    for times in (results.cold_times, results.times):
                        times.append(time_call(lambda a=ask, i=index: a(i)))  # type: ignore[misc]
    return measured


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


def measure_fulltext(db: Database, rounds: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of FULLTEXT and of the index for the same: ids alone, without the pictures."""
    found = {}
    index = SearchIndex(db)
    with mock.patch("stockroom.search.execution.page.find_ready", return_value=[]):
        for kind in KINDS:
            if not kind.fulltext:
                continue
            theirs, ours = [], []
            for parameters, ask in zip(kind.parameters, kind.list_questions(), strict=True):
                arguments = kind.fulltext_arguments(parameters)
                for _ in range(rounds):
                    theirs.append(time_call(lambda k=kind, a=arguments: db.query(k.fulltext, a)))  # type: ignore[misc]
                    ours += [time_call(lambda a=ask: a(index)) for _ in range(10)]  # type: ignore[misc]
            found[kind.name] = (statistics.median(theirs), statistics.median(ours))
    return found


def make_table(
    sizes: Sequence[int], measured: dict[str, list[Measured]], fulltext: dict[str, tuple[float, float]]
) -> str:
    heads = [
        "First page of 24",
        "p50 ms",
        "p99 ms",
        "rows touched",
        "new process p50",
        f"to {sizes[0]:,}",
        "ids alone ms",
        "FULLTEXT ms",
        "ratio",
    ]
    lines = []
    for name, by_size in measured.items():
        smallest, largest = by_size[0], by_size[-1]
        growth = f"{largest.cold_median / smallest.cold_median:.2f}" if len(by_size) > 1 else ""
        theirs, ours = fulltext.get(name, (0.0, 0.0))
        lines.append(
            [
                name,
                f"{largest.percentile(0.5):.2f}",
                f"{largest.percentile(0.99):.2f}",
                f"{max(largest.rows):,}",
                f"{largest.cold_median:.2f}",
                growth,
                *([f"{ours:.2f}", f"{theirs:,.0f}", f"{theirs / ours:,.0f}"] if theirs else ["", "", ""]),
            ]
        )
    return report.table(heads, lines)


def measure_writes(settings: Settings) -> str:
    """Pictures made findable, as the ingest does it: right after the searches, and then others."""
    db = Database(settings)
    _, _, cold = _write_pictures(db, seed=7)
    terms, resolving, warm = _write_pictures(db, seed=8)
    db.close()
    return (
        f"Making a picture findable, {terms:.0f} terms: {resolving:.2f} ms to look them up, "
        f"{cold:.2f} ms for the transaction among the first four hundred, {warm:.2f} ms among the next."
    )


def _write_pictures(db: Database, *, seed: int, count: int = 400) -> tuple[float, float, float]:
    """Terms a picture, median milliseconds to resolve one, and for its transaction. All are taken back."""
    index = SearchIndex(db)
    first_id = ids.first_id(LAST_DAY + timedelta(days=seed))
    resolving: list[float] = []
    adding: list[float] = []
    written: list[tuple[int, Entries]] = []
    insert = (
        "INSERT INTO image (id, owner_id, state, size, type, name, description, tags, license, credit) "
        "VALUES (%s, 1, 'ready', 1, '', '', '', '', '', '')"
    )
    for image_id, picture in enumerate(generate_pictures(count, seed=seed), first_id):
        document = picture.document()
        db.execute(insert, (image_id,))
        started = time.perf_counter()
        entries = index.resolve(document)
        resolved = time.perf_counter()
        db.run_transaction(lambda cursor, n=image_id, e=entries: index.add(cursor, n, e))  # type: ignore[misc]
        resolving.append((resolved - started) * 1e3)
        adding.append((time.perf_counter() - resolved) * 1e3)
        written.append((image_id, entries))
    for image_id, _ in written:
        db.run_transaction(lambda cursor, n=image_id: index.remove(cursor, n))  # type: ignore[misc]
        db.execute("DELETE FROM image WHERE id = %s", (image_id,))
    # What the process itself remembers is warm in the second half.
    half = slice(count // 2, None)
    terms = statistics.mean(len(entries.weights) for _, entries in written)
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
        parts.append(describe_server(corpora[-1], given.db, sizes[-1]))
        for db in corpora:
            add_hard_words(db)
        measured = measure(corpora, given.rounds)
        # Ahead of FULLTEXT, which drives everything else out of the buffer pool.
        others = [measure_writes(settings[-1]), rates.measure_function(settings[-1])]
        first_pictures = f"{parts[0]}\n\n{measure_first_pictures(settings[-1])}"
        fulltext: dict[str, tuple[float, float]] = {}
        if given.fulltext:
            patient = rates.connect_patiently(settings[-1])
            make_fulltext(patient)
            fulltext = measure_fulltext(patient, given.fulltext)
        parts += [make_table(sizes, measured, fulltext), *others]
    if given.url:
        parts.append(rates.measure_front_door(given.url))
    text = "\n\n".join(parts)
    print(text, first_pictures, sep="\n\n")
    if given.write:
        report.replace_section(f"first picture {given.db}", first_pictures)
        report.replace_section(f"search {given.db}", text)


if __name__ == "__main__":
    main()

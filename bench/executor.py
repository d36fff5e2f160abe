"""What each limit of the executor is worth: `python -m bench.executor --rows 1000000` (--db mysql, --write).

Each limit in turn is switched off, halved and doubled. Each question is asked with the usual limits and with
the changed ones, one right after the other, so that a busy machine slows both alike. The table names, for
each change, the kinds of query whose rows touched or whose time changes most, as ratios to the usual limits:
above 1 the change is for the worse. Rows touched are exact, times are lower quartiles. A change that finds
fewer pictures a page is no saving.
"""

import argparse
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from bench import report
from bench.corpus import ensure
from bench.hard_words import add_hard_words
from bench.measuring import count_rows_touched, describe_server, time_call
from bench.queries import KINDS, LIMIT_KINDS, Kind
from bench.servers import SERVERS, benchmark_server
from stockroom.runtime.database import Database
from stockroom.search.execution.limits import DEFAULT_LIMITS, Limits
from stockroom.search.service import SearchIndex, SearchPage

UNLIMITED = 10**9

CHANGES: tuple[tuple[str, str, Limits], ...] = tuple(
    (
        name,
        f"{getattr(DEFAULT_LIMITS, name)} → {described or value}",
        replace(DEFAULT_LIMITS, **{name: value}),
    )
    for name, value, described in (
        ("probe_budget", 2500, ""),
        ("probe_budget", 10_000, ""),
        ("probe_budget", UNLIMITED, "no budget"),
        ("scans", 1, ""),
        ("scans", 12, ""),
        ("union_probes", 0, "free"),
        ("union_probes", 1, ""),
        ("union_probes", 4, ""),
        ("min_sampled", UNLIMITED, "no skip pointers"),
        ("min_sampled", 0, "skip pointers alone"),
        ("min_sampled", 128, ""),
        ("min_sampled", 512, ""),
        ("id_range_margin", 0, "no estimates"),
        ("id_range_margin", 2, ""),
        ("id_range_margin", 8, ""),
    )
)
"""The limit, what is changed about it, and the limits with that change."""


@dataclass
class Comparison:
    """One kind of query with changed limits and with the usual ones."""

    rows: float
    """Rows touched, as a ratio to the usual limits."""
    pictures: float
    """Pictures found, as a ratio to the usual limits."""
    usual_times: list[float] = field(default_factory=list)
    changed_times: list[float] = field(default_factory=list)

    @property
    def time(self) -> float:
        """The ratio of the lower quartiles: other work on the machine lengthens the other half."""
        usual, changed = (statistics.quantiles(each)[0] for each in (self.usual_times, self.changed_times))
        return changed / usual


def compare(db: Database, kinds: Sequence[Kind], limits: Limits, rounds: int) -> dict[str, Comparison]:
    """Each kind of query with changed limits."""
    usual, changed = SearchIndex(db), SearchIndex(db, limits=limits)
    rng = random.Random(1)
    comparisons = {}
    for kind in kinds:
        questions = kind.list_questions()
        usual_rows, usual_pictures = _count(db, usual, questions)
        changed_rows, changed_pictures = _count(db, changed, questions)
        comparison = Comparison(changed_rows / usual_rows, (changed_pictures or 1) / (usual_pictures or 1))
        sides = [(usual, comparison.usual_times), (changed, comparison.changed_times)]
        for _ in range(rounds):
            for ask in questions:
                rng.shuffle(sides)
                for index, times in sides:
                    times.append(time_call(lambda a=ask, i=index: a(i)))  # type: ignore[misc]
        comparisons[kind.name] = comparison
    return comparisons


def _count(
    db: Database, index: SearchIndex, questions: Sequence[Callable[[SearchIndex], SearchPage]]
) -> tuple[int, int]:
    """Rows touched and pictures found by all questions together, in a process that remembers common terms."""
    for ask in questions:
        ask(index)
    before = count_rows_touched(db)
    pictures = sum(len(ask(index).pictures) for ask in questions)
    return count_rows_touched(db) - before, pictures


def make_table(results: Sequence[tuple[str, str, dict[str, Comparison]]]) -> str:
    heads = ["limit", "change", "rows touched", "time", "pictures found"]
    lines = [
        [
            f"`{name}`",
            change,
            _name_extremes({kind: each.rows for kind, each in comparisons.items()}),
            _name_extremes({kind: each.time for kind, each in comparisons.items()}),
            _name_extremes({kind: each.pictures for kind, each in comparisons.items()}, count=1),
        ]
        for name, change, comparisons in results
    ]
    return report.table(heads, lines)


def _name_extremes(ratios: dict[str, float], count: int = 2) -> str:
    """The kinds with the highest and the lowest ratios, as far as they differ from 1 by a tenth."""
    ascending = sorted(ratios.items(), key=lambda item: item[1])
    high = [(kind, ratio) for kind, ratio in ascending[::-1][:count] if ratio >= 1.1]
    low = [(kind, ratio) for kind, ratio in ascending[:count] if ratio <= 0.9]
    return "; ".join(f"{ratio:.2f} {kind}" for kind, ratio in (*high, *low)) or "within a tenth"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--db", choices=SERVERS, default="mariadb")
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--only", help="one limit")
    options.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = options.parse_args()
    with benchmark_server(given.db) as server:
        db = Database(ensure(server, given.rows))
        add_hard_words(db)
        results = [
            (name, change, compare(db, (*KINDS, *LIMIT_KINDS), limits, given.rounds))
            for name, change, limits in CHANGES
            if given.only in (None, name)
        ]
        text = f"{describe_server(db, given.db, given.rows)}\n\n{make_table(results)}"
    print(text)
    if given.write:
        report.replace_section(f"executor {given.db}", text)


if __name__ == "__main__":
    main()

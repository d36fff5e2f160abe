"""The index's reads: every statement of a search but the pictures themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockroom.runtime.database import Database
from stockroom.search.index.lexicon import beginning_with
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.query.dates import Range
from stockroom.search.query.plan import Plan, Term

EXPANSIONS = 16
"""Words that an unfinished word stands for: the commonest of them."""
LEXICON_ROWS = 50
"""Surface forms looked at for that, the commonest first."""


@dataclass(frozen=True)
class Stretch:
    """Which postings of each of a plan's driving terms are read: those in `spans`, newest first or last."""

    spans: tuple[Range, ...]
    oldest_first: bool = False

    @property
    def order(self) -> str:
        return "ASC" if self.oldest_first else "DESC"

    def until(self, edge: int) -> "Stretch":
        """As far as `edge`, in the direction of reading, inclusive."""
        if self.oldest_first:
            cut = ((low, min(high, edge + 1)) for low, high in self.spans)
        else:
            cut = ((max(low, edge), high) for low, high in self.spans)
        return Stretch(tuple((low, high) for low, high in cut if low < high), self.oldest_first)

    def beyond(self, edge: int) -> "Stretch":
        """From `edge` on, exclusive."""
        if self.oldest_first:
            cut = ((max(low, edge + 1), high) for low, high in self.spans)
        else:
            cut = ((low, min(high, edge)) for low, high in self.spans)
        return Stretch(tuple((low, high) for low, high in cut if low < high), self.oldest_first)


def expansions(db: Database, prefix: str) -> dict[str, Term]:
    """The rows of the commonest terms of which a form begins with `prefix`."""
    # The lexicon's commonest forms, one probe of term each.
    source, arguments = beginning_with(prefix, LEXICON_ROWS)
    rows = db.query(
        f"SELECT t.term, t.term_id, t.df FROM (SELECT DISTINCT term_id FROM ({source}) l) x "
        "STRAIGHT_JOIN term t ON t.term_id = x.term_id WHERE t.df > 0 "
        f"ORDER BY t.df DESC, t.term_id LIMIT {EXPANSIONS}",
        arguments,
    )
    return {bytes(term).decode("utf-8", "replace"): Term(term_id, df) for term, term_id, df in rows}


def matching(db: Database, plan: Plan, stretch: Stretch, limit: int) -> list[int]:
    """The first `limit` ids of a stretch that pass the plan's probes, in the order of reading.

    Each driving term is a range of PRIMARY (term_id, image_id), read in its order until it has `limit` ids;
    every posting read costs one primary-key probe a join.
    """
    if not stretch.spans:
        return []
    parts = [_arm(plan, term_id, stretch, limit) for term_id in plan.driver.term_ids]
    arguments = [value for _, more in parts for value in more]
    if len(parts) == 1:
        return [row[0] for row in db.query(parts[0][0], arguments)]
    union = " UNION ".join(f"({sql})" for sql, _ in parts)
    rows = db.query(f"{union} ORDER BY image_id {stretch.order} LIMIT {limit:d}", arguments)
    return [row[0] for row in rows]


def edge(db: Database, term_ids: Sequence[int], stretch: Stretch, rows: int) -> int | None:
    """The id as far as which no term has more than `rows` postings in a stretch; None when none has more."""
    # PRIMARY (term_id, image_id): `rows` index entries a term.
    return _furthest(db, "posting", term_ids, stretch, rows)


def edge_by_sample(db: Database, term_ids: Sequence[int], stretch: Stretch, rows: int) -> int | None:
    """`edge`, about right, for a STRIDE-th of the index entries."""
    return _furthest(db, "posting_skip", term_ids, stretch, max(rows // STRIDE, 1))


def _furthest(db: Database, table: str, term_ids: Sequence[int], stretch: Stretch, rows: int) -> int | None:
    if not stretch.spans:
        return None
    condition, spans = _within("image_id", stretch)
    part = (
        f"(SELECT image_id FROM {table} WHERE term_id = %s AND {condition} "
        f"ORDER BY image_id {stretch.order} LIMIT 1 OFFSET {rows - 1:d})"
    )
    arguments = [value for term_id in term_ids for value in (term_id, *spans)]
    found: list[int] = [row[0] for row in db.query(" UNION ALL ".join([part] * len(term_ids)), arguments)]
    if not found:
        return None
    return min(found) if stretch.oldest_first else max(found)


@dataclass(frozen=True)
class Matches:
    """What has been found in a stretch: how many pictures, the newest id, and of the best ids and scores."""

    count: int = 0
    newest: int = 0
    scored: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return self.count

    @property
    def best(self) -> list[int]:
        """Ids, the best first."""
        return [number for _, number in sorted(self.scored, reverse=True)]

    def joined(self, older: "Matches") -> "Matches":
        """With those of the stretch beyond."""
        return Matches(self.count + older.count, max(self.newest, older.newest), self.scored + older.scored)


def best(
    db: Database, plan: Plan, stretch: Stretch, limit: int, *, worth: Mapping[int, int], top: int
) -> Matches:
    """As `matching`, newest first: of these `limit` the `top` with the highest scores.

    A score is the sum of the picture's weights for the terms in `worth`, each times what the term is worth:
    integers, so that both servers agree, out of postings that are read anyway. They are ordered by the
    server, as reading them here would cost more than finding them.
    """
    if not stretch.spans:
        return Matches()
    parts = [_arm(plan, term_id, stretch, limit, worth) for term_id in plan.driver.term_ids]
    arguments = [value for _, more in parts for value in more]
    found, score = parts[0][0], "own + other"
    if len(parts) > 1:
        union = " UNION ALL ".join(f"({part})" for part, _ in parts)
        found, score = (
            f"SELECT image_id, CAST(SUM(own) + MAX(other) AS SIGNED) AS score FROM ({union}) f "
            f"GROUP BY image_id ORDER BY image_id DESC LIMIT {limit:d}",
            "score",
        )
    # One row for all: with window functions MariaDB reads every posting of the term.
    ((count, newest, scored),) = db.query(
        f"SELECT COUNT(*), MAX(image_id), SUBSTRING_INDEX(GROUP_CONCAT({score}, ' ', image_id "
        f"ORDER BY {score} DESC, image_id DESC), ',', {top:d}) FROM ({found}) m",
        arguments,
    )
    if not count:
        return Matches()
    pairs = (pair.split(" ") for pair in scored.split(","))
    return Matches(count, newest, tuple((int(score), int(number)) for score, number in pairs))


def _arm(
    plan: Plan, term_id: int, stretch: Stretch, limit: int, worth: Mapping[int, int] | None = None
) -> tuple[str, list[object]]:
    """One SELECT over a driving term's postings, in the order written, and its arguments."""
    joins: list[str] = []
    joined: list[object] = []
    scores: list[str] = []
    condition, spans = _within("d.image_id", stretch)
    conditions = ["d.term_id = %s", condition]
    for number, clause in enumerate(plan.required):
        any_of: list[str] = []
        # EXISTS … OR EXISTS … reads twelve times the rows of these outer joins.
        how = "JOIN" if len(clause.term_ids) == 1 else "LEFT JOIN"
        for place, required in enumerate(clause.term_ids):
            alias = f"r{number}_{place}"
            joins.append(f"{how} posting {alias} ON {alias}.term_id = %s AND {alias}.image_id = d.image_id")
            joined.append(required)
            any_of.append(f"{alias}.image_id IS NOT NULL")
            if worth and worth.get(required):
                scores.append(f"COALESCE({alias}.weight, 0) * {worth[required]:d}")
        if len(any_of) > 1:
            conditions.append(f"({' OR '.join(any_of)})")
    for number, excluded in enumerate(plan.excluded):
        joins.append(
            f"LEFT JOIN posting n{number} ON n{number}.term_id = %s AND n{number}.image_id = d.image_id"
        )
        joined.append(excluded)
        conditions.append(f"n{number}.image_id IS NULL")
    columns = "d.image_id"
    if worth is not None:
        columns += f", d.weight * {worth.get(term_id, 0):d} AS own, {' + '.join(scores) or '0'} AS other"
    sql = (
        f"SELECT STRAIGHT_JOIN {columns} FROM posting d {' '.join(joins)} "
        f"WHERE {' AND '.join(conditions)} ORDER BY d.image_id {stretch.order} LIMIT {limit:d}"
    )
    return sql, [*joined, term_id, *spans]


def _within(column: str, stretch: Stretch) -> tuple[str, list[int]]:
    """The condition that an id lies in one of the spans: disjoint ranges of one index, read in its order."""
    condition = " OR ".join([f"{column} >= %s AND {column} < %s"] * len(stretch.spans))
    return f"({condition})", [value for span in stretch.spans for value in span]

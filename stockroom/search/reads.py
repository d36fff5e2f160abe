"""The index's reads: every statement of a search but the pictures themselves."""

from collections.abc import Sequence

from stockroom.database import Database, placeholders
from stockroom.search.dates import Range
from stockroom.search.documents import EVERYTHING, prefix_range
from stockroom.search.plan import Plan, Term, Vocabulary

EXPANSIONS = 24
"""Words that an unfinished word stands for: the commonest of them."""
LEXICON_ROWS = 1000
"""Surface forms looked at for that."""

Arm = tuple[int, Range]
"""A term and the ids among which its postings are read."""


def vocabulary(db: Database, terms: Sequence[str], prefix: str) -> Vocabulary:
    """The rows of `terms` (and of every picture's term), and of the words that begin with `prefix`."""
    # UNIQUE term: one probe a term. PRIMARY (surface, term_id) of lexicon: the prefix's range, 1,000 rows
    # at most, and one probe of term for each.
    wanted = [EVERYTHING.encode(), *(term.encode() for term in terms)]
    sql = f"SELECT 0, term, term_id, df FROM term WHERE term IN ({placeholders(wanted)})"
    arguments: list[object] = [*wanted]
    if prefix:
        sql = (
            f"({sql}) UNION ALL (SELECT 1, t.term, t.term_id, t.df FROM "
            "(SELECT DISTINCT term_id FROM (SELECT term_id FROM lexicon "
            f"WHERE surface >= %s AND surface < %s ORDER BY surface LIMIT {LEXICON_ROWS}) l) x "
            f"STRAIGHT_JOIN term t ON t.term_id = x.term_id WHERE t.df > 0 ORDER BY t.df DESC, t.term_id "
            f"LIMIT {EXPANSIONS})"
        )
        arguments += prefix_range(prefix)
    known: tuple[dict[str, Term], dict[str, Term]] = ({}, {})
    for kind, term, term_id, df in db.query(sql, arguments):
        known[kind][bytes(term).decode("utf-8", "replace")] = Term(term_id, df)
    return Vocabulary(*known)


def newest(db: Database, plan: Plan, arms: Sequence[Arm], limit: int) -> list[int]:
    """The newest `limit` ids that the arms hold together and that pass the plan's probes.

    Each arm is a range of PRIMARY (term_id, image_id) read backwards until it has `limit` ids; every posting
    read costs one primary-key probe a join.
    """
    parts: list[str] = []
    arguments: list[object] = []
    for term_id, (low, high) in arms:
        sql, more = _arm(plan, "posting d", limit)
        parts.append(sql)
        arguments += [*more, term_id, low, high]
    if len(parts) == 1:
        return [row[0] for row in db.query(parts[0], arguments)]
    union = " UNION ".join(f"({part})" for part in parts)
    rows = db.query(f"{union} ORDER BY image_id DESC LIMIT {limit:d}", arguments)
    return [row[0] for row in rows]


def newest_within(db: Database, plan: Plan, arm: Arm, limit: int, rows: int) -> list[int]:
    """As `newest` for one arm, reading its newest `rows` postings and no further."""
    # PRIMARY (term_id, image_id), `rows` of it, through a temporary table, with one probe a join.
    term_id, (low, high) = arm
    source = (
        "(SELECT term_id, image_id FROM posting WHERE term_id = %s AND image_id >= %s AND image_id < %s "
        f"ORDER BY image_id DESC LIMIT {rows:d}) d"
    )
    sql, more = _arm(plan, source, limit)
    return [row[0] for row in db.query(sql, [term_id, low, high, *more, term_id, low, high])]


def floor(db: Database, arms: Sequence[Arm], rows: int) -> int:
    """The id down to which no arm has more than `rows` postings; 0 when none has."""
    # PRIMARY (term_id, image_id): `rows` index entries an arm.
    part = (
        "(SELECT image_id FROM posting WHERE term_id = %s AND image_id >= %s AND image_id < %s "
        f"ORDER BY image_id DESC LIMIT 1 OFFSET {rows - 1:d})"
    )
    arguments = [value for term_id, span in arms for value in (term_id, *span)]
    found = db.query(" UNION ALL ".join([part] * len(arms)), arguments)
    return max((row[0] for row in found), default=0)


def _arm(plan: Plan, source: str, limit: int) -> tuple[str, list[object]]:
    """One SELECT over `source` (as `d`), in the order written, and the arguments of its joins."""
    joins: list[str] = []
    arguments: list[object] = []
    conditions = ["d.term_id = %s", "d.image_id >= %s", "d.image_id < %s"]
    for number, clause in enumerate(plan.required):
        any_of: list[str] = []
        # EXISTS … OR EXISTS … reads twelve times the rows of these outer joins.
        how = "JOIN" if len(clause.term_ids) == 1 else "LEFT JOIN"
        for place, term_id in enumerate(clause.term_ids):
            alias = f"r{number}_{place}"
            joins.append(f"{how} posting {alias} ON {alias}.term_id = %s AND {alias}.image_id = d.image_id")
            arguments.append(term_id)
            any_of.append(f"{alias}.image_id IS NOT NULL")
        if len(any_of) > 1:
            conditions.append(f"({' OR '.join(any_of)})")
    for number, term_id in enumerate(plan.excluded):
        joins.append(
            f"LEFT JOIN posting n{number} ON n{number}.term_id = %s AND n{number}.image_id = d.image_id"
        )
        arguments.append(term_id)
        conditions.append(f"n{number}.image_id IS NULL")
    sql = (
        f"SELECT STRAIGHT_JOIN d.image_id FROM {source} {' '.join(joins)} "
        f"WHERE {' AND '.join(conditions)} ORDER BY d.image_id DESC LIMIT {limit:d}"
    )
    return sql, arguments

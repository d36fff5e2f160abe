"""The reads of the posting lists. Every list is a range of PRIMARY (term_id, image_id), read in its order."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from stockroom.runtime.database import Database
from stockroom.search.index.conjunction import Conjunction
from stockroom.search.index.id_ranges import ScanRange
from stockroom.search.index.skip_pointers import STRIDE


def find_ids(db: Database, conjunction: Conjunction, scan_range: ScanRange, limit: int) -> list[int]:
    """The first `limit` ids of a scan range that satisfy a conjunction, in the order of the scan.

    Every list of the driver is read until it has given `limit` ids, with a primary-key probe a join for each
    posting that is read.
    """
    if not scan_range.id_ranges:
        return []
    branches = [
        _build_branch(conjunction, term_id, scan_range, limit) for term_id in conjunction.driver.term_ids
    ]
    arguments = [argument for _, branch_arguments in branches for argument in branch_arguments]
    if len(branches) == 1:
        return [image_id for (image_id,) in db.query(branches[0][0], arguments)]
    union = " UNION ".join(f"({sql})" for sql, _ in branches)
    rows = db.query(f"{union} ORDER BY image_id {scan_range.order} LIMIT {limit:d}", arguments)
    return [image_id for (image_id,) in rows]


class RankedMatches(Struct, frozen=True):
    """Matches of a scan: how many there are, the newest of them, and (score, id) of the best of them."""

    count: int = 0
    newest_id: int = 0
    best: tuple[tuple[int, int], ...] = ()

    def list_best_ids(self) -> list[int]:
        """The ids of the best matches, the best first; of equally good ones the newest first."""
        return [image_id for _, image_id in sorted(self.best, reverse=True)]


def find_best(
    db: Database,
    conjunction: Conjunction,
    scan_range: ScanRange,
    limit: int,
    *,
    idf: Mapping[int, int],
    top: int,
) -> RankedMatches:
    """The `top` best of the newest `limit` ids of a scan range that satisfy a conjunction.

    The score of a picture is the sum over the terms in `idf` of the weight of its posting times the idf:
    integers, so that both servers agree, out of postings that the scan reads anyway.
    """
    if not scan_range.id_ranges:
        return RankedMatches()
    branches = [
        _build_branch(conjunction, term_id, scan_range, limit, idf) for term_id in conjunction.driver.term_ids
    ]
    arguments = [argument for _, branch_arguments in branches for argument in branch_arguments]
    matches, score = branches[0][0], "driver_score + probed_score"
    if len(branches) > 1:
        # A picture that has several terms of the driver comes from several branches, each time with the same
        # score for the probed terms.
        union = " UNION ALL ".join(f"({sql})" for sql, _ in branches)
        matches = (
            "SELECT image_id, CAST(SUM(driver_score) + MAX(probed_score) AS SIGNED) AS score "
            f"FROM ({union}) branches GROUP BY image_id ORDER BY image_id DESC LIMIT {limit:d}"
        )
        score = "score"
    # The server orders the matches and answers with one row: to fetch 400 rows takes longer than to find
    # them, and with window functions MariaDB reads every posting of the term.
    ((count, newest_id, best),) = db.query(
        f"SELECT COUNT(*), MAX(image_id), SUBSTRING_INDEX(GROUP_CONCAT({score}, ' ', image_id "
        f"ORDER BY {score} DESC, image_id DESC), ',', {top:d}) FROM ({matches}) matches",
        arguments,
    )
    if not count:
        return RankedMatches()
    pairs = (pair.split(" ") for pair in best.split(","))
    return RankedMatches(count, newest_id, tuple((int(score), int(image_id)) for score, image_id in pairs))


class Reach(NamedTuple):
    """How far so many probes reach in a scan."""

    end: int | None
    """The id of the last posting that can be probed; None when all of the scan range can be."""
    probes: int
    """About what the scan as far as there costs."""


def find_reach(
    db: Database, conjunction: Conjunction, scan_range: ScanRange, probes: int, cost_per_posting: int
) -> Reach:
    """How far so many probes reach if each posting of the driver costs `cost_per_posting`."""
    postings = max(probes // cost_per_posting, 1)
    # PRIMARY (term_id, image_id): `postings` index entries a term.
    rows = _list_first(db, "posting", conjunction, scan_range, postings)
    end = rows[-1][0] if len(rows) == postings else None
    return Reach(end, len(rows) * cost_per_posting)


def estimate_reach(
    db: Database, conjunction: Conjunction, scan_range: ScanRange, probes: int, extra_per_posting: int
) -> Reach:
    """How far so many probes reach, nearly, from a sample that needs a STRIDE-th of the reads.

    The sample has all terms of a picture or none, so it also tells which clauses of one term a posting
    satisfies, and by that how many probes it costs. `extra_per_posting` is added to each.
    """
    single_ids = conjunction.single_term_ids
    if conjunction.count_probes(0) == conjunction.probes_per_posting:
        single_ids = ()
    least = max(conjunction.count_probes(0 if single_ids else len(conjunction.single_term_ids)), 1)
    limit = max(probes // (least + extra_per_posting) // STRIDE, 1)
    rows = _list_first(db, "posting_skip", conjunction, scan_range, limit, probed_ids=single_ids)
    spent = 0
    for image_id, satisfied in rows:
        cost = conjunction.count_probes(satisfied) if single_ids else least
        spent += STRIDE * (cost + extra_per_posting)
        if spent + STRIDE > probes:
            return Reach(image_id, min(spent, probes))
    if len(rows) == limit:
        return Reach(rows[-1][0], spent)
    return Reach(None, min(spent + STRIDE, probes))


def _list_first(
    db: Database,
    table: str,
    conjunction: Conjunction,
    scan_range: ScanRange,
    limit: int,
    *,
    probed_ids: Sequence[int] = (),
) -> tuple[tuple[int, int], ...]:
    """The first postings of the driver: (id, how many of the terms `probed_ids` the picture has in turn)."""
    if not scan_range.id_ranges:
        return ()
    condition, bounds = _build_range_condition("d.image_id", scan_range)
    aliases = [f"p{number}" for number in range(len(probed_ids))]
    joins = [
        f"LEFT JOIN {table} {alias} ON {alias}.term_id = %s AND {alias}.image_id = {before}.image_id"
        for before, alias in zip(["d", *aliases], aliases, strict=False)
    ]
    satisfied = " + ".join(f"({alias}.image_id IS NOT NULL)" for alias in aliases) or "0"
    select = (
        f"(SELECT STRAIGHT_JOIN d.image_id, {satisfied} AS satisfied FROM {table} d {' '.join(joins)} "
        f"WHERE d.term_id = %s AND {condition} ORDER BY d.image_id {scan_range.order} LIMIT {limit:d})"
    )
    term_ids = conjunction.driver.term_ids
    sql = " UNION ALL ".join([select] * len(term_ids))
    if len(term_ids) > 1:
        sql += f" ORDER BY image_id {scan_range.order} LIMIT {limit:d}"
    arguments = [argument for term_id in term_ids for argument in (*probed_ids, term_id, *bounds)]
    return db.query(sql, arguments)


def find_by_shared_terms(
    db: Database, idf: Mapping[int, int], image_id: int, *, per_term: int, limit: int
) -> dict[int, int]:
    """Other pictures that have terms in common with one, with their scores, the best first, at most `limit`.

    The newest `per_term` pictures of each term are looked at. A score is the sum of weight times idf.
    """
    # PRIMARY (term_id, image_id): `per_term` entries a term.
    select = (
        "(SELECT image_id, weight * %s AS score FROM posting WHERE term_id = %s AND image_id <> %s "
        f"ORDER BY image_id DESC LIMIT {per_term:d})"
    )
    rows = db.query(
        f"SELECT image_id, SUM(score) AS total FROM ({' UNION ALL '.join([select] * len(idf))}) candidates "
        f"GROUP BY image_id ORDER BY total DESC, image_id DESC LIMIT {limit:d}",
        [argument for term_id, term_idf in idf.items() for argument in (term_idf, term_id, image_id)],
    )
    return {other_id: int(total) for other_id, total in rows}


def find_newest(db: Database, term_ids: Sequence[int], per_term: int) -> dict[int, list[int]]:
    """The newest `per_term` pictures of each term that has any, the newest first."""
    if not term_ids:
        return {}
    # PRIMARY (term_id, image_id): `per_term` entries a term.
    select = (
        "(SELECT term_id, image_id FROM posting WHERE term_id = %s "
        f"ORDER BY image_id DESC LIMIT {per_term:d})"
    )
    found: dict[int, list[int]] = {}
    for term_id, image_id in db.query(" UNION ALL ".join([select] * len(term_ids)), term_ids):
        found.setdefault(term_id, []).append(image_id)
    return {term_id: sorted(image_ids, reverse=True) for term_id, image_ids in found.items()}


def _build_branch(
    conjunction: Conjunction,
    term_id: int,
    scan_range: ScanRange,
    limit: int,
    idf: Mapping[int, int] | None = None,
) -> tuple[str, list[int]]:
    """The SELECT over the list of one term of the driver, with scores if there is an `idf`; its arguments."""
    joins: list[str] = []
    join_arguments: list[int] = []
    probed_scores: list[str] = []
    range_condition, bounds = _build_range_condition("d.image_id", scan_range)
    conditions = ["d.term_id = %s", range_condition]
    for number, clause in enumerate(conjunction.required):
        aliases = [f"r{number}_{place}" for place in range(len(clause.term_ids))]
        # With EXISTS … OR EXISTS … MariaDB reads twelve times the rows of these outer joins.
        join = "JOIN" if len(aliases) == 1 else "LEFT JOIN"
        for alias, required_id in zip(aliases, clause.term_ids, strict=True):
            joins.append(f"{join} posting {alias} ON {alias}.term_id = %s AND {alias}.image_id = d.image_id")
            join_arguments.append(required_id)
            if idf and idf.get(required_id):
                probed_scores.append(f"COALESCE({alias}.weight, 0) * {idf[required_id]:d}")
        if len(aliases) > 1:
            conditions.append(f"({' OR '.join(f'{alias}.image_id IS NOT NULL' for alias in aliases)})")
    for number, excluded_id in enumerate(conjunction.excluded):
        alias = f"x{number}"
        joins.append(f"LEFT JOIN posting {alias} ON {alias}.term_id = %s AND {alias}.image_id = d.image_id")
        join_arguments.append(excluded_id)
        conditions.append(f"{alias}.image_id IS NULL")
    columns = "d.image_id"
    if idf is not None:
        columns += f", d.weight * {idf.get(term_id, 0):d} AS driver_score"
        columns += f", {' + '.join(probed_scores) or '0'} AS probed_score"
    # STRAIGHT_JOIN keeps the order: first the list of the driver, then the probes.
    sql = (
        f"SELECT STRAIGHT_JOIN {columns} FROM posting d {' '.join(joins)} "
        f"WHERE {' AND '.join(conditions)} ORDER BY d.image_id {scan_range.order} LIMIT {limit:d}"
    )
    return sql, [*join_arguments, term_id, *bounds]


def _build_range_condition(column: str, scan_range: ScanRange) -> tuple[str, list[int]]:
    """The condition that an id lies in the scan range, and its arguments: disjoint ranges of one index."""
    condition = " OR ".join([f"{column} >= %s AND {column} < %s"] * len(scan_range.id_ranges))
    return f"({condition})", [bound for id_range in scan_range.id_ranges for bound in id_range]

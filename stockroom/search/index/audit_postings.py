"""The step of the audit that looks at postings: each is recorded in the row of a ready picture."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.repository.indexing import lock_rows
from stockroom.runtime.database import Database
from stockroom.search.index import skip_pointers
from stockroom.search.index.audit_report import IndexAudit, Kind
from stockroom.search.index.posting_writer import delete_terms

PICTURES_PER_TRANSACTION = 100


class _Slice(NamedTuple):
    """A part of the posting table, in the order of its key: a condition on `posting p` and its arguments."""

    condition: str
    arguments: tuple[int, ...]


def audit_postings(
    db: Database,
    report: IndexAudit,
    after: tuple[int, int],
    up_to: tuple[int, int],
    limit: int,
    *,
    repair: bool,
) -> tuple[int, ...] | None:
    """Audit the postings behind (term id, image id), up to another such place and with it.

    Returns the place to go on behind, or None at the end.
    """
    slices, following = _choose_slices(db, after, up_to, limit)
    for each in slices:
        _audit_slice(db, report, each, repair=repair)
        _audit_skip_pointers(db, report, each, repair=repair)
    return following


def _choose_slices(
    db: Database, after: tuple[int, int], up_to: tuple[int, int], limit: int
) -> tuple[list[_Slice], tuple[int, int] | None]:
    """The next `limit` postings, up to twice as many where a list ends: slices that are ranges of the key."""
    term_id, image_id = after
    # PRIMARY (term_id, image_id): `limit` entries each.
    rest = _Slice("p.term_id = %s AND p.image_id > %s", (term_id, image_id))
    end = _find_nth(db, rest, limit)
    if end is not None or up_to[0] == term_id:
        last = up_to if end is None else min(end, up_to)
        part = _Slice(f"{rest.condition} AND p.image_id <= %s", (*rest.arguments, last[1]))
        return [part], None if last == up_to else last
    others = _Slice("p.term_id > %s", (term_id,))
    end = _find_nth(db, others, limit)
    last = up_to if end is None else min(end, up_to)
    condition = "(p.term_id > %s AND p.term_id < %s OR p.term_id = %s AND p.image_id <= %s)"
    return [rest, _Slice(condition, (term_id, last[0], *last))], None if last == up_to else last


def _find_nth(db: Database, part: _Slice, n: int) -> tuple[int, int] | None:
    rows = db.query(
        f"SELECT p.term_id, p.image_id FROM posting p WHERE {part.condition} "
        f"ORDER BY p.term_id, p.image_id LIMIT 1 OFFSET {n - 1:d}",
        part.arguments,
    )
    return (rows[0][0], rows[0][1]) if rows else None


def _audit_slice(db: Database, report: IndexAudit, part: _Slice, *, repair: bool) -> None:
    # PRIMARY of posting; PRIMARY of image and of term, one probe a posting each.
    rows = db.query(
        "SELECT p.term_id, p.image_id, i.id IS NULL, t.term_id IS NULL FROM posting p "
        "LEFT JOIN image i ON i.id = p.image_id AND i.state = 'ready' "
        "LEFT JOIN term t ON t.term_id = p.term_id "
        f"WHERE {part.condition} AND (i.id IS NULL OR t.term_id IS NULL "
        "OR FIND_IN_SET(p.term_id, i.indexed_terms) = 0)",
        part.arguments,
    )
    found: dict[Kind, dict[int, list[int]]] = {"dangling-posting": {}, "unrecorded-posting": {}}
    lost_terms: set[int] = set()
    for term_id, image_id, has_no_picture, has_no_term in rows:
        kind: Kind = "dangling-posting" if has_no_picture or has_no_term else "unrecorded-posting"
        report.note(kind, f"{ids.encode(image_id)} term {term_id}")
        found[kind].setdefault(image_id, []).append(term_id)
        if has_no_term:
            lost_terms.add(term_id)
    for kind, pairs in found.items() if repair else ():
        image_ids = sorted(pairs)
        for start in range(0, len(image_ids), PICTURES_PER_TRANSACTION):
            some = {
                image_id: pairs[image_id] for image_id in image_ids[start : start + PICTURES_PER_TRANSACTION]
            }
            report.note_repaired(kind, _delete_wrong(db, some, lost_terms))


def _delete_wrong(db: Database, pairs: Mapping[int, Collection[int]], lost_terms: Collection[int]) -> int:
    """Delete those of some postings that are wrong; how many. `lost_terms` are ids of no term any more."""

    def delete(cursor: Cursor) -> int:
        rows = lock_rows(cursor, pairs)
        wrong: dict[int, list[int]] = {}
        for image_id, term_ids in pairs.items():
            row = rows.get(image_id)
            is_ready = row is not None and row.state == "ready"
            recorded = row.term_ids if row is not None else None
            wrong[image_id] = [
                term_id
                for term_id in term_ids
                if not is_ready or term_id in lost_terms or (recorded is not None and term_id not in recorded)
            ]
        return delete_terms(cursor, wrong)

    return db.run_transaction(delete)


def _audit_skip_pointers(db: Database, report: IndexAudit, part: _Slice, *, repair: bool) -> None:
    # PRIMARY of posting; PRIMARY of posting_skip, one probe for each sampled posting.
    missing = (
        "FROM posting p LEFT JOIN posting_skip s ON s.term_id = p.term_id AND s.image_id = p.image_id "
        f"WHERE {part.condition} AND CRC32(p.image_id) %% {skip_pointers.STRIDE} = 0 AND s.image_id IS NULL"
    )
    rows = db.query(f"SELECT p.term_id, p.image_id {missing}", part.arguments)
    for term_id, image_id in rows:
        report.note("missing-skip-pointer", f"{ids.encode(image_id)} term {term_id}")
    if rows and repair:
        db.execute(
            f"INSERT INTO posting_skip (term_id, image_id) SELECT p.term_id, p.image_id {missing} "
            "ON DUPLICATE KEY UPDATE image_id = posting_skip.image_id",
            part.arguments,
        )
        report.note_repaired("missing-skip-pointer", len(rows))

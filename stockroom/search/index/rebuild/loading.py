"""The bulk load of postings in the order of their primary key, which fills one page after the other."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import partial

from pymysql.cursors import Cursor

from stockroom.runtime.database import Database
from stockroom.search.index.rebuild.runs import Block
from stockroom.search.index.rebuild.tables import POSTING, SKIP, check_owner_within

ROWS_PER_STATEMENT = 20_000
"""Half a megabyte."""


def load_postings(
    db: Database,
    blocks: Iterable[Block],
    sampled: Collection[int],
    owner: str,
    tell: Callable[[int], None],
) -> Counter[int]:
    """Load postings, which come in order, and the skip pointers of `sampled` pictures; the df of each term.

    `tell` is told how many postings are loaded. Raises Overtaken where the tables are not those of `owner`.
    """
    df: Counter[int] = Counter()
    values: list[str] = []
    skips: list[str] = []
    loaded = 0
    for block in blocks:
        term_id = block.term_id
        df[term_id] += len(block.image_ids)
        # Integers alone, so they are written into the statement.
        values += [
            f"({term_id},{image_id},{weight})"
            for image_id, weight in zip(block.image_ids, block.weights, strict=True)
        ]
        skips += [f"({term_id},{image_id})" for image_id in block.image_ids if image_id in sampled]
        if len(values) >= ROWS_PER_STATEMENT:
            loaded += _insert(db, owner, POSTING, "term_id, image_id, weight", values)
            tell(loaded)
    loaded += _insert(db, owner, POSTING, "term_id, image_id, weight", values)
    tell(loaded)
    _insert(db, owner, SKIP, "term_id, image_id", skips)
    return df


def _insert(db: Database, owner: str, table: str, columns: str, values: list[str]) -> int:
    """Insert rows, and empty the list of them; how many they were."""
    count = len(values)
    for start in range(0, count, ROWS_PER_STATEMENT):
        rows = ",".join(values[start : start + ROWS_PER_STATEMENT])
        db.run_transaction(partial(_write, owner=owner, table=table, columns=columns, rows=rows))
    values.clear()
    return count


def _write(cursor: Cursor, owner: str, table: str, columns: str, rows: str) -> None:
    # A transaction whose answer is lost runs again.
    cursor.execute(
        f"INSERT INTO {table} ({columns}) VALUES {rows} ON DUPLICATE KEY UPDATE image_id = {table}.image_id"
    )
    check_owner_within(cursor, owner)

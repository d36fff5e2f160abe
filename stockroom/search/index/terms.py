"""What the index knows of a query's terms; common ones are remembered for a minute.

Their ids never change. Their counts may be outgrown meanwhile, so only the choice of a plan relies on them
(`finding`). What is rare or unknown is always asked: a picture that has just become ready is found at once.
"""

import time
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.document import EVERYTHING
from stockroom.search.query.plan import Term

SECONDS = 60
COMMON = 1000
"""Pictures that a remembered term has at least."""
MAX_TERMS = 4096

_remembered: WeakKeyDictionary[Database, dict[str, tuple[float, Term]]] = WeakKeyDictionary()


def terms(
    db: Database, wanted: Sequence[str], clock: Callable[[], float] = time.monotonic
) -> dict[str, Term]:
    """The rows of the terms that exist, and of every picture's term."""
    remembered = _remembered.setdefault(db, {})
    now = clock()
    names = dict.fromkeys((EVERYTHING, *wanted))
    found = {}
    for name in names:
        until, term = remembered.get(name, (now, None))
        if term is not None and now < until:
            found[name] = term
    asked = [name.encode() for name in names if name not in found]
    if asked:
        # UNIQUE term: one probe a term.
        rows = db.query(f"SELECT term, term_id, df FROM term WHERE term IN ({placeholders(asked)})", asked)
        if len(remembered) > MAX_TERMS:
            remembered.clear()
        for row in rows:
            name, term = bytes(row[0]).decode("utf-8", "replace"), Term(row[1], row[2])
            found[name] = term
            if term.df >= COMMON:
                remembered[name] = (now + SECONDS, term)
    return found


def forget(db: Database) -> None:
    """Ask for everything anew."""
    _remembered.pop(db, None)

"""What the index knows of a query's terms; common ones are remembered for a minute.

Their ids never change, and how common they are changes little in a minute. What is rare or unknown is always
asked: a picture that has just become ready is found by its words at once.
"""

import time
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from stockroom.database import Database, placeholders
from stockroom.search.documents import EVERYTHING
from stockroom.search.plan import Term

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
    found = {name: term for name in names for until, term in [remembered.get(name, _NOTHING)] if now < until}
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


_NOTHING = (0.0, Term(0, 0))

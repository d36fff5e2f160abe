"""Owners: each contributor's (issuer, subject) as a small number. All SQL of the table `owner` is here."""

import re
from collections.abc import Collection
from typing import NamedTuple

from stockroom.analysis.tokenizer import is_unspaced
from stockroom.images.contributor_names import fold_name, looks_like_pseudonym, make_pseudonym, split_name
from stockroom.runtime.database import Database, Row, placeholders

MAX_OWNER_ID = (1 << 32) - 1
"""The column `owner_id` holds no greater one."""
MAX_UNFOLDED = 10_000
"""Rows without a folded name that a search reads at most: after migration 0007, until the audit."""
MAX_IN_RANGE = 500
"""Owners read per word by the range scan on `folded_name`, in addition to the scanned ones."""
MAX_CANDIDATES = 1000
"""Rows of owners whose names may have the words of some names."""
WORD_SEPARATORS = (" ", "-", ".", "'", "(")
"""What stands before the second and later words of a folded name."""


class Owners:
    """The ids of contributors. An id never changes.

    No process remembers ids: a database that was restored from a backup may give them to others, and what is
    written with the wrong id is somebody else's picture. A look costs one read.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def find_or_insert(self, issuer: str, subject: str, name: str) -> int:
        """The owner's id; the row is made when it is missing. `name` is what others see from now on.

        Without a name that is a pseudonym with the owner's id, and so it is with a name that looks like the
        pseudonym of anybody. One statement; three or four when the row is missing or has another name.
        """
        if looks_like_pseudonym(name):
            name = ""
        row = self._find(issuer, subject)
        if row is None:
            # Unique key identity, one row.
            self._db.execute(
                "INSERT INTO owner (issuer, subject, name, folded_name) VALUES (%s, %s, %s, %s) "
                "ON DUPLICATE KEY UPDATE owner_id = owner_id",
                (issuer, subject, name, fold_name(name)),
            )
            row = self._find(issuer, subject)
        assert row is not None  # noqa: S101  nothing deletes owners
        owner_id, *shown = row
        name = name or make_pseudonym(owner_id)
        if shown != [name, fold_name(name)]:
            self._db.execute(
                "UPDATE owner SET name = %s, folded_name = %s WHERE owner_id = %s",
                (name, fold_name(name), owner_id),
            )
        return int(owner_id)

    def _find(self, issuer: str, subject: str) -> Row | None:
        """Id, name and folded name of an owner."""
        # Unique key identity, one row.
        rows = self._db.query(
            "SELECT owner_id, name, folded_name FROM owner WHERE issuer = %s AND subject = %s",
            (issuer, subject),
        )
        return rows[0] if rows else None


def find_namesakes(db: Database, name: str, limit: int) -> list[int]:
    """The ids of the owners who have this name now, folding apart: the first `limit` of them, in order.

    The first ones, so that nobody can hide a contributor by taking the same name. Nobody has an empty name.
    """
    folded_name = fold_name(name)
    if not folded_name:
        return []
    # Index folded_name: the namesakes, and the rows whose names no process has folded yet.
    rows = db.query(
        "SELECT owner_id, name FROM owner WHERE folded_name = %s UNION ALL "
        f"(SELECT owner_id, name FROM owner WHERE folded_name IS NULL LIMIT {MAX_UNFOLDED:d})",
        (folded_name,),
    )
    # The previous version of the functions writes `name` alone, so the folded name may be an older one's.
    return sorted(owner_id for owner_id, current in rows if fold_name(current) == folded_name)[:limit]


class NamePage(NamedTuple):
    """Present names of owners by their ids, in the order of folded name and id.

    `last` is the folded name and the id of the last row that was read; None when no more rows follow.
    """

    names: dict[int, str]
    last: tuple[str, int] | None


def find_by_prefix(db: Database, prefix: str, limit: int, after: tuple[str, int] | None = None) -> NamePage:
    """The next `limit` owners, after the last row of another page, whose names begin with a prefix."""
    folded_prefix = fold_name(prefix)
    if not folded_prefix:
        return NamePage({}, None)
    name, owner_id = after or (folded_prefix, 0)
    # Index folded_name: one range. The last character there is ends the range of names that begin so.
    rows = db.query(
        "SELECT owner_id, name, folded_name FROM owner WHERE folded_name >= %s AND folded_name < %s "
        f"AND (folded_name > %s OR owner_id > %s) ORDER BY folded_name, owner_id LIMIT {limit:d}",
        (name, folded_prefix + "\U0010ffff", name, owner_id),
    )
    return NamePage(
        # The previous version of the functions writes `name` alone.
        {owner_id: name for owner_id, name, _ in rows if fold_name(name).startswith(folded_prefix)},
        (rows[-1][2], rows[-1][0]) if len(rows) == limit else None,
    )


def find_by_later_word(db: Database, prefix: str, limit: int, scanned: int) -> dict[int, str]:
    """The present names, by their ids, of owners of whose names a later word begins with a prefix.

    Of the first `scanned` owners in the order of their names, the first `limit` such ones. Where a script
    writes no spaces, a word may begin at every character.
    """
    folded_prefix = fold_name(prefix)
    if not folded_prefix:
        return {}
    begins = [""] if is_unspaced(folded_prefix[0]) else WORD_SEPARATORS
    escaped = re.sub(r"[!%_]", r"!\g<0>", folded_prefix)
    conditions = " OR ".join(["scanned.folded_name LIKE %s ESCAPE '!'"] * len(begins))
    # Index folded_name alone: `scanned` rows into a temporary table. PRIMARY of owner: one probe a match.
    rows = db.query(
        "SELECT o.owner_id, o.name FROM (SELECT owner_id, folded_name FROM owner WHERE folded_name > '' "
        f"ORDER BY folded_name, owner_id LIMIT {scanned:d}) AS scanned "
        f"STRAIGHT_JOIN owner o ON o.owner_id = scanned.owner_id WHERE {conditions} LIMIT {limit:d}",
        [f"%{separator}{escaped}%" for separator in begins],
    )
    # The previous version of the functions writes `name` alone.
    return {
        owner_id: name
        for owner_id, name in rows
        if any(separator + folded_prefix in fold_name(name) for separator in begins)
    }


def find_candidates_by_words(db: Database, names: Collection[str], scanned: int) -> dict[int, str]:
    """The present names, by their ids, of owners whose names may have all words of one of `names`.

    Looked at are those who have one of `names` in full, for each word the first MAX_IN_RANGE of those whose
    names begin with it, and the first `scanned` of all, by folded name. MAX_CANDIDATES rows at most are read
    of those that fit, in this order. A word fits a part of a longer one, too: `has_words` tells who has it.
    """
    word_sets = sorted({tuple(sorted({*split_name(name)})) for name in names} - {()})
    words = sorted({word for each in word_sets for word in each})
    if not words:
        return {}
    in_range = (
        "UNION ALL (SELECT owner_id, folded_name, 2 FROM owner WHERE folded_name >= %s AND folded_name < %s "
        f"ORDER BY folded_name LIMIT {MAX_IN_RANGE:d}) "
    )
    plain = "REPLACE(REPLACE(candidate.folded_name, '''', ''), '\u2019', '')"
    conditions = " OR ".join(" AND ".join([f"{plain} LIKE %s"] * len(each)) for each in word_sets)
    # Index folded_name alone: one probe a name, one range a word, and `scanned` rows, into a temporary table.
    # PRIMARY of owner: one probe for each of at most MAX_CANDIDATES rows.
    rows = db.query(
        "SELECT o.owner_id, o.name FROM ("
        f"(SELECT owner_id, folded_name, 1 AS part FROM owner WHERE folded_name IN ({placeholders(names)})) "
        f"{in_range * len(words)}"
        "UNION ALL (SELECT owner_id, folded_name, 3 FROM owner WHERE folded_name > '' "
        f"ORDER BY folded_name, owner_id LIMIT {scanned:d})) AS candidate "
        f"STRAIGHT_JOIN owner o ON o.owner_id = candidate.owner_id WHERE {conditions} "
        f"ORDER BY candidate.part, candidate.folded_name, candidate.owner_id LIMIT {MAX_CANDIDATES:d}",
        [
            *map(fold_name, names),
            *(bound for word in words for bound in (word, word + "\U0010ffff")),
            # A word has no characters that mean anything to LIKE.
            *(f"%{word}%" for each in word_sets for word in each),
        ],
    )
    return dict(rows)


def find_names(db: Database, owner_ids: Collection[int]) -> dict[int, str]:
    """The present names of those of the owners who exist, by their ids."""
    # PRIMARY of owner: one probe an id.
    rows = db.query(
        f"SELECT owner_id, name FROM owner WHERE owner_id IN ({placeholders(owner_ids)})", list(owner_ids)
    )
    return dict(rows)


class FoldedNames(NamedTuple):
    """What `correct_folded_names` saw: owners whose folded name was wrong, and the last id; 0 at the end."""

    wrong_ids: list[int]
    last_id: int


def correct_folded_names(db: Database, after: int, limit: int, *, repair: bool) -> FoldedNames:
    """Compare the folded names of the next `limit` owners with the names; a repair writes the wrong ones."""
    # PRIMARY of owner, `limit` rows.
    rows = db.query(
        "SELECT owner_id, name, folded_name FROM owner WHERE owner_id > %s "
        f"ORDER BY owner_id LIMIT {limit:d}",
        (after,),
    )
    wrong = [(owner_id, name) for owner_id, name, folded in rows if folded != fold_name(name)]
    for owner_id, name in wrong if repair else ():
        db.execute(
            "UPDATE owner SET folded_name = %s WHERE owner_id = %s AND name = %s",
            (fold_name(name), owner_id, name),
        )
    return FoldedNames([owner_id for owner_id, _ in wrong], rows[-1][0] if len(rows) == limit else 0)

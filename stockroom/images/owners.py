"""Owners: each contributor's (issuer, subject) as a small number. All SQL of the table `owner` is here."""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from stockroom.analysis.folding import fold
from stockroom.analysis.tokenizer import is_unspaced
from stockroom.runtime.database import Database, Row, placeholders

NAME_CHARACTERS = 200
"""The width of the columns `name` and `folded_name`."""
MAX_OWNER_ID = (1 << 32) - 1
"""The column `owner_id` holds no greater one."""
MAX_UNFOLDED = 10_000
"""Rows without a folded name that a search reads at most: after migration 0007, until the audit."""
MAX_IN_RANGE = 500
"""Owners whose names begin with a word that are read at most, besides those that are looked through."""
WORD_SEPARATORS = (" ", "-", ".", "'", "(")
"""What stands before the second and later words of a folded name."""

_APOSTROPHE = re.compile("['’]")  # noqa: RUF001
_PSEUDONYM = re.compile(r"[\W_]*contributor[\W_]*\d+[\W_]*")


def fold_name(name: str) -> str:
    """A contributor's name without the differences that do not matter: spaces, case, accents."""
    return " ".join(fold(name).split())[:NAME_CHARACTERS]


def make_pseudonym(owner_id: int) -> str:
    """What others see of a contributor without a name: nobody can compute it from the subject."""
    return f"contributor-{owner_id}"


def looks_like_pseudonym(name: str) -> bool:
    """Whether a name would be taken for the pseudonym of some contributor, however it is spelled."""
    return _PSEUDONYM.fullmatch(fold(name)) is not None


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


def split_name(name: str) -> list[str]:
    """The words of a name, folded, without apostrophes; what a script writes without spaces is one word."""
    return _split(_APOSTROPHE.sub("", fold_name(name)))


def list_own_words(name: str) -> set[str]:
    """The words by which somebody with this name is found: an apostrophe also separates words."""
    return {*split_name(name), *_split(fold_name(name))}


def _split(folded_name: str) -> list[str]:
    # Letters, digits and marks: those of Indic scripts are vowels.
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded_name).split()


def has_words(own_words: Collection[str], words: Collection[str]) -> bool:
    """Whether folded words are among those of a name. Without spaces, a part of one is enough."""
    return all(
        word in own_words or (is_unspaced(word[0]) and any(word in own for own in own_words))
        for word in words
    )


def find_by_words(db: Database, names: Collection[str], scanned: int) -> dict[int, str]:
    """The present names, by their ids, of owners whose names may have all words of one of `names`.

    They are those among the first `scanned` owners in the order of their names whose names contain a word,
    the first MAX_IN_RANGE of those whose names begin with a word, and those who have one of `names` in full.
    Use `has_words` to tell which of them have which words.
    """
    words = sorted({word for name in names for word in split_name(name)})
    if not words:
        return {}
    plain = "REPLACE(REPLACE(scanned.folded_name, '''', ''), '\u2019', '')"
    conditions = " OR ".join([f"{plain} LIKE %s"] * len(words))
    # Index folded_name: `scanned` rows into a temporary table, one range a word, and one probe a name.
    # PRIMARY of owner: one probe for each row that is found so.
    in_range = (
        "UNION (SELECT owner_id, name FROM owner WHERE folded_name >= %s AND folded_name < %s "
        f"ORDER BY folded_name LIMIT {MAX_IN_RANGE:d}) "
    )
    rows = db.query(
        "SELECT o.owner_id, o.name FROM (SELECT owner_id, folded_name FROM owner WHERE folded_name > '' "
        f"ORDER BY folded_name, owner_id LIMIT {scanned:d}) AS scanned "
        f"STRAIGHT_JOIN owner o ON o.owner_id = scanned.owner_id WHERE {conditions} "
        f"{in_range * len(words)}"
        f"UNION (SELECT owner_id, name FROM owner WHERE folded_name IN ({placeholders(names)}))",
        [
            # A word has no characters that mean anything to LIKE.
            *(f"%{word}%" for word in words),
            *(bound for word in words for bound in (word, word + "\U0010ffff")),
            *map(fold_name, names),
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

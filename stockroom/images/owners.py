"""Owners: each contributor's (issuer, subject) as a small number. All SQL of the table `owner` is here."""

from functools import lru_cache

from stockroom.runtime.database import Database

MAX_REMEMBERED = 10_000
"""Owners whose ids a process remembers; beyond that, the one not seen for longest is forgotten."""

PSEUDONYM = "CONCAT('contributor-', owner_id)"
"""SQL: the display name of an owner whose tokens have none."""


class Owners:
    """The ids of contributors. An id never changes, so a process remembers those that it has seen."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._remembered = lru_cache(MAX_REMEMBERED)(self._record)
        # A database can only be restored from a backup between two connections.
        db.on_connect(self.forget)

    def owner_id(self, issuer: str, subject: str, name: str) -> int:
        """The owner's id; the row is made when it is missing. A remembered owner costs no statement.

        `name` is what others see; a name that this process has not seen yet is written to the row. Without a
        name others see a pseudonym with the owner's id, such as `contributor-17`: nobody can compute it from
        the subject, not even who knows the subjects of everybody.
        """
        self._db.connect()
        return self._remembered(issuer, subject, name)

    def forget(self) -> None:
        """Drop the memory: a restored database may give the same contributors other ids."""
        self._remembered.cache_clear()

    def _record(self, issuer: str, subject: str, name: str) -> int:
        # Unique key identity, one row each.
        self._db.execute(
            "INSERT INTO owner (issuer, subject, name) VALUES (%s, %s, %s) "
            f"ON DUPLICATE KEY UPDATE name = IF(%s = '', {PSEUDONYM}, %s)",
            (issuer, subject, name, name, name),
        )
        ((owner_id,),) = self._db.query(
            "SELECT owner_id FROM owner WHERE issuer = %s AND subject = %s", (issuer, subject)
        )
        if not name:
            # A new row has no pseudonym yet, because its id was not known before.
            self._db.execute(
                f"UPDATE owner SET name = {PSEUDONYM} WHERE owner_id = %s AND name = ''", (owner_id,)
            )
        return int(owner_id)

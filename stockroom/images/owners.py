"""Owners: each contributor's (issuer, subject) as a small number. All SQL of the table `owner` is here."""

from functools import lru_cache

from stockroom.runtime.database import Database

MAX_REMEMBERED = 10_000
"""Owners whose ids a process remembers; beyond that, the one not seen for longest is forgotten."""


class Owners:
    """The ids of contributors. An id never changes, so a process remembers those that it has seen."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._remembered = lru_cache(MAX_REMEMBERED)(self._record)
        # A database can only be restored from a backup between two connections.
        db.on_connect(self.forget)

    def owner_id(self, issuer: str, subject: str, name: str) -> int:
        """The owner's id; the row is made when it is missing. A remembered owner costs no statement.

        `name` is what others see; a name that this process has not seen yet is written to the row.
        """
        self._db.connect()
        return self._remembered(issuer, subject, name)

    def forget(self) -> None:
        """Drop the memory: a restored database may give the same contributors other ids."""
        self._remembered.cache_clear()

    def _record(self, issuer: str, subject: str, name: str) -> int:
        # Unique key identity, one row each.
        self._db.execute(
            "INSERT INTO owner (issuer, subject, name) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE name = %s",
            (issuer, subject, name, name),
        )
        ((owner_id,),) = self._db.query(
            "SELECT owner_id FROM owner WHERE issuer = %s AND subject = %s", (issuer, subject)
        )
        return int(owner_id)

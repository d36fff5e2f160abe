"""Owners: the person behind (issuer, subject) as a small number."""

from stockroom.runtime.database import Database

MAX_REMEMBERED = 10_000


class Owners:
    """The numbers of contributors; those that this process has met are remembered."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._remembered: dict[tuple[str, str, str], int] = {}
        # A database that was restored from a backup may have given the numbers to others.
        db.on_connect(self._remembered.clear)

    def owner_id(self, issuer: str, subject: str, name: str) -> int:
        """The owner's number, made at the first upload. No statement when this process remembers it."""
        key = (issuer, subject, name)
        self._db.connect()
        if key not in self._remembered:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self._record(issuer, subject, name)
        return self._remembered[key]

    def _record(self, issuer: str, subject: str, name: str) -> int:
        # One row by the unique key `identity`; a changed display name is taken over.
        self._db.execute(
            "INSERT INTO owner (issuer, subject, name) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE name = %s",
            (issuer, subject, name, name),
        )
        ((owner_id,),) = self._db.query(
            "SELECT owner_id FROM owner WHERE issuer = %s AND subject = %s", (issuer, subject)
        )
        return int(owner_id)

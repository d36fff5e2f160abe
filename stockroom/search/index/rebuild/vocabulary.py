"""The ids of all terms that one process meets while it builds an index."""

from collections.abc import Collection, Mapping

from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.term_dictionary import TermDictionary


class Vocabulary:
    """Finds and creates terms, and remembers each of them: the id of a term never changes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._dictionary = TermDictionary(db)
        self._ids: dict[str, int] = {}

    def number(self, names: Collection[str]) -> Mapping[str, int]:
        """The ids of terms by name, of these and of others. Call it outside a transaction."""
        unknown = [name for name in names if name not in self._ids]
        if unknown:
            terms = self._dictionary.find(unknown)
            terms |= self._dictionary.create([name for name in unknown if name not in terms])
            self._keep([term.term_id for term in terms.values() if term.df == 0])
            self._ids.update((name, term.term_id) for name, term in terms.items())
        return self._ids

    def _keep(self, term_ids: Collection[int]) -> None:
        """Have terms that no picture has count as new, so that the audit does not sweep them meanwhile."""
        for chunk in split_into_chunks(sorted(term_ids)):
            self._db.execute(
                "UPDATE term FORCE INDEX (PRIMARY) SET created = UTC_TIMESTAMP() "
                f"WHERE term_id IN ({placeholders(chunk)}) AND df = 0",
                chunk,
            )

"""From a document to its entries in the index: terms become ids, with what is missing created on the way."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from stockroom.runtime.database import Database
from stockroom.runtime.ttl_cache import TtlCache
from stockroom.search.index import lexicon
from stockroom.search.index.document import Document
from stockroom.search.index.lexicon import compute_df_bucket
from stockroom.search.index.term_dictionary import REMEMBERED_SECONDS, Term, TermDictionary

MAX_REMEMBERED_FORMS = 20_000


@dataclass(frozen=True)
class Entries:
    """The index entries of one picture: its weight for each of its terms, and the terms, by term id."""

    weights: Mapping[int, int]
    terms: Mapping[int, str]


class Resolver:
    """Resolves documents, and remembers which surface forms are in the lexicon: none is ever removed."""

    def __init__(
        self, db: Database, dictionary: TermDictionary, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._dictionary = dictionary
        self._known_forms: TtlCache[tuple[bytes, str], bool] = TtlCache(
            max_entries=MAX_REMEMBERED_FORMS, seconds=REMEMBERED_SECONDS, clock=clock
        )

    def forget(self) -> None:
        """Forget every surface form: the database may be another one."""
        self._known_forms.clear()

    def resolve(self, document: Document) -> Entries:
        """The entries of a document. Missing terms are created, with their surface forms.

        Call it outside a transaction: every statement commits at once.
        """
        weights = document.term_weights()
        all_forms = document.surface_forms()
        known_forms = self._known_forms.get_many(all_forms)
        forms = [form for form in all_forms if form not in known_forms]
        terms, pairs = self._dictionary.find_with_forms(weights, {surface for surface, _ in forms})
        existing = list(terms.values())
        missing = [name for name in weights if name not in terms]
        if missing:
            terms |= self._dictionary.create(missing)
        lexicon.insert_forms(
            self._db,
            # Nearly all forms are there, and reading them first takes no locks.
            [
                (surface, terms[name].term_id, compute_df_bucket(terms[name].df + 1))
                for surface, name in forms
                if (surface, terms[name].term_id) not in pairs
            ],
        )
        self._known_forms.put_many(dict.fromkeys(forms, True))
        self._raise_df_buckets(existing)
        names = sorted(weights)
        return Entries(
            weights={terms[name].term_id: weights[name] for name in names},
            terms={terms[name].term_id: name for name in names},
        )

    def _raise_df_buckets(self, terms: Iterable[Term]) -> None:
        """Move the forms of the terms that enter the next df bucket with one more picture.

        A bucket is missed when two processes count at the same time, or when the df is a remembered one;
        `recount` mends that.
        """
        rising: dict[int, list[int]] = {}
        for term in terms:
            bucket = compute_df_bucket(term.df + 1)
            if bucket > compute_df_bucket(term.df):
                rising.setdefault(bucket, []).append(term.term_id)
        for bucket, term_ids in sorted(rising.items()):
            lexicon.raise_df_bucket(self._db, bucket, sorted(term_ids))

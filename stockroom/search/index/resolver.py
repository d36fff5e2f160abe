"""From a document to its entries in the index: terms become ids, with what is missing created on the way."""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct

from stockroom.runtime.database import Database
from stockroom.runtime.ttl_cache import TtlCache
from stockroom.search.index import lexicon
from stockroom.search.index.document import Document
from stockroom.search.index.lexicon import compute_df_bucket
from stockroom.search.index.term_dictionary import REMEMBERED_SECONDS, Term, TermDictionary

K = TypeVar("K")

MAX_REMEMBERED_FORMS = 20_000


class Entries(Struct, frozen=True):
    """The index entries of one picture: its weight for each of its terms, and the terms, by term id."""

    weights: Mapping[int, int]
    terms: Mapping[int, str]


class Resolver:
    """Resolves documents, and remembers which surface forms are in the lexicon.

    A form is remembered with the id of its term: a term that is swept takes its forms along, and when the
    term is created again, with another id, its forms are written again.
    """

    def __init__(
        self, db: Database, dictionary: TermDictionary, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._dictionary = dictionary
        self._known_forms: TtlCache[tuple[bytes, str], int] = TtlCache(
            max_entries=MAX_REMEMBERED_FORMS, seconds=REMEMBERED_SECONDS, clock=clock
        )

    def forget(self) -> None:
        """Forget every surface form: the database may be another one."""
        self._known_forms.clear()

    def resolve(self, document: Document) -> Entries:
        """The entries of a document. Missing terms are created, with their surface forms.

        Call it outside a transaction: every statement commits at once.
        """
        return self.resolve_all({0: document})[0]

    def resolve_all(self, documents: Mapping[K, Document]) -> dict[K, Entries]:
        """The entries of several documents, by the same keys, with as many statements as for one."""
        weights = {key: document.term_weights() for key, document in documents.items()}
        names = dict.fromkeys(name for each in weights.values() for name in each)
        all_forms = sorted({form for document in documents.values() for form in document.surface_forms()})
        known_forms = self._known_forms.get_many(all_forms)
        forms = [form for form in all_forms if form not in known_forms]
        terms, pairs = self._dictionary.find_with_forms(names, {surface for surface, _ in forms})
        missing = [name for name in names if name not in terms]
        if missing:
            terms |= self._dictionary.create(missing)
        unknown = [form for form in all_forms if known_forms.get(form) != terms[form[1]].term_id]
        lexicon.insert_forms(
            self._db,
            # Nearly all forms are there, and reading them first takes no locks. A picture that is published
            # raises the bucket, if need be.
            [
                (surface, terms[name].term_id, compute_df_bucket(terms[name].df))
                for surface, name in unknown
                if (surface, terms[name].term_id) not in pairs
            ],
        )
        self._known_forms.put_many({form: terms[form[1]].term_id for form in unknown})
        return {key: _make_entries(each, terms) for key, each in weights.items()}


def _make_entries(weights: Mapping[str, int], terms: Mapping[str, Term]) -> Entries:
    """The entries of one document, from its weight for each term by name."""
    names = sorted(weights)
    return Entries(
        weights={terms[name].term_id: weights[name] for name in names},
        terms={terms[name].term_id: name for name in names},
    )

"""One range of pictures, read and indexed: the part of a rebuild that several processes or machines share."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from stockroom.images.picture import Picture
from stockroom.images.repository.indexing import find_fingerprints
from stockroom.images.repository.pictures import find_in_states
from stockroom.runtime.database import Database
from stockroom.search.index.document import Document, build_document
from stockroom.search.index.rebuild import records
from stockroom.search.index.rebuild.runs import Form, Run, write_forms
from stockroom.search.index.rebuild.vocabulary import Vocabulary
from stockroom.search.index.skip_pointers import is_sampled

PICTURES_PER_STATEMENT = 500

Analyse = Callable[[Picture], Document]
IdRange = tuple[int, int]
"""Ids behind the first one, up to the second one, which is inclusive."""


class IndexedRange(NamedTuple):
    """What a range has come to: two files, and counts. `sampled` are the pictures with skip pointers."""

    postings: Path
    forms: Path
    pictures: int
    sampled: list[int]


def index_range(
    db: Database,
    vocabulary: Vocabulary,
    id_range: IdRange,
    folder: Path,
    *,
    owner: str,
    analyse: Analyse = build_document,
) -> IndexedRange:
    """Index the ready pictures of a range into files in a folder, and record what each was indexed by.

    Raises Overtaken where the tables are not those of the rebuild `owner`.
    Safe to repeat. Between the two, the fingerprints are read first: a change in between is noticed.
    """
    run = Run()
    forms: set[Form] = set()
    sampled: list[int] = []
    count = 0
    after, last = id_range
    while fingerprints := find_fingerprints(db, (after, last), PICTURES_PER_STATEMENT):
        stated = find_in_states(db, fingerprints.keys(), ("ready",))
        documents = {image_id: analyse(stated[image_id].picture) for image_id in sorted(stated)}
        weights = {image_id: document.term_weights() for image_id, document in documents.items()}
        numbers = vocabulary.number({name for each in weights.values() for name in each})
        term_ids = {image_id: _number(each, numbers) for image_id, each in weights.items()}
        for image_id, each in term_ids.items():
            run.add(image_id, each)
        for document in documents.values():
            forms.update((surface, numbers[name]) for surface, name in document.surface_forms())
        sampled += filter(is_sampled, documents)
        indexed_by = {image_id: (fingerprints[image_id], each) for image_id, each in term_ids.items()}
        records.insert(db, indexed_by, owner=owner)
        count += len(documents)
        after = max(fingerprints)
    postings, surfaces = folder / f"{last:020d}.postings", folder / f"{last:020d}.forms"
    run.write(postings)
    write_forms(surfaces, forms)
    return IndexedRange(postings, surfaces, count, sampled)


def _number(weights: Mapping[str, int], numbers: Mapping[str, int]) -> dict[int, int]:
    return {numbers[name]: weight for name, weight in weights.items()}

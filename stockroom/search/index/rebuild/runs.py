"""Postings of a range of pictures, by term, in a file; and the merge of such files.

Single-pass in-memory indexing (Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008,
section 4.3). Pictures come in the order of their ids, so that the list of a term is in order without being
sorted. The lists of one term from several files follow one another, as the ranges of the files do.
"""

import heapq
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

_HEAD = struct.Struct("<II")
_FORM = struct.Struct("<IH")


class Block(NamedTuple):
    """Postings of one term: ids of pictures, ascending, and the weight of each, a byte."""

    term_id: int
    place: int
    """Which of the merged files it comes from."""
    image_ids: "array[int]"
    weights: bytes


class Run:
    """The postings of a range of pictures in memory: nine bytes each."""

    def __init__(self) -> None:
        self._image_ids: dict[int, array[int]] = {}
        self._weights: dict[int, bytearray] = {}

    def add(self, image_id: int, weights: Mapping[int, int]) -> None:
        """Add a picture, whose id is larger than all that came before."""
        for term_id, weight in weights.items():
            image_ids = self._image_ids.get(term_id)
            if image_ids is None:
                image_ids = self._image_ids[term_id] = array("Q")
                self._weights[term_id] = bytearray()
            image_ids.append(image_id)
            self._weights[term_id].append(weight)

    def write(self, path: Path) -> None:
        with path.open("wb") as file:
            for term_id, image_ids in sorted(self._image_ids.items()):
                file.write(_HEAD.pack(term_id, len(image_ids)))
                file.write(image_ids.tobytes())
                file.write(self._weights[term_id])


def merge_runs(paths: Sequence[Path]) -> Iterator[Block]:
    """The blocks of several runs in the order of the posting table. The ranges of the runs ascend."""
    return heapq.merge(*(_read(path, place) for place, path in enumerate(paths)), key=itemgetter(0, 1))


def _read(path: Path, place: int) -> Iterator[Block]:
    with path.open("rb") as file:
        while head := file.read(_HEAD.size):
            term_id, length = _HEAD.unpack(head)
            image_ids = array("Q")
            image_ids.fromfile(file, length)
            yield Block(term_id, place, image_ids, file.read(length))


Form = tuple[bytes, int]
"""A surface form and the id of its term."""


def write_forms(path: Path, forms: set[Form]) -> None:
    with path.open("wb") as file:
        for surface, term_id in sorted(forms):
            file.write(_FORM.pack(term_id, len(surface)) + surface)


def merge_forms(paths: Sequence[Path]) -> Iterator[Form]:
    """The forms of several files, in order, each once."""
    last: Form | None = None
    for form in heapq.merge(*map(_read_forms, paths)):
        if form != last:
            last = form
            yield form


def _read_forms(path: Path) -> Iterator[Form]:
    with path.open("rb") as file:
        while head := file.read(_FORM.size):
            term_id, length = _FORM.unpack(head)
            yield file.read(length), term_id

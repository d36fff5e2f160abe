"""Pieces of a copy: joined, counted, and written one chunk after the other."""

import io

import pytest

from stockroom.embedding import Unembeddable
from stockroom.embedding.pieces import Piece, Span, count_bytes, count_parts, join, write_pieces


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        ([], []),
        ([Span(0, 2), Span(2, 5), Span(5, 6)], [Span(0, 6)]),
        ([b"a", b"b", Span(0, 2), Span(2, 5), b"c"], [b"a", b"b", Span(0, 5), b"c"]),
        ([Span(0, 2), b"a", Span(2, 5)], [Span(0, 2), b"a", Span(2, 5)]),
        ([Span(0, 2), Span(3, 5)], [Span(0, 2), Span(3, 5)]),
    ],
)
def test_spans_that_adjoin_become_one(pieces: list[Piece], joined: list[Piece]) -> None:
    assert join(pieces) == joined


def test_a_copy_is_written_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stockroom.embedding.pieces.CHUNK_BYTES", 4)
    sizes: list[int] = []

    class Target(io.BytesIO):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            sizes.append(len(data))
            return super().write(data)

    data, target = bytes(range(20)), Target()
    pieces: list[Piece] = [Span(1, 11), b"new", Span(15, 19)]
    write_pieces(data, pieces, target)
    assert target.getvalue() == data[1:11] + b"new" + data[15:19]
    assert sizes == [4, 4, 2, 3, 4]
    assert count_bytes(pieces) == 17


def test_a_file_has_a_number_of_parts_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stockroom.embedding.pieces.MAX_PARTS", 3)
    parts = count_parts()
    for _ in range(3):
        next(parts)
    with pytest.raises(Unembeddable, match=r"^the file has too many parts$"):
        next(parts)

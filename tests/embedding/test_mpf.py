"""The index of a Multi-Picture file: what changes in it when the first picture grows, and what does not."""

import struct

import pytest

from stockroom.embedding.mpf import shift_index

BEHIND = b"behind the list" * 3


def make_index(order: str, pictures: list[tuple[int, int]]) -> bytes:
    """An index of pictures by (size, offset), with a directory that is not at once behind the header."""
    directory = 11
    place = directory + 2 + 3 * 12 + 4
    fields = [
        (0xB000, 7, 4, 0x30313030),
        (0xB001, 4, 1, len(pictures)),
        (0xB002, 7, 16 * len(pictures), place),
    ]
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return (
        (mark + struct.pack(f"{order}I", directory)).ljust(directory, b"\xff")
        + struct.pack(f"{order}H", len(fields))
        + b"".join(struct.pack(f"{order}HHII", *field) for field in fields)
        + bytes(4)
        + b"".join(struct.pack(f"{order}IIIHH", 0x20000, *picture, 3, 4) for picture in pictures)
        + BEHIND
    )


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_first_picture_grows_and_the_others_begin_later(order: str) -> None:
    before = make_index(order, [(1000, 0), (500, 9000), (300, 1)])
    after = make_index(order, [(1100, 0), (500, 9040), (300, 41)])
    assert shift_index(before, grown=100, grown_after=40) == after


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("size", [0, 4, 9, 12, 30, 55])
def test_what_is_no_whole_index_stays_as_it_is(order: str, size: int) -> None:
    cut = make_index(order, [(1000, 0), (500, 9000)])[:size]
    assert shift_index(cut, grown=100, grown_after=40) == cut
    other = b"XX" + cut[2:]
    assert shift_index(other, grown=100, grown_after=40) == other

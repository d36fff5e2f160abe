"""Texts of Exif, before and after."""

import struct

import pytest

from stockroom.embedding import Description
from stockroom.embedding.exif import update_texts

DESCRIPTION, ARTIST, COPYRIGHT, MODEL = 0x010E, 0x013B, 0x8298, 0x0110
MOST = 60_000


def tiff(order: str, texts: dict[int, bytes]) -> bytes:
    """A TIFF structure with these texts in its first directory, and a maker's note at its end."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8)
    position = 8 + 2 + 12 * len(texts) + 4
    entries, values = [], b""
    for tag, value in texts.items():
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", position + len(values))
        values += value if len(value) > 4 else b""
        entries.append(struct.pack(f"{order}HHI", tag, 2, len(value)) + place)
    return head + struct.pack(f"{order}H", len(texts)) + b"".join(entries) + bytes(4) + values + b"note"


def read(data: bytes, order: str) -> dict[int, bytes]:
    (count,) = struct.unpack_from(f"{order}H", data, 8)
    found = {}
    for start in range(10, 10 + 12 * count, 12):
        tag, _, length, place = struct.unpack_from(f"{order}HHII", data, start)
        found[tag] = data[start + 8 : start + 8 + length] if length <= 4 else data[place : place + length]
    return found


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("before", [b"\0", b"Old\0", b"An older caption\0"])
@pytest.mark.parametrize(
    "after", ["", "New", "Tür", "A caption", "A caption that is longer than the older one"]
)
def test_a_text_is_replaced_and_nothing_moves(order: str, before: bytes, after: str) -> None:
    data = tiff(order, {MODEL: b"Camera\0", DESCRIPTION: before, ARTIST: b"Ann\0"})
    updated = update_texts(data, Description(caption=after), most=MOST)
    assert read(updated, order) == {MODEL: b"Camera\0", DESCRIPTION: after.encode() + b"\0", ARTIST: b"Ann\0"}
    assert updated[: len(data)].endswith(b"note")
    assert before == b"\0" or before.rstrip(b"\0") not in updated


def test_equal_texts_change_no_byte() -> None:
    data = tiff("<", {DESCRIPTION: b"Caption  \0\0", ARTIST: b"Ann; Ben\0", COPYRIGHT: b"Ann\0"})
    description = Description(caption="Caption", creators=("Ann", "Ben"), copyright="Ann")
    assert update_texts(data, description, most=MOST) == data


def test_without_room_a_text_becomes_empty() -> None:
    data = tiff("<", {DESCRIPTION: b"Older\0"})
    updated = update_texts(data, Description(caption="x" * 100), most=len(data) + 50)
    assert read(updated, "<") == {DESCRIPTION: b"\0"}
    assert len(updated) == len(data)


def test_a_text_that_lies_upon_the_directory_leaves_it_whole() -> None:
    data = bytearray(tiff("<", {DESCRIPTION: b"An older caption\0", MODEL: b"Camera\0"}))
    struct.pack_into("<I", data, 10 + 8, 8)
    updated = update_texts(bytes(data), Description(caption="New caption"), most=MOST)
    assert read(updated, "<") == {DESCRIPTION: b"New caption\0", MODEL: b"Camera\0"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II",
        b"no TIFF at all",
        b"II*\0" + struct.pack("<I", 1_000_000),
        tiff("<", {DESCRIPTION: b"An older caption\0"})[:18],
    ],
)
def test_damage_stays_as_it_is(data: bytes) -> None:
    assert update_texts(data, Description(caption="New"), most=MOST) == data


def test_each_text_has_its_tag_and_one_that_is_not_named_stays() -> None:
    texts = {DESCRIPTION: b"Old caption\0", ARTIST: b"Old artist\0", COPYRIGHT: b"Old owner\0"}
    data = tiff("<", texts)
    updated = update_texts(data, Description(creators=("Ann", "Ben"), copyright="Ann"), most=MOST)
    assert read(updated, "<") == {**texts, ARTIST: b"Ann; Ben\0", COPYRIGHT: b"Ann\0"}
    assert update_texts(data, Description(creators=(), title="Title"), most=MOST) != data
    assert read(update_texts(data, Description(creators=()), most=MOST), "<")[ARTIST] == b"\0"


def test_what_is_no_text_stays_and_a_text_ends_at_its_end() -> None:
    data = bytearray(tiff("<", {DESCRIPTION: b"An older caption\0"}))
    struct.pack_into("<H", data, 10 + 2, 7)
    assert update_texts(bytes(data), Description(caption="New"), most=MOST) == data
    struct.pack_into("<H", data, 10 + 2, 2)
    updated = update_texts(bytes(data), Description(caption="A\0caption"), most=MOST)
    assert read(updated, "<") == {DESCRIPTION: b"A caption\0"}


def test_a_text_is_written_where_there_is_just_room_for_it() -> None:
    data = tiff("<", {DESCRIPTION: b"Older\0"})
    text = "A longer caption"
    most = len(data) + 1 + len(text) + 1
    assert read(update_texts(data, Description(caption=text), most=most), "<") == {
        DESCRIPTION: text.encode() + b"\0"
    }
    assert read(update_texts(data, Description(caption=text), most=most - 1), "<") == {DESCRIPTION: b"\0"}

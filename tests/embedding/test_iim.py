"""IIM among Photoshop's image resources, before and after."""

import hashlib
import struct

import pytest

from stockroom.embedding import Description, Unembeddable
from stockroom.embedding.iim import read_datasets, update_datasets, update_resources

UTF_8 = (1, 90, b"\x1b%G")


def iim(*datasets: tuple[int, int, bytes]) -> bytes:
    return b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(value)) + value for record, number, value in datasets
    )


def resource(number: int, content: bytes, name: bytes = b"\0\0") -> bytes:
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + name
        + struct.pack(">I", len(content))
        + content
        + bytes(len(content) % 2)
    )


def test_values_are_replaced_in_utf_8_and_others_stay() -> None:
    before = iim(
        (2, 0, b"\0\4"), (2, 5, b"Old"), (2, 25, b"a"), (2, 25, b"b"), (2, 105, b"Head"), (3, 10, b"\xff")
    )
    after = list(read_datasets(update_datasets(before, Description(title="Tür", keywords=("sea", "sun")))))
    assert after == [
        UTF_8,
        (2, 0, b"\0\4"),
        (2, 5, "Tür".encode()),
        (2, 25, b"sea"),
        (2, 25, b"sun"),
        (2, 105, b"Head"),
        (3, 10, b"\xff"),
    ]


def test_texts_without_a_character_set_are_converted() -> None:
    before = iim(
        (2, 5, b"Old"), (2, 105, "Tür".encode("cp1252")), (2, 40, "Tür".encode()), (2, 202, b"\xff\xfe")
    )
    after = list(read_datasets(update_datasets(before, Description(title="New"))))
    assert after[1:] == [
        (2, 5, b"New"),
        (2, 40, "Tür".encode()),
        (2, 105, "Tür".encode()),
        (2, 202, b"\xff\xfe"),
    ]


def test_equal_values_change_no_byte() -> None:
    before = iim((2, 5, b"Title"), (2, 80, b"Ann"), (2, 80, b"Ben"), (2, 90, b"Berlin"), (2, 101, b"Germany"))
    description = Description(title="Title", creators=("Ann", "Ben"), place="Berlin, Germany", caption="")
    assert update_datasets(before, description) == before


def test_a_text_that_is_too_long_is_cut_between_characters() -> None:
    before = iim(UTF_8, (2, 80, b"Old"))
    once = update_datasets(before, Description(creators=("ü" * 40,)))
    assert list(read_datasets(once)) == [UTF_8, (2, 80, ("ü" * 16).encode())]
    assert update_datasets(once, Description(creators=("ü" * 40,))) == once


def test_a_place_has_its_parts_no_more() -> None:
    before = iim(UTF_8, (2, 90, b"Paris"), (2, 95, b"x"), (2, 100, b"FRA"), (2, 101, b"France"))
    assert list(read_datasets(update_datasets(before, Description(place="Berlin")))) == [
        UTF_8,
        (2, 92, b"Berlin"),
    ]


def test_a_dataset_may_have_a_long_length() -> None:
    value = bytes(40_000)
    before = iim((2, 5, b"Old")) + b"\x1c\x02\xca\x80\x04" + struct.pack(">I", len(value)) + value
    after = update_datasets(before, Description(title="New"))
    assert list(read_datasets(after)) == [UTF_8, (2, 5, b"New"), (2, 202, value)]


def test_the_digest_follows_and_other_resources_stay() -> None:
    other, named = resource(1005, b"abc"), resource(1006, b"x", b"\4name\0")
    before = other + resource(0x0404, iim((2, 5, b"Old"))) + resource(0x0425, bytes(16)) + named
    after = update_resources(before, Description(title="New"))
    written = iim(UTF_8, (2, 5, b"New"))
    digest = hashlib.md5(written, usedforsecurity=False).digest()
    assert after == other + resource(0x0404, written) + resource(0x0425, digest) + named


def test_resources_without_iim_stay() -> None:
    before = resource(1005, b"abc")
    assert update_resources(before, Description(title="New")) == before


@pytest.mark.parametrize(
    ("resources", "damaged"),
    [
        (b"nonsense", "image resources"),
        (b"8BIM\4\4", "image resources"),
        (resource(0x0404, iim((2, 5, b"Old")))[:-3], "image resources"),
        (resource(0x0404, iim((2, 5, b"Old"))[:-1]), "IPTC data"),
        (resource(0x0404, iim((2, 5, b"Old")) + b"\x1c\x02"), "IPTC data"),
    ],
)
def test_damage_is_not_mended(resources: bytes, damaged: str) -> None:
    with pytest.raises(Unembeddable, match=f"^its {damaged} are damaged$"):
        update_resources(resources, Description(title="New"))

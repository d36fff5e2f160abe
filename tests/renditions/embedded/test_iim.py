"""IIM as programs write it, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.renditions.embedded.iim import MAX_DATASETS, MAX_RESOURCES, read_iim
from tests.renditions.embedded.blocks import dataset, digest_of, photoshop, resource

UTF_8 = dataset(90, b"\x1b%G", record=1)
CAPTION = dataset(120, "café".encode())


@pytest.mark.parametrize(
    ("iim", "expected"),
    [
        (UTF_8 + CAPTION, "café"),
        # Without a character set: UTF-8, or else Latin-1, as Windows has it.
        (CAPTION, "café"),
        (dataset(120, b"caf\xe9"), "café"),
        (dataset(120, b"\x93caf\xe9\x94 \x96 1 \x80"), "“café” – 1 €"),  # noqa: RUF001
        (dataset(120, b"\x81"), "\ufffd"),
        # A character set that is not UTF-8 counts as none.
        (dataset(90, b"\x1b.A", record=1) + dataset(120, b"caf\xe9"), "café"),
        (UTF_8 + dataset(120, b"caf\xe9"), "caf\ufffd"),
        (dataset(120, b""), ""),
        (dataset(120, b"x" * 40_000), "x" * 40_000),
    ],
)
def test_captions(iim: bytes, expected: str) -> None:
    assert read_iim(photoshop(iim)).properties == {"caption": [expected]}
    assert read_iim(iim).properties == {"caption": [expected]}


def test_repeated_datasets_are_a_list() -> None:
    iim = dataset(25, b"sea") + dataset(25, b"sun") + dataset(15, b"CAT") + dataset(25, b"x", record=3)
    assert read_iim(photoshop(iim)).properties == {"keywords": ["sea", "sun"]}


def test_the_digest_tells_whether_iim_has_changed() -> None:
    assert not read_iim(photoshop(CAPTION)).has_changed
    assert not read_iim(photoshop(CAPTION, digest_of(CAPTION))).has_changed
    assert read_iim(photoshop(CAPTION, digest_of(b"earlier"))).has_changed
    assert not read_iim(photoshop(CAPTION, b"short")).has_changed
    # A block without any field cannot be newer than XMP.
    assert not read_iim(photoshop(UTF_8, digest_of(b"earlier"))).has_changed


def test_damage_leaves_what_came_before() -> None:
    for damage in (
        b"\x1c",
        b"\x1c\x02\x19\x00",
        dataset(25, b"sun")[:-1],
        b"\x00" * 9 + dataset(25, b"sun"),
        b"\x1c\x02\x19\x80\x05\x00\x00\x00\x00\x01x",
        b"\x1c\x02\x19\x80\x04\xff\xff\xff\xff" + b"x" * 99,
    ):
        assert read_iim(CAPTION + damage).properties == {"caption": ["café"]}
    whole = photoshop(CAPTION)
    for size in range(len(whole) - len(CAPTION) - len(CAPTION) % 2):
        assert read_iim(whole[:size]).properties == {}
    lying = b"Photoshop 3.0\0" + resource(0x0404, CAPTION)[:8] + b"\xff\xff\xff\xff" + CAPTION
    assert read_iim(lying).properties == {"caption": ["café"]}


def test_resources_and_datasets_are_limited() -> None:
    keywords = read_iim(dataset(25, b"x") * (MAX_DATASETS + 5)).properties["keywords"]
    assert len(keywords) == MAX_DATASETS
    many = resource(0x0BB7, b"") * MAX_RESOURCES
    assert read_iim(many + resource(0x0404, CAPTION)).properties == {}
    assert read_iim(many[len(resource(0x0BB7, b"")) :] + resource(0x0404, CAPTION)).properties


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"Photoshop 3.0\0", b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0"]),
)
def test_no_bytes_are_an_error(data: bytes, beginning: bytes) -> None:
    read_iim(beginning + data)


@given(
    st.lists(st.builds(dataset, st.integers(0, 255), st.binary(max_size=20), st.integers(0, 3)), max_size=30)
)
def test_no_datasets_are_an_error(datasets: list[bytes]) -> None:
    iim = b"".join(datasets)
    assert read_iim(photoshop(iim)) == read_iim(iim)

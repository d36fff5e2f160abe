"""Cursors are ours or refused."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.runtime.errors import BadRequest
from stockroom.search.execution.cursor import PageCursor, decode_cursor
from stockroom.search.execution.ranking import MAX_RANKED
from stockroom.search.index.id_ranges import MAX_ID
from stockroom.search.query.plan import Mode

GOOD = PageCursor(Mode.STRICT, 1 << 60).encode()


@settings(deadline=None)
@given(
    st.builds(
        PageCursor,
        st.sampled_from(Mode),
        st.integers(0, MAX_ID),
        st.booleans(),
        st.integers(0, MAX_RANKED - 1),
        st.booleans(),
        st.integers(0, MAX_ID),
    ).filter(lambda cursor: cursor.scan_end < max(cursor.before_id, 1))
)
def test_there_and_back(cursor: PageCursor) -> None:
    text = cursor.encode()
    assert decode_cursor(text) == cursor
    assert len(text) == (28 if cursor.scan_end else 16)
    assert all(char.isalnum() or char in "-_" for char in text)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "nonsense", "é" * 12, GOOD[:-1], GOOD + "A", GOOD + "==", GOOD + "\n", " " + GOOD,
        "A" * 16, "_" * 16, "=" * 16, "0" * 100_000,
        base64.urlsafe_b64encode(b"\x40" + bytes(11)).decode(),
        base64.urlsafe_b64encode(b"\x20" + bytes(11)).decode(),
        base64.urlsafe_b64encode(b"\x10\x00\x00\x01" + bytes(8)).decode(),
        base64.b64encode(b"\x10\x00\x00\x00" + b"\xff" * 8).decode(),
    ],
)  # fmt: skip
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_cursor(text)
    assert refused.value.code == "invalid-cursor"
    assert refused.value.errors[0].pointer == "?cursor"


@pytest.mark.parametrize(
    "impossible",
    [
        PageCursor(Mode.STRICT, 5, scan_end=5),
        PageCursor(Mode.STRICT, 5, ranked_offset=24, scan_end=MAX_ID),
        PageCursor(Mode.STRICT, 0, scan_end=1),
        PageCursor(Mode.STRICT, 5, ranked_offset=MAX_RANKED),
        PageCursor(Mode.STRICT, 5, ranked_offset=65_535),
    ],
)
def test_a_cursor_that_no_page_can_have_had_is_refused(impossible: PageCursor) -> None:
    with pytest.raises(BadRequest):
        decode_cursor(impossible.encode())


def test_the_wire_format() -> None:
    """Cursors that clients hold must stay good."""
    assert PageCursor(Mode.STRICT, 1 << 60).encode() == "EAAAABAAAAAAAAAA"
    assert PageCursor(Mode.RELAXED, 5, nothing_found_yet=True).encode() == "GwAAAAAAAAAAAAAF"
    assert PageCursor(Mode.PREFIX, 5, ranked_offset=24, scan_end=3).encode() == "MQAYAAAAAAAAAAAFAAAAAAAAAAMA"
    assert PageCursor(Mode.STRICT, 5, is_backward=True).encode() == "FAAAAAAAAAAAAAAF"

"""Cursors are ours or refused."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.runtime.errors import BadRequest
from stockroom.search.execution.cursor import Cursor, decoded
from stockroom.search.query.dates import MAX_ID
from stockroom.search.query.plan import Mode

GOOD = Cursor(Mode.STRICT, 1 << 60).encoded()


@settings(deadline=None)
@given(
    st.builds(
        Cursor,
        st.sampled_from(Mode),
        st.integers(0, MAX_ID),
        st.booleans(),
        st.integers(0, 400),
        st.booleans(),
        st.integers(0, MAX_ID),
    )
)
def test_there_and_back(cursor: Cursor) -> None:
    text = cursor.encoded()
    assert decoded(text) == cursor
    assert len(text) == (28 if cursor.edge else 16)
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
def test_others_are_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decoded(text)
    assert refused.value.code == "invalid-cursor"
    assert refused.value.errors[0].pointer == "?cursor"

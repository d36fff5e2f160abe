"""What the commands on archives are told."""

import pytest

from operations.archive import options
from tooling.errors import ToolError


def test_a_question_becomes_an_event() -> None:
    assert options.event("states", "") == {"ask": "states"}
    assert options.event("row", "01ARZ3NDEKTSV") == {"ask": "row", "id": "01ARZ3NDEKTSV"}


@pytest.mark.parametrize(
    ("question", "picture", "said"),
    [
        ("", "", "what is the question. Give QUESTION=states, pending, failures, owners, row"),
        ("records", "", "what is the question"),
        ("row", "", "which picture. Give ID="),
        ("row", "photo.jpg", "'photo.jpg' is no picture's id"),
    ],
)
def test_what_is_no_question_is_not_asked(question: str, picture: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        options.event(question, picture)

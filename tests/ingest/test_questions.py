"""Which questions there are, and how much an answer may hold."""

import json

import pytest

from stockroom.images import ids
from stockroom.ingest import questions
from stockroom.ingest.questions import QUESTIONS, UnknownQuestion, answer
from stockroom.resources import Resources
from tests.factories import pending, ready


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_an_answer_that_json_can_carry(resources: Resources, question: str) -> None:
    pending(resources, b"1")
    ready(resources, b"2")
    assert "rows" in json.loads(json.dumps(answer(resources.db, {"ask": question})))


@pytest.mark.parametrize(
    "event",
    [{"ask": "SELECT 1"}, {"ask": "row"}, {"ask": "row", "id": "nothing"}, {"ask": "records", "after": 7}],
)
def test_anything_else_is_refused(resources: Resources, event: dict[str, object]) -> None:
    with pytest.raises(UnknownQuestion):
        answer(resources.db, event)


def test_one_row_is_found_by_its_public_id(resources: Resources) -> None:
    image_id = ids.encode(ready(resources))
    assert answer(resources.db, {"ask": "row", "id": image_id})["rows"][0]["id"] == image_id


def collect(resources: Resources) -> list[list[str]]:
    """The ids of the pages of records."""
    pages: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        page = answer(resources.db, {"ask": "records", "after": after})
        pages.append([record["id"] for record in page["records"]])
        after = page["next"]
    return pages


def test_pages_are_bounded_by_rows_and_by_bytes(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert collect(resources) == [[]]
    expected = [ids.encode(pending(resources, bytes([n]), description="\N{SNOWMAN}" * 300)) for n in range(5)]
    assert collect(resources) == [expected]
    monkeypatch.setattr(questions, "PAGE_ROWS", 2)
    assert collect(resources) == [expected[:2], expected[2:4], expected[4:]]
    monkeypatch.setattr(questions, "PAGE_ROWS", 500)
    # As ASCII one record has 1,800 bytes of snowmen. A single record is a page, however large it is.
    monkeypatch.setattr(questions, "PAGE_BYTES", 5_000)
    assert [len(page) for page in collect(resources)] == [2, 2, 1]
    monkeypatch.setattr(questions, "PAGE_BYTES", 1)
    assert [len(page) for page in collect(resources)] == [1, 1, 1, 1, 1]

"""What an operator may ask of the database. It is no console: each question has a name and a bound."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from stockroom.images import ids
from stockroom.images.repository import questions
from stockroom.runtime.database import Database

SECONDS = 10
"""After this time the server ends the statements of a question, before the function gives one up."""
PAGE_ROWS = 500
PAGE_BYTES = 4_000_000
"""Of a page of records, as JSON in ASCII. A function's answer has at most six megabytes."""

QUESTIONS: dict[str, Callable[[Database], questions.Answer]] = {
    "states": questions.count_states,
    "pending": questions.find_oldest_pending,
    "failures": questions.count_failures,
    "owners": questions.sum_up_owners,
}
ROW, RECORDS = "row", "records"
"""The questions that take an argument: `id`, a picture's, and `after`, which the page begins after."""


class UnknownQuestion(ValueError):
    """There is no such question, or its argument is no id of a picture."""


def answer(db: Database, event: dict[str, Any]) -> dict[str, Any]:
    """The answer to the question that `event` asks: its `rows`, or a page of `records` and where it ends.

    Raises UnknownQuestion, and StatementTimeout when the answer takes longer than SECONDS.
    """
    question = event["ask"]
    with db.limit_queries(SECONDS):
        if question == RECORDS:
            return _make_page(db, _read_id(event.get("after") or ids.encode(0)))
        if question == ROW:
            return {"rows": questions.find_whole_row(db, _read_id(event.get("id")))}
        if question not in QUESTIONS:
            raise UnknownQuestion(f"the questions are {', '.join([*QUESTIONS, ROW])}")
        return {"rows": QUESTIONS[question](db)}


def _read_id(text: object) -> int:
    image_id = ids.decode(text) if isinstance(text, str) else None
    if image_id is None:
        raise UnknownQuestion("which picture? Its id has 13 characters, as in its links")
    return image_id


def _make_page(db: Database, after: int) -> dict[str, Any]:
    """Records of pictures, and the id that the next page begins after; None where there is no next page."""
    records = questions.find_records(db, after, PAGE_ROWS)
    page: list[Any] = []
    left = PAGE_BYTES
    for record in records:
        plain = msgspec.to_builtins(record)
        left -= len(json.dumps(plain))
        if left < 0 and page:
            break
        page.append(plain)
    is_last = len(page) == len(records) < PAGE_ROWS
    return {"records": page, "next": None if is_last else page[-1]["id"]}

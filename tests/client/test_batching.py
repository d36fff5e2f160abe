"""Questions that are asked together."""

from collections.abc import Sequence

import pytest
import trio

from stockroom_client.batching import Batcher
from stockroom_client.failures import Failure


def ask_all(batcher: Batcher[int, str], questions: Sequence[int]) -> dict[int, str]:
    """The answers to questions that are asked at once, each at the position of its value."""
    answers: dict[int, str] = {}

    async def ask(question: int) -> None:
        try:
            answers[question] = await batcher.ask(question, question)
        except Failure as failure:
            answers[question] = f"failed: {failure}"

    async def run() -> None:
        async with trio.open_nursery() as batching:
            batching.start_soon(batcher.run, 0.001)
            async with trio.open_nursery() as asking:
                for question in questions:
                    asking.start_soon(ask, question)
            batching.cancel_scope.cancel()

    trio.run(run)
    return answers


def test_batches_are_ordered_and_limited() -> None:
    batches: list[list[int]] = []

    def request(questions: Sequence[int]) -> list[str]:
        batches.append(list(questions))
        return [str(question) for question in questions]

    batcher = Batcher(request, 2, lambda _count, _seconds: True)
    assert ask_all(batcher, [3, 1, 2]) == {1: "1", 2: "2", 3: "3"}
    assert batches == [[1, 2], [3]]


def test_failure_goes_to_all_who_asked() -> None:
    def request(questions: Sequence[int]) -> list[str]:
        if 1 in questions:
            raise Failure("x", "no")
        return ["yes"] * len(questions)

    batcher = Batcher(request, 2, lambda _count, _seconds: True)
    assert ask_all(batcher, [1, 2, 3]) == {1: "failed: no", 2: "failed: no", 3: "yes"}


def test_due_by_count_and_by_time() -> None:
    seen: list[tuple[int, float]] = []

    def request(questions: Sequence[int]) -> list[str]:
        return [""] * len(questions)

    def is_due(count: int, seconds: float) -> bool:
        seen.append((count, seconds))
        return seconds > 0.03

    ask_all(Batcher(request, 10, is_due), [1, 2])
    assert {count for count, _ in seen} == {2}
    assert [seconds > 0.03 for _, seconds in seen] == [False] * (len(seen) - 1) + [True]


def test_too_few_answers_are_a_bug() -> None:
    def request(_questions: Sequence[int]) -> list[str]:
        return []

    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="shorter")):
        ask_all(Batcher(request, 10, lambda _count, _seconds: True), [1])

"""Many single questions become few requests."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import trio

from stockroom_client.failures import Failure

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass
class _Call(Generic[Q, A]):
    question: Q
    position: int
    ended: trio.Event = field(default_factory=trio.Event)
    answers: list[A] = field(default_factory=list)
    failure: Failure | None = None


class Batcher(Generic[Q, A]):
    """Collects questions, and asks up to `limit` of them in one request.

    `request` is called in a thread and returns one answer for each question, in order; its Failure is raised
    to all who have asked. `is_due` gets the number of waiting questions and the age of the oldest one, in
    seconds, and says whether to ask now.
    """

    def __init__(
        self,
        request: Callable[[Sequence[Q]], Sequence[A]],
        limit: int,
        is_due: Callable[[int, float], bool],
    ) -> None:
        self._request = request
        self._limit = limit
        self._is_due = is_due
        self._calls: list[_Call[Q, A]] = []
        self._waiting_since = 0.0

    async def ask(self, question: Q, position: int = 0) -> A:
        """The answer to one question; `position` orders the questions of a request."""
        call = _Call[Q, A](question, position)
        if not self._calls:
            self._waiting_since = time.monotonic()
        self._calls.append(call)
        await call.ended.wait()
        if call.failure:
            raise call.failure
        return call.answers[0]

    async def run(self, tick: float) -> None:
        """Send what is due every `tick` seconds, until cancelled."""
        while True:
            await trio.sleep(tick)
            if self._calls and self._is_due(len(self._calls), time.monotonic() - self._waiting_since):
                self._calls.sort(key=lambda call: call.position)
                batch, self._calls = self._calls[: self._limit], self._calls[self._limit :]
                await self._send(batch)

    async def _send(self, batch: Sequence[_Call[Q, A]]) -> None:
        try:
            questions = [call.question for call in batch]
            answers = await trio.to_thread.run_sync(self._request, questions, abandon_on_cancel=True)
            for call, answer in zip(batch, answers, strict=True):
                call.answers.append(answer)
        except Failure as failure:
            for call in batch:
                call.failure = failure
        for call in batch:
            call.ended.set()

"""A few threads that work off one queue."""

import queue
import threading
from collections.abc import Callable

from stockroom_client.items import Item
from stockroom_client.retry import StoppedError


class Workers:
    """`count` threads that run `task` for what is submitted.

    They are daemons: Ctrl-C never waits for a socket.
    A task's exception is a bug and goes to `crashed`; only StoppedError ends a thread quietly.
    """

    def __init__(
        self, count: int, task: Callable[[Item], None], crashed: Callable[[BaseException], None]
    ) -> None:
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._task = task
        self._crashed = crashed
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, item: Item) -> None:
        """Queue an item; first in, first out."""
        self._queue.put(item)

    def close(self) -> None:
        """Forget what is queued and let the threads end; waits a moment for those that are busy."""
        while not self._queue.empty():
            self._queue.get()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=1)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            try:
                self._task(item)
            except StoppedError:
                return
            except BaseException as error:  # noqa: BLE001 - handed to the thread that can report it
                self._crashed(error)

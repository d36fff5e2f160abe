"""A TCP proxy on this machine, whose subclasses say what becomes of a connection."""

import select
import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

BUFFER = 1 << 20


class Relay(ABC):
    """Accepts connections, each in a thread of its own, until the end of the `with` block."""

    def __init__(self, server: tuple[str | None, int | None]) -> None:
        self._server = server
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        # Readable as soon as the other one is closed, which ends the threads at once.
        self._end, self._other_end = socket.socketpair()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._other_end.close()
        for thread in self._threads:
            thread.join(timeout=10)
        self._end.close()
        self._listener.close()

    def wait_for_data(self, *sources: socket.socket) -> list[socket.socket]:
        """The sockets that have data, as soon as one has; none at the end of the block."""
        readable, _, _ = select.select([*sources, self._end], [], [])
        return [] if self._end in readable else readable

    def _start(self, target: Any, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while self.wait_for_data(self._listener):
            client, _ = self._listener.accept()
            self._start(self._serve, client)

    @abstractmethod
    def _serve(self, client: socket.socket) -> None:
        """Serve one connection to its end."""

"""A TCP proxy on this machine, whose subclasses say what becomes of a connection."""

import socket
import threading
from types import TracebackType
from typing import Any, Self

BUFFER = 1 << 20
POLL_SECONDS = 0.05


class Relay:
    """Accepts connections, each in a thread of its own, until the end of the `with` block."""

    def __init__(self, server: tuple[str | None, int | None]) -> None:
        self._server = server
        self._is_closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL_SECONDS)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._is_closed.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._listener.close()

    def _start(self, target: Any, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_closed.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        """Serve one connection to its end."""
        raise NotImplementedError

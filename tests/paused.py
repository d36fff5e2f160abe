"""A test server that is paused: connections are held until it has resumed, as those to a paused Aurora."""

import select
import socket
import threading
from types import TracebackType
from typing import Literal

from msgspec.structs import replace

from stockroom.runtime.settings import Settings

BUFFER = 1 << 20
POLL_SECONDS = 0.05
FULL_SECONDS = 0.1

# An ERR_Packet in place of the greeting: 4 bytes of header, 0xff, the number of the error, and a text.
TOO_MANY_CONNECTIONS = b"\x17\0\0\0\xff" + (1040).to_bytes(2, "little") + b"Too many connections"

Held = Literal["syn", "greeting", "refused", "full"]


class PausedServer:
    """Stands in front of the test server, and holds every connection for the first `seconds`.

    AWS says that connections "are established after the DB instance finishes resuming", not at which step
    they are held. With `syn` the network does not answer, because the queue of connections is full; with
    `greeting` the connection is accepted, and the server says nothing on it. With `refused` nobody listens:
    such a server is not paused, but restarts. With `full` the server answers that it has too many
    connections. What is connected after that reaches the server.
    """

    def __init__(self, settings: Settings, held: Held, seconds: float) -> None:
        self._server = (settings.db_host, settings.db_port)
        self._resumed = threading.Event()
        self._is_closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._fillers: list[socket.socket] = []
        self._listener = socket.socket()
        self._listener.settimeout(POLL_SECONDS)
        self._listener.bind(("127.0.0.1", 0))
        if held != "refused":
            self._listener.listen(0 if held == "syn" else 100)
        self.accepted = 0
        """Connections that clients have opened, whatever became of them."""
        address = self._listener.getsockname()
        self.settings = replace(settings, db_host=address[0], db_port=address[1])
        if held == "syn":
            self._fill_queue()
        self._timer = threading.Timer(seconds, self._resumed.set)
        self._held = held

    def __enter__(self) -> "PausedServer":
        self._timer.start()
        self._start(threading.Thread(target=self._accept, daemon=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._is_closed.set()
        self._resumed.set()
        for thread in self._threads:
            thread.join(timeout=10)
        for each in (*self._fillers, self._listener):
            each.close()

    def resume(self) -> None:
        """Resume now, before the seconds are over."""
        self._resumed.set()

    def _fill_queue(self) -> None:
        """Connect until the kernel drops what else comes, as the queue of the listener is full."""
        while True:
            filler = socket.socket()
            filler.settimeout(FULL_SECONDS)
            try:
                filler.connect(self._listener.getsockname())
            except TimeoutError:
                filler.close()
                return
            self._fillers.append(filler)

    def _start(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        if self._held == "syn":
            self._resumed.wait()
            for _ in self._fillers:
                self._listener.accept()[0].close()
        if self._held == "refused":
            self._resumed.wait()
            self._listener.listen()
        while not self._is_closed.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.accepted += 1
            self._start(threading.Thread(target=self._serve, args=(client,), daemon=True))

    def _serve(self, client: socket.socket) -> None:
        if self._held == "full" and not self._resumed.is_set():
            with client:
                client.sendall(TOO_MANY_CONNECTIONS)
            return
        self._resumed.wait()
        try:
            with client, socket.create_connection(self._server) as server:
                while not self._is_closed.is_set():
                    readable, _, _ = select.select([client, server], [], [], POLL_SECONDS)
                    for source in readable:
                        data = source.recv(BUFFER)
                        (server if source is client else client).sendall(data)
                        if not data:
                            return
        except OSError:
            pass  # one side has closed the connection

"""A TCP proxy in front of the test server, for what happens between a statement and its answer.

And a server of any protocol that never answers.
"""

import socket
from collections.abc import Callable
from types import TracebackType

from msgspec.structs import replace

from stockroom.runtime.settings import Settings
from tests.relay import BUFFER, Relay

CLIENT_SSL = 1 << 11


class DatabaseProxy(Relay):
    """Passes requests and answers on, until a request contains `fragment`; then it interferes, once.

    A request is a command byte (3: a statement) and a text, so that `\\x03COMMIT` is a COMMIT and nothing
    else.

    `before` runs before that statement reaches the server, and `after` before its answer reaches the
    client: whatever else may happen at that very moment. With `lose_answer` the server executes the
    statement, and the connection is cut instead of answering. With `drop` the connection is cut before the
    server gets the statement, and with `error` the server never gets it either: the answer is this error. The
    end of the `with` block raises what an action raised.
    """

    def __init__(
        self,
        settings: Settings,
        fragment: str,
        *,
        before: Callable[[], object] | None = None,
        after: Callable[[], object] | None = None,
        lose_answer: bool = False,
        drop: bool = False,
        error: int = 0,
    ) -> None:
        super().__init__((settings.db_host, settings.db_port))
        self._fragment = fragment.encode()
        self._before = before
        self._after = after
        self._lose_answer = lose_answer
        self._drop = drop
        self._error_code = error
        self._error: BaseException | None = None
        self.has_interfered = False
        self.settings = replace(settings, db_host="127.0.0.1", db_port=self.port)
        """Settings of a function that connects through the proxy."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, traceback)
        if kind is None and self._error is not None:
            raise self._error
        if kind is None:
            assert self.has_interfered, f"no statement contained {self._fragment!r}"

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(self._server) as server:
                client.sendall(_without_tls(server.recv(BUFFER)))
                while readable := self.wait_for_data(client, server):
                    if (client in readable and not self._pass_request_on(client, server)) or (
                        server in readable and not self._pass_on(server, client)
                    ):
                        return
        except OSError:
            pass  # one side has closed the connection
        except BaseException as error:  # noqa: BLE001  raised where the block ends
            self._error = error

    def _pass_request_on(self, client: socket.socket, server: socket.socket) -> bool:
        """Whether the connection goes on after this request."""
        request = client.recv(BUFFER)
        if self.has_interfered or self._fragment not in request:
            server.sendall(request)
            return bool(request)
        self.has_interfered = True
        if self._before is not None:
            self._before()
        if self._drop:
            return False
        if self._error_code:
            client.sendall(_error_packet(request, self._error_code))
            return True
        server.sendall(request)
        answer = server.recv(BUFFER)
        if self._after is not None:
            self._after()
        if not self._lose_answer:
            client.sendall(answer)
        return not self._lose_answer

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> bool:
        data = source.recv(BUFFER)
        target.sendall(data)
        return bool(data)


class SilentServer(Relay):
    """Takes every connection and every request, and never answers."""

    def __init__(self) -> None:
        super().__init__((None, None))
        self.connections = 0

    def _serve(self, client: socket.socket) -> None:
        self.connections += 1
        with client:
            while self.wait_for_data(client) and client.recv(BUFFER):
                pass


def _error_packet(request: bytes, code: int) -> bytes:
    """The server's answer to a request: an error with this number (ERR_Packet of the protocol)."""
    payload = b"\xff" + code.to_bytes(2, "little") + b"#HY000" + b"sent by the proxy"
    return len(payload).to_bytes(3, "little") + bytes([request[3] + 1]) + payload


def _without_tls(greeting: bytes) -> bytes:
    """The server's greeting (handshake V10) without the capability TLS, as statements must be readable here.

    4 bytes packet header, 1 protocol version, the server's version up to a NUL, 4 connection id, 8 salt, 1
    filler, then the lower 2 bytes of the capabilities.
    """
    place = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1
    capabilities = int.from_bytes(greeting[place : place + 2], "little") & ~CLIENT_SSL
    return greeting[:place] + capabilities.to_bytes(2, "little") + greeting[place + 2 :]

"""A TCP proxy in front of the S3 endpoint, for what storage does on its bad days."""

import socket
from typing import Literal
from urllib.parse import urlsplit

from tests.relay import BUFFER, Relay

CONTINUE = b"HTTP/1.1 100"
BODY = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your rate</Message></Error>"
UNAVAILABLE = b"\r\n".join(
    [
        b"HTTP/1.1 503 Slow Down",
        b"Content-Type: application/xml",
        b"Connection: close",
        b"Content-Length: %d" % len(BODY),
        b"",
        BODY,
    ]
)

Fault = Literal["503", "cut before", "answer lost", "cut body"]
"""`503`: storage asks for fewer requests. `cut before`: it never gets the request. `answer lost`: it does,
and the connection is cut instead of answering. `cut body`: half of an answer."""


class S3Proxy(Relay):
    """Passes requests on; the next `times` whose first line begins with `line` meet with `fault`.

    A request line is as `PUT /bucket/key`. Requests are told apart by connection: botocore waits for an
    answer before it sends another request.
    """

    def __init__(self, endpoint: str, line: str, fault: Fault, times: int) -> None:
        server = urlsplit(endpoint)
        super().__init__((server.hostname, server.port))
        self._line = line.encode()
        self._fault = fault
        self.left = times
        self.url = f"http://127.0.0.1:{self.port}"

    def _serve(self, client: socket.socket) -> None:
        fault: Fault | None = None
        try:
            with client, socket.create_connection(self._server) as server:
                while readable := self.wait_for_data(client, server):
                    if client in readable:
                        request = client.recv(BUFFER)
                        if not request:
                            return
                        if request.startswith(self._line) and self.left > 0:
                            self.left -= 1
                            fault = self._fault
                        if fault in {"503", "cut before"}:
                            if fault == "503":
                                client.sendall(UNAVAILABLE)
                            return
                        server.sendall(request)
                    if server in readable:
                        answer = server.recv(BUFFER)
                        if not answer:
                            return
                        if fault is not None and not answer.startswith(CONTINUE):
                            if fault == "cut body":
                                client.sendall(answer[: len(answer) // 2])
                            return
                        client.sendall(answer)
        except OSError:
            pass  # one side has closed the connection

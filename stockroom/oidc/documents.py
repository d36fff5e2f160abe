"""JSON documents of an OpenID provider, fetched from a server that may be slow, broken or malicious.

Only https to public addresses: a name may lead to an address of the network that this runs in, and a document
names the address of the next one. Each address is checked before anything connects to that same address.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPSConnection

MAX_BYTES = 256 * 1024
CONNECT_SECONDS = 5
SECONDS = 10
CHUNK_BYTES = 16 * 1024
HOLDS_IPV4 = tuple(ipaddress.IPv6Network(each) for each in ("::/96", "64:ff9b::/96"))
"""IPv6 addresses that end in an IPv4 address, to which a network may translate them."""


class UnusableDocument(Exception):
    """A document that was not fetched or is not as it must be; the message says why."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or any(ip in each for each in HOLDS_IPV4)):
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Fetcher:
    """Fetches documents. `context` says which authorities are trusted, `is_allowed` which addresses."""

    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    is_allowed: Callable[[str], bool] = is_public
    seconds: float = SECONDS

    def fetch(self, url: str) -> bytes:
        """The body of the document at an https address. Raises UnusableDocument."""
        deadline = time.monotonic() + self.seconds
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError as error:
            raise UnusableDocument(f"{url!r} is no address: {error}") from None
        host = parts.hostname
        is_plain = url.isascii() and url.isprintable() and not parts.username and not parts.password
        if parts.scheme != "https" or not host or not is_plain:
            raise UnusableDocument(f"{url!r} is no plain https address")
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        problem: Exception | None = None
        for address in self._resolve(host, port):
            try:
                return self._get(host, address, port, path, deadline)
            except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
                problem = error
            if time.monotonic() > deadline:
                raise UnusableDocument(f"{url} cannot be fetched: it takes too long") from problem
        raise UnusableDocument(f"{url} cannot be fetched: {problem}") from problem

    def _resolve(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise UnusableDocument(f"{host} has no address: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not self.is_allowed(address):
                raise UnusableDocument(f"{host} leads to {address}, which is no public address")
        return addresses

    def _get(self, host: str, address: str, port: int, path: str, deadline: float) -> bytes:
        literal = f"[{host}]" if ":" in host else host
        connection = HTTPSConnection(
            address,
            port,
            ssl_context=self.context,
            # The certificate is that of the name, though the connection is one to the checked address.
            server_hostname=host,
            timeout=min(CONNECT_SECONDS, max(deadline - time.monotonic(), 0.001)),
        )
        with closing(connection):
            connection.connect()
            connection.timeout = self.seconds
            with _ended_at(deadline, connection.sock):
                connection.request(
                    "GET",
                    path,
                    headers={
                        "Host": literal if port == 443 else f"{literal}:{port}",
                        "Accept": "application/json",
                        "User-Agent": "stockroom",
                    },
                    preload_content=False,
                    decode_content=False,
                )
                return _read(connection.getresponse(), deadline)


@contextmanager
def _ended_at(deadline: float, connected: socket.socket) -> Iterator[None]:
    """Ends the connection at the deadline. A timeout is one of each read, and headers may take many."""

    def end() -> None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    if response.status != 200:
        raise UnusableDocument(f"the answer has the status {response.status}, not 200")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise UnusableDocument("the answer is compressed, which was not asked for")
    body = bytearray()
    # `read1` returns what has arrived, so that a server which sends a byte now and then meets the deadline.
    while True:
        chunk = response.read1(CHUNK_BYTES)
        # A connection that was ended may look like the end of an answer.
        if time.monotonic() > deadline:
            raise UnusableDocument("the answer takes too long")
        if not chunk:
            return bytes(body)
        body += chunk
        if len(body) > MAX_BYTES:
            raise UnusableDocument(f"the answer has more than {MAX_BYTES} bytes")

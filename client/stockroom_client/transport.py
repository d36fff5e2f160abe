"""HTTP over kept-alive connections, one a thread and origin, with the standard library's `http.client`."""

import contextlib
import http.client
import socket
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from stockroom_client import __version__

BLOCK = 256 * 1024  # bytes a read and a send: small enough for smooth progress, large enough to be cheap

Body = Callable[[], Iterable[bytes]]
"""Makes the request body; called again when the request has to be sent again."""


class NetworkError(Exception):
    """No answer: the host was not reached, or the connection broke. The message is for people."""


@dataclass(frozen=True)
class Response:
    """An answer that has been read to its end."""

    status: int
    reason: str
    headers: Message
    body: bytes


class Transport:
    """Sends requests, from many threads at once. `timeout` (seconds) bounds each wait for the socket."""

    def __init__(self, timeout: float = 60.0, proxies: dict[str, str] | None = None) -> None:
        self._timeout = timeout
        self._proxies = urllib.request.getproxies() if proxies is None else proxies
        self._mine = threading.local()
        self._open: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()

    def request(
        self, method: str, url: str, headers: dict[str, str] | None = None, body: Body | None = None
    ) -> Response:
        """One exchange. Any status is an answer; NetworkError when there is none."""
        parts = urlsplit(url)
        headers = {"User-Agent": f"stockroom-client/{__version__}", **(headers or {})}
        connection = self._connection(parts)
        # A server may close an idle connection while we write to it: that says nothing about the server's
        # health, so such a request gets one fresh connection at once.
        reused = connection.sock is not None
        try:
            return self._exchange(connection, method, parts, headers, body)
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            if not reused:
                raise _network_error(parts, error) from error
        except (OSError, http.client.HTTPException) as error:
            raise _network_error(parts, error) from error
        try:
            return self._exchange(self._connection(parts), method, parts, headers, body)
        except (OSError, http.client.HTTPException) as error:
            raise _network_error(parts, error) from error

    def close(self) -> None:
        """Break every connection, also those that other threads are using: they see a NetworkError."""
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            sock = connection.sock
            if sock is not None:
                # Closing alone would leave a thread that waits for the socket waiting.
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        parts: SplitResult,
        headers: dict[str, str],
        body: Body | None,
    ) -> Response:
        early = False
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        proxy = self._proxy(parts)
        if proxy and parts.scheme == "http":
            target = f"http://{parts.netloc}{target}"
            headers = headers | _proxy_authorization(proxy)
        try:
            try:
                connection.request(method, target, body=body and body(), headers=headers)
            except (BrokenPipeError, ConnectionResetError):
                # Storage may refuse before it has read the whole body: then its answer is already here.
                early = True
            answer = connection.getresponse()
            response = Response(answer.status, answer.reason, answer.headers, answer.read())
        except BaseException:
            self._drop(connection)
            raise
        if early:
            self._drop(connection)
        return response

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        cache: dict[str, http.client.HTTPConnection] = self._mine.__dict__
        key = f"{parts.scheme}://{parts.netloc}"
        connection = cache.get(key)
        if connection is None:
            connection = cache[key] = self._connect(parts)
        with self._lock:
            self._open.add(connection)
        return connection

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise NetworkError(f"{parts.geturl()!r} is not an http or https address")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        proxy = self._proxy(parts)
        if proxy is None:
            return kind(parts.hostname, parts.port, timeout=self._timeout, blocksize=BLOCK)
        connection = kind(proxy.hostname or "", proxy.port, timeout=self._timeout, blocksize=BLOCK)
        if parts.scheme == "https":
            connection.set_tunnel(parts.hostname, parts.port, _proxy_authorization(proxy))
        return connection

    def _proxy(self, parts: SplitResult) -> SplitResult | None:
        host = parts.hostname or ""
        proxy = self._proxies.get(parts.scheme)
        if not proxy or is_loopback(host) or urllib.request.proxy_bypass(host):
            return None
        return urlsplit(proxy if "//" in proxy else f"//{proxy}")

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        with self._lock:
            self._open.discard(connection)


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    account = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(account.encode()).decode()}"}


def _network_error(parts: SplitResult, error: Exception) -> NetworkError:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return NetworkError(f"{parts.hostname} cannot be reached: {words}")

"""A small OpenID provider: a real https server with its own certificate, which tests may have misbehave."""

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stockroom.oidc.documents import SECONDS, Fetcher
from tests.certificates import make_certificate
from tests.tokens import KEY, make_jwk

DISCOVERY = "/.well-known/openid-configuration"
Answer = Callable[[BaseHTTPRequestHandler], None]


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def answer(body: bytes | str | dict[str, Any], status: int = 200, **headers: str) -> Answer:
    """Answers with a body; an object becomes JSON."""
    content = (
        body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    )

    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return send


@dataclass
class Provider:
    """A provider at `url`; `answers` says what stands at each path."""

    url: str
    certificate: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    requested: list[tuple[str, str | None]] = field(default_factory=list)

    def publish(self, *keys: dict[str, Any], **discovery: Any) -> None:
        """Have the provider tell of these keys; `discovery` changes its configuration."""
        configuration = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | discovery
        self.answers[DISCOVERY] = answer(configuration)
        self.answers["/keys"] = answer({"keys": list(keys)})

    def make_fetcher(
        self, *, seconds: float = SECONDS, is_allowed: Callable[[str], bool] = is_loopback
    ) -> Fetcher:
        """A fetcher that trusts the provider's certificate and may connect to this machine."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        return Fetcher(context, is_allowed, seconds)


@contextmanager
def running_provider(folder: Path) -> Iterator[Provider]:
    """A provider with one good key, `one`."""
    certificate = make_certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            provider.requested.append((self.path, self.headers["Host"]))
            by_path = provider.answers.get(self.path.partition("?")[0], answer("absent", 404))
            provider.answers.get(self.path, by_path)(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake is left to the request's own thread.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        provider = Provider(f"https://localhost:{server.server_address[1]}", certificate)
        provider.publish(make_jwk(KEY, "one"))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def resolve_to(*addresses: str) -> Callable[..., list[Any]]:
    """Stands in for a name server that says these addresses of every name."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *arguments: Any, **options: Any) -> list[Any]:
        # An address is one already.
        hosts = [host] if host[0].isdigit() else addresses
        return [entry for each in hosts for entry in real(each, port, *arguments, **options)]

    return resolve

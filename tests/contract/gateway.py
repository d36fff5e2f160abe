"""An HTTP server that stands for the HTTP API: it hands requests to the functions, as events."""

import base64
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote

from infra.declared_routes import APPS
from stockroom.api.app import Api
from tests.events import Context
from tooling.ports import HOST

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
POLL_SECONDS = 0.02
"""How soon the server notices that it is to end."""
NOT_FOUND = '{"message":"Not Found"}'
"""What API Gateway itself answers to a request that no route is for."""


class Route(NamedTuple):
    """A route of a function: which paths it is for, and how it is declared."""

    method: str
    pattern: re.Pattern[str]
    gateway_path: str
    app: Api


@contextmanager
def run_gateway() -> Iterator[str]:
    """Serves the routes of every function until the end of the block, one request at a time; its URL."""
    routes = [
        Route(method, _compile(route.gateway_path), route.gateway_path, app)
        for app in APPS.values()
        for route in app.declared
        for method in route.methods
    ]
    # As API Gateway does: what names most of a path comes first, and what takes the rest of one last.
    routes.sort(key=lambda route: ("+}" in route.gateway_path, route.gateway_path.count("{")))

    with HTTPServer((HOST, 0), type("Handler", (_Handler,), {"routes": routes})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _compile(gateway_path: str) -> re.Pattern[str]:
    rest = re.sub(r"{(\w+)\+}", r"(?P<\1>.+)", gateway_path)
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", rest))


class _Handler(BaseHTTPRequestHandler):
    routes: list[Route]
    protocol_version = "HTTP/1.1"
    # Otherwise each answer waits for an acknowledgement of its headers.
    wbufsize = -1

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        for route in self.routes:
            found = route.pattern.fullmatch(path)
            if route.method == self.command and found:
                event = self._event(route, path, query, body, found.groupdict())
                self._send(route.app(event, Context()))
                return
        headers = {"Content-Type": "application/json"}
        self._send({"statusCode": 404, "headers": headers, "body": NOT_FOUND})

    def _event(
        self, route: Route, path: str, query: str, body: bytes, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        key = f"{route.method} {route.gateway_path}"
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "http": {"method": self.command, "path": path, "sourceIp": HOST},
                "requestId": "request-1",
                "routeKey": key,
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
        if parameters:
            event["pathParameters"] = {name: unquote(text) for name, text in parameters.items()}
        if body:
            # A body that is no text comes as base64.
            try:
                event["body"] = body.decode()
            except UnicodeDecodeError:
                event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        return event

    def _send(self, answer: Mapping[str, Any]) -> None:
        body = answer.get("body") or ""
        data = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


for _method in METHODS:
    setattr(_Handler, f"do_{_method}", _Handler._answer)

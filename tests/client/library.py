"""A fake library and its storage on one real port: they keep the upload protocol, and fail when told to."""

import base64
import hashlib
import json
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from stockroom.api.presenters import present_formats
from stockroom_client.contract import FileFormat

FORMATS = msgspec.convert(msgspec.to_builtins(present_formats()), list[FileFormat])
"""The formats that the real library knows, as the command line reads them."""
TOKEN = "good"  # the fake's own
JPEG = b"\xff\xd8\xff\xe0"


@dataclass
class Row:
    """An upload that the library knows."""

    id: str
    name: str
    sha256: str
    size: int
    type: str
    state: str = "pending"
    error: dict[str, str] | None = None
    polls: int = 0
    file_name: str = ""


Fault = Callable[["Handler"], bool]
"""Does something with a request, and returns True if the library must not answer it any more."""


@dataclass
class Library:
    """What the fake knows, and the faults that it is told to make.

    `faults` are by method and path prefix ("PUT /bucket"); each is used once, in order. A row becomes ready
    after its file has landed and its state was asked for `polls_until_ready` times.
    """

    url: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    rejected: dict[str, dict[str, str]] = field(default_factory=dict)
    failing: dict[str, dict[str, str]] = field(default_factory=dict)
    polls_until_ready: int = 1
    ticket_seconds: float = 900
    ticket_method: str = "PUT"
    ticket_url: str | None = None
    max_files: int = 500
    max_bytes: int = 1_000_000
    originals: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: list[dict[str, Any]] = field(default_factory=list)
    relaxed: bool = False
    tickets: int = 0
    valid: set[str] = field(default_factory=set)
    connections: set[Any] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fault(self, target: str, *faults: Fault) -> None:
        """Add faults for the next requests of a kind."""
        self.faults.setdefault(target, deque()).extend(faults)

    def calls(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests to exactly this path."""
        return [
            body for verb, target, body in self.requests if (verb, urlsplit(target).path) == (method, path)
        ]

    def puts(self) -> list[str]:
        """The paths of the PUTs, faulty ones too."""
        return [path for method, path, _ in self.requests if method == "PUT"]

    def add_ready(self, content: bytes) -> Row:
        """A picture that is in the library already."""
        sha256 = hashlib.sha256(content).hexdigest()
        row = self.rows[f"ID{len(self.rows):011}"] = Row(
            f"ID{len(self.rows):011}", "old.jpg", sha256, len(content), "image/jpeg", "ready"
        )
        return row

    def add_original(self, name: str, content: bytes, **changes: Any) -> str:
        """An original that can be downloaded; the id of its picture."""
        row_id = f"ID{len(self.originals):011}"
        self.objects[row_id] = content
        self.originals[row_id] = {
            "url": f"{self.url}/bucket/{row_id}?link",
            "name": name,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        } | changes
        return row_id

    def by_hash(self, sha256: str) -> Row | None:
        """The row that has this content and has not failed."""
        return next(
            (row for row in self.rows.values() if row.sha256 == sha256 and row.state != "failed"), None
        )

    def ticket(self, row: Row) -> dict[str, Any]:
        """A fresh ticket."""
        self.tickets += 1
        self.valid.add(str(self.tickets))
        expires = datetime.now(UTC) + timedelta(seconds=self.ticket_seconds)
        return {
            "method": self.ticket_method,
            "url": self.ticket_url or f"{self.url}/bucket/originals/{row.id}?ticket={self.tickets}",
            "headers": {
                "content-type": row.type,
                "if-none-match": "*",
                "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(row.sha256)).decode(),
            },
            "expires": expires.isoformat().replace("+00:00", "Z"),
        }


def image(row_id: str, name: str = "a") -> dict[str, Any]:
    """A picture as the API shows it."""
    urls = {"240p": f"/i/{row_id}/v1/240p.jpg", "720p": f"/i/{row_id}/v1/720p.jpg"}
    return {
        "id": row_id,
        "name": name,
        "description": "",
        "tags": [],
        "license": "",
        "credit": "",
        "urls": urls,
    }


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    library: Library
    body: bytes | None = None

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def setup(self) -> None:
        """Note the client's address, so that a test can count connections."""
        super().setup()
        self.library.connections.add(self.client_address)

    def _any(self) -> None:
        self.body = None
        method, path = self.command, urlsplit(self.path).path
        with self.library.lock:
            self.library.authorizations.append(self.headers.get("Authorization"))
            for target, faults in self.library.faults.items():
                verb, _, prefix = target.partition(" ")
                if verb == method and path.startswith(prefix) and faults:
                    self.library.requests.append((method, self.path, None))
                    if faults.popleft()(self):
                        return
                    self.library.requests.pop()
        body = self.read()
        content = json.loads(body) if body and method == "POST" else None
        with self.library.lock:
            self.library.requests.append((method, self.path, content))
            if method == "PUT":
                self._put(path.rpartition("/")[2], body)
            elif path.startswith("/bucket/"):
                self.send(200, self.library.objects[path.rpartition("/")[2]])
            elif path.endswith("/original"):
                self._original(path.split("/")[3])
            else:
                self._api(method, path, content)

    do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

    def read(self) -> bytes:
        """The request's body."""
        if self.body is None:
            self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return self.body

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """An answer."""
        if "Date" in (headers or {}):
            self.send_response_only(status)
        else:
            self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def json(self, content: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """An answer in JSON."""
        self.send(
            status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})}
        )

    def problem(self, status: int, code: str, detail: str, **more: Any) -> None:
        """A refusal of the API."""
        self.json(
            {"type": "t", "title": "T", "status": status, "code": code, "detail": detail, **more}, status
        )

    def xml(self, status: int, code: str, message: str) -> None:
        """A refusal of storage."""
        self.send(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())

    def _put(self, key: str, body: bytes) -> None:
        library, headers = self.library, self.headers
        row = library.rows.get(key)
        if row is None or parse_qs(urlsplit(self.path).query)["ticket"][0] not in library.valid:
            self.xml(403, "AccessDenied", "Request has expired")
            return
        assert "Authorization" not in headers
        assert "Transfer-Encoding" not in headers
        assert headers["If-None-Match"] == "*"
        assert headers["Content-Type"] == row.type
        if key in library.objects:
            self.xml(412, "PreconditionFailed", "At least one of the pre-conditions did not hold")
            return
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if len(body) != row.size or headers["X-Amz-Checksum-Sha256"] != digest:
            self.xml(400, "BadDigest", "The checksum did not match &amp; so on")
            return
        library.objects[key] = body
        self.send(200, b"")

    def _original(self, row_id: str) -> None:
        link = self.library.originals.get(row_id)
        if link is None:
            self.problem(404, "not-found", "There is no original for you at this address.")
        else:
            self.json({"metadata": self.path.endswith("?metadata=1")} | link)

    def _api(self, method: str, path: str, content: Any) -> None:
        library = self.library
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        if path == "/api/config":
            types = ["image/jpeg", "image/png", "image/webp", "image/gif"]
            formats = msgspec.to_builtins(FORMATS)
            limits = {"max_bytes": library.max_bytes, "max_files": library.max_files}
            self.json({"types": types, "formats": formats, **limits})
        elif path == "/api/images":
            start = int(query.get("cursor", 0))
            cursor = str(start + 1) if start + 1 < len(library.images) else None
            page = {"images": library.images[start : start + 1], "next": cursor}
            self.json(page | ({"relaxed": True, "related": {"sea": ["lake"]}} if library.relaxed else {}))
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.problem(401, "token-invalid", "The token is not valid: sign in again.")
        elif method == "POST":
            self._post(path, content)
        elif method == "GET" and path.startswith("/api/images/"):
            self._show(path.rpartition("/")[2])
        elif method == "GET":
            ids = query["ids"].split(",") if "ids" in query else list(library.rows)
            uploads = [self._state(library.rows[row_id]) for row_id in ids if row_id in library.rows]
            self.json({"uploads": uploads, "next": None})
        else:
            library.rows.pop(path.rpartition("/")[2], None)
            self.send(204, b"")

    def _post(self, path: str, content: Any) -> None:
        if path == "/api/uploads":
            self.json({"files": [self._create(file) for file in content["files"]]})
        elif path == "/api/uploads/tickets":
            self.json({"files": [self._renew(row_id) for row_id in content["ids"]]})
        elif path == "/api/images/edit":
            self.json({"images": [self._edit(row_id, content) for row_id in content["ids"]]})
        elif path == "/api/images/delete":
            self.json({"images": [self._move(row_id, "ready", "deleted") for row_id in content["ids"]]})
        elif path == "/api/images/restore":
            self.json({"images": [self._move(row_id, "deleted", "ready") for row_id in content["ids"]]})
        else:
            self.problem(405, "method-not-allowed", "This address does not answer that method.")

    def _show(self, image_id: str) -> None:
        for each in self.library.images:
            if each["id"] == image_id:
                self.json(each)
                return
        self.problem(404, "not-found", "There is no such picture.")

    def _create(self, file: dict[str, Any]) -> dict[str, Any]:
        library = self.library
        if file["name"] in library.rejected:
            return {"state": "rejected", "error": library.rejected[file["name"]]}
        row = library.by_hash(file["sha256"])
        if row and row.state == "ready":
            return {"state": "duplicate", "id": row.id, "image": image(row.id)}
        if row is None:
            row = Row(f"ID{len(library.rows):011}", file["name"], file["sha256"], file["size"], file["type"])
            while row.id in library.rows:
                row.id += "X"
            library.rows[row.id] = row
        row.file_name = file.get("file_name") or file["name"]
        return {"state": "pending", "id": row.id, "ticket": library.ticket(row)}

    def _edit(self, row_id: str, content: dict[str, Any]) -> dict[str, Any]:
        found = [each for each in self.library.images if each["id"] == row_id]
        if row_id in self.library.rejected:
            return {"id": row_id, "state": "rejected", "error": self.library.rejected[row_id]}
        if not found:
            return {"id": row_id, "state": "gone"}
        before = dict(found[0])
        found[0].update(content.get("set", {}))
        tags = [tag for tag in found[0]["tags"] if tag not in content.get("remove_tags", [])]
        found[0]["tags"] = [*tags, *(tag for tag in content.get("add_tags", []) if tag not in tags)]
        return {"id": row_id, "state": "unchanged" if before == found[0] else "edited", "image": found[0]}

    def _move(self, row_id: str, source: str, target: str) -> dict[str, Any]:
        row = self.library.rows.get(row_id)
        if row is None or row.state not in (source, target):
            return {"id": row_id, "state": "gone"}
        row.state = target
        more = {"restorable_until": "2026-05-01T12:10:00.000Z"} if target == "deleted" else {}
        return {"id": row_id, "state": target} | more

    def _renew(self, row_id: str) -> dict[str, Any]:
        row = self.library.rows.get(row_id)
        if row is None or row.state != "pending":
            return {"id": row_id, "state": "gone"}
        return {"id": row_id, "state": "pending", "ticket": self.library.ticket(row)}

    def _state(self, row: Row) -> dict[str, Any]:
        if row.id in self.library.objects and row.state == "pending":
            row.polls += 1
            if row.polls >= self.library.polls_until_ready:
                row.error = self.library.failing.get(row.name)
                row.state = "failed" if row.error else "ready"
        names = {"name": row.name, "file_name": row.file_name or row.name}
        state = {"id": row.id, **names, "state": row.state, "created": "2026-05-01T12:00:00.000Z"}
        more: dict[str, Any] = {"image": image(row.id)} if row.state == "ready" else {}
        return state | more | ({"error": row.error} if row.error else {})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    crashes: list[BaseException | None]

    def handle_error(self, *_: Any) -> None:
        """Collect what has gone wrong here; a client that hangs up is part of the tests."""
        if not isinstance(sys.exception(), OSError | ValueError):
            self.crashes.append(sys.exception())


def answer(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer with this status instead; `Retry_After="1"` gives a Retry-After."""

    def act(handler: Handler) -> bool:
        handler.read()
        handler.send(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return act


def error(status: int, code: str, message: str = "No") -> Fault:
    """Storage's refusal."""
    return answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


def reset(handler: Handler) -> bool:
    """Break the connection with an RST, without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.rfile.close()
    handler.wfile.close()
    handler.connection.close()
    return True


def lost_answer(handler: Handler) -> bool:
    """Storage takes the object, but nobody hears of it."""
    key = urlsplit(handler.path).path.rpartition("/")[2]
    handler.library.objects[key] = handler.read()
    return reset(handler)


@contextmanager
def serving() -> Iterator[Library]:
    """A library on a free port of the loopback interface."""
    library = Library()
    kind = type("BoundHandler", (Handler,), {"library": library})
    server = _Server(("127.0.0.1", 0), kind)
    server.crashes = []
    library.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield library
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert not server.crashes

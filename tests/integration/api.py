"""A client of the running stack: plain HTTP, and answers as they come."""

import hashlib
import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.integration.stack import LocalStack

# Seconds. Longer than anything takes: a machine that does much else at once is no failure.
PATIENCE = 120


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
    """One request on its own connection: no redirect is followed, nothing is retried."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, received, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Person:
    """Somebody who uses the API, with a token or without."""

    stack: LocalStack
    token: str = ""

    def call(
        self, method: str, path: str, body: Any = None, more_headers: dict[str, str] | None = None
    ) -> Reply:
        headers = dict(more_headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return send(method, self.stack.url + path, data, headers)

    def announce(self, *contents: bytes, **metadata: Any) -> list[dict[str, Any]]:
        """One request for all of `contents`; the answers per file."""
        files = [described(content, number, **metadata) for number, content in enumerate(contents)]
        reply = self.call("POST", "/api/uploads", {"files": files})
        assert reply.status == 200, reply
        answers: list[dict[str, Any]] = reply.json["files"]
        return answers

    def upload(self, *contents: bytes, **metadata: Any) -> list[str]:
        """Announce and PUT; the ids."""
        answers = self.announce(*contents, **metadata)
        for answer, content in zip(answers, contents, strict=True):
            assert put(answer["ticket"], content).status == 200
        return [answer["id"] for answer in answers]

    def upload_whole(self, content: bytes, last: str = "720p.webp") -> str:
        """Upload one picture and wait for its renditions, after the `last` of which nothing changes."""
        (upload,) = self.upload(content)
        assert self.settled(upload)["state"] == "ready"
        ends = time.monotonic() + PATIENCE
        while last not in self.urls(upload):
            assert time.monotonic() < ends, f"{upload} has no {last} after {PATIENCE} s"
            time.sleep(0.1)
        return upload

    def urls(self, upload: str) -> dict[str, str]:
        """The links of an upload that is ready, by rendition."""
        found = self.state(upload)
        assert found is not None
        return {name: f"{self.stack.url}{path}" for name, path in found["image"]["urls"].items()}

    def state(self, upload: str) -> dict[str, Any] | None:
        """One of my uploads; None when it is gone."""
        (found,) = self.call("GET", f"/api/uploads?ids={upload}").json["uploads"] or [None]
        return dict(found) if found else None

    def settled(self, upload: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """An upload once it is no longer pending."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            found = self.state(upload)
            assert found is not None, f"{upload} is gone"
            if found["state"] != "pending":
                return found
            time.sleep(0.1)
        raise AssertionError(f"{upload} is still pending after {seconds} s")


def described(content: bytes, number: int = 0, **metadata: Any) -> dict[str, Any]:
    """A file of an upload request."""
    base = {
        "name": f"photo-{number}.jpg",
        "type": "image/jpeg",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return base | metadata


def put(ticket: dict[str, Any], content: bytes, **changed: str) -> Reply:
    """Use a ticket, with some headers changed (`content_type="image/png"`)."""
    headers = ticket["headers"] | {name.replace("_", "-"): value for name, value in changed.items()}
    return send(ticket["method"], ticket["url"], content, headers)

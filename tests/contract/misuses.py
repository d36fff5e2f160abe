"""What somebody may try with a ticket beside the one upload that it allows, and how S3 answers each try.

A misuse changes one thing of the allowed request. How S3 answers is by its documentation of requests that are
signed in the query string (Signature Version 4), and of checksums.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from stockroom.uploads.tickets import Ticket

FORBIDDEN = frozenset({403})
"""The signature does not fit the request, or a header that must be signed is not."""
MALFORMED = frozenset({400})
"""The content has another checksum, or the parameters cannot be read."""
REFUSED = FORBIDDEN | MALFORMED
SECRET = "stockroom-uploads/originals/secret"
"""The bucket and key of another object, which nobody may read with a ticket."""


@dataclass(frozen=True)
class Request:
    """One HTTP request. The names and values of `query` are percent-encoded."""

    method: str
    origin: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def target(self) -> str:
        pairs = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path}?{pairs}" if pairs else self.path


Change = Callable[[Request], Request]


def allowed(ticket: Ticket, content: bytes) -> Request:
    """The one request that a ticket allows."""
    url = urlsplit(ticket.url)
    pairs = (pair.partition("=") for pair in url.query.split("&"))
    query = {name: value for name, _, value in pairs}
    return Request("PUT", f"{url.scheme}://{url.netloc}", url.path, query, dict(ticket.headers), content)


@dataclass(frozen=True)
class Misuse:
    """One try. `statuses` are those with which S3 refuses it.

    `lax` has the implementations that are laxer, or differ, each with the status of its answer: a test fails
    when one of them no longer answers so, so that this table stays true.
    """

    title: str
    change: Change
    statuses: frozenset[int] = FORBIDDEN
    lax: dict[str, int] = field(default_factory=dict)


def _body(change: Callable[[bytes], bytes]) -> Change:
    return lambda request: replace(request, body=change(request.body))


def _path(change: Callable[[str], str]) -> Change:
    return lambda request: replace(request, path=change(request.path))


def _method(method: str) -> Change:
    return lambda request: replace(request, method=method)


def _header(name: str, value: str) -> Change:
    return lambda request: replace(request, headers=request.headers | {name: value})


def _no_header(name: str) -> Change:
    return lambda request: replace(
        request, headers={key: value for key, value in request.headers.items() if key != name}
    )


def _parameter(name: str, change: Callable[[str], str]) -> Change:
    return lambda request: replace(request, query=request.query | {name: change(request.query.get(name, ""))})


def _no_parameter(name: str) -> Change:
    return lambda request: replace(
        request, query={key: value for key, value in request.query.items() if key != name}
    )


def _all(*changes: Change) -> Change:
    def change(request: Request) -> Request:
        for each in changes:
            request = each(request)
        return request

    return change


def _invert(content: bytes) -> bytes:
    """Other bytes, and as many."""
    return bytes(255 - byte for byte in content)


def _replace_letter(text: str, place: int) -> str:
    """The text with another character of its alphabet at `place`."""
    other = "1" if text[place] != "1" else "2"
    return text[:place] + other + text[place:][1:]


def _own_checksum(request: Request) -> Request:
    checksum = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    return _header("x-amz-checksum-sha256", checksum)(request)


def _chunked(request: Request) -> Request:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(request.body), request.body)
    return replace(_header("transfer-encoding", "chunked")(request), body=body)


def _list_misuses() -> Iterator[Misuse]:
    yield from (
        Misuse("one byte more", _body(lambda body: body + b"x")),
        Misuse("one byte less", _body(lambda body: body[:-1])),
        Misuse("no bytes", _body(lambda _: b"")),
        Misuse("no length", _chunked, frozenset({403, 411})),
        Misuse("another content", _body(_invert), MALFORMED),
        Misuse("another content with its own checksum", _all(_body(_invert), _own_checksum)),
        Misuse("another type", _header("content-type", "image/png")),
        Misuse("a parameter of the type", _header("content-type", "image/jpeg; a=b")),
        Misuse("another condition", _header("if-none-match", '"0"')),
        Misuse("another host", _header("host", "elsewhere.example")),
        Misuse(
            "another kind of checksum",
            _all(_no_header("x-amz-checksum-sha256"), _header("x-amz-checksum-crc32", "AAAAAA==")),
        ),
        Misuse("no headers", lambda request: replace(request, headers={})),
    )
    for name in ("content-type", "if-none-match", "x-amz-checksum-sha256"):
        yield Misuse(f"without {name}", _no_header(name))

    # S3 takes no header whose name begins with x-amz- that is not signed.
    unsigned = {
        "x-amz-acl": ("public-read", {"ministack": 400}),
        "x-amz-copy-source": (f"/{SECRET}", {"ministack": 400}),
        "x-amz-grant-read": ("uri=http://acs.amazonaws.com/groups/global/AllUsers", {"ministack": 400}),
        "x-amz-meta-owner": ("somebody", {"ministack": 200}),
        "x-amz-object-lock-legal-hold": ("ON", {"ministack": 400}),
        "x-amz-server-side-encryption": ("AES256", {"ministack": 200}),
        "x-amz-storage-class": ("GLACIER", {"ministack": 200}),
        "x-amz-tagging": ("a=b", {"ministack": 200}),
        "x-amz-website-redirect-location": ("https://elsewhere.example/", {"ministack": 200}),
    }
    for name, (value, lax) in unsigned.items():
        yield Misuse(f"also {name}", _header(name, value), lax=lax)
    yield Misuse(
        "also Authorization",
        _header("authorization", "AWS4-HMAC-SHA256 Credential=test"),
        MALFORMED,
        {"ministack": 200, "localstack": 200},
    )

    yield from (
        Misuse("another key", _path(lambda path: _replace_letter(path, -1))),
        Misuse("a longer key", _path(lambda path: f"{path}0")),
        Misuse("a key below", _path(lambda path: f"{path}/0")),
        Misuse("a key of its own making", _path(lambda path: path.replace("originals/", "originals//"))),
        Misuse("a neighbour's key by dots", _path(lambda path: f"{path}/../0000000000000")),
        Misuse("another bucket", _path(lambda path: path.replace("-uploads/", "-images/"))),
        Misuse("the bucket itself", _path(lambda path: path.partition("originals/")[0])),
    )
    for method in ("GET", "HEAD", "DELETE", "POST", "PATCH"):
        yield Misuse(f"the verb {method}", _method(method), frozenset({403, 405}))

    changes: dict[str, Callable[[str], str]] = {
        "X-Amz-Algorithm": lambda _: "AWS4-HMAC-SHA512",
        "X-Amz-Credential": lambda value: value.replace("us-east-1", "eu-west-1"),
        "X-Amz-Date": lambda value: _replace_letter(value, -2),
        "X-Amz-Expires": lambda value: str(int(value) + 1),
        "X-Amz-SignedHeaders": lambda _: "host",
        "X-Amz-Signature": lambda value: _replace_letter(value, 0),
    }
    # The local stack does not let unsigned requests reach its emulator.
    lax_absent = {"X-Amz-Signature": {"ministack": 404}}
    for name, change in changes.items():
        yield Misuse(f"{name} changed", _parameter(name, change), REFUSED)
        yield Misuse(f"{name} left out", _no_parameter(name), REFUSED, lax_absent.get(name, {}))
    yield from (
        Misuse(
            "another signer",
            _parameter("X-Amz-Credential", lambda text: f"AKIAIOSFODNN7EXAMPLE{text[text.index('%2F') :]}"),
        ),
        Misuse("a longer time", _parameter("X-Amz-Expires", lambda _: "604800")),
        Misuse("more than a week", _parameter("X-Amz-Expires", lambda _: "604801"), REFUSED),
        Misuse(
            "the signature's end", _parameter("X-Amz-Signature", lambda value: _replace_letter(value, -1))
        ),
        Misuse("an empty signature", _parameter("X-Amz-Signature", lambda _: ""), REFUSED),
        Misuse(
            "a signature alone", lambda request: replace(request, query={"X-Amz-Signature": "0"}), REFUSED
        ),
        Misuse(
            "one header less is signed",
            _all(
                _parameter("X-Amz-SignedHeaders", lambda value: value.replace("if-none-match%3B", "")),
                _no_header("if-none-match"),
            ),
        ),
        # LocalStack has no policies: whoever signs nothing may do everything.
        Misuse(
            "no parameters",
            lambda request: replace(request, query={}),
            lax={"ministack": 404, "localstack": 200},
        ),
    )
    # Parameters that choose another operation, or change the answer.
    for name, value in {
        "acl": "",
        "tagging": "",
        "uploads": "",
        "uploadId": "1",
        "versionId": "null",
        "x-id": "PutObject",
        "response-content-type": "text%2Fhtml",
    }.items():
        yield Misuse(f"also ?{name}", _parameter(name, lambda _, value=value: value))  # type: ignore[misc]


MISUSES = tuple(_list_misuses())

"""Answers of the HTTP API as they leave it: JSON or a document with its headers, and RFC 9457 problems."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import msgspec
from chalice.app import Response
from msgspec import UNSET, Struct

from stockroom.api.cache_policy import NO_STORE, CachePolicy
from stockroom.api.preconditions import make_image_etag, make_revision_etag
from stockroom.api.response_cache import StoredResponse, make_etag, matches_etag
from stockroom.api.schemas import Image, ImagePage, Problem
from stockroom.runtime.errors import StockroomError

JSON = "application/json"
PROBLEM = "application/problem+json"
MAX_LINK_CHARACTERS = 4096
"""Characters of the header `Link`. API Gateway takes 10 kB of headers, and nginx by itself less than half."""

_encode = msgspec.json.Encoder().encode


class TextAnswer(Struct, frozen=True):
    """An answer that is no JSON: its text, in the media type that the route declares.

    One with another status than 200 is stored nowhere.
    """

    text: str
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = MappingProxyType({})


def encode_text(document: TextAnswer, media_type: str, policy: CachePolicy) -> StoredResponse:
    """A document with its headers."""
    if document.status is not HTTPStatus.OK:
        policy = NO_STORE
    headers = {"Content-Type": media_type, "Cache-Control": policy.header, **document.headers}
    if policy.function:
        headers["ETag"] = make_etag(document.text.encode())
    return StoredResponse(document.text, headers, document.status)


def encode_result(
    result: Any, policy: CachePolicy, path: str, question: Sequence[tuple[str, str]]
) -> StoredResponse:
    """What a handler returned, as a body with its headers. `path` and `question` are those of the request."""
    body = result if isinstance(result, bytes) else _encode(result)
    headers = {"Cache-Control": policy.header}
    if isinstance(result, ImagePage):
        headers |= _link_pages(path, result, question)
    if isinstance(result, Image):
        is_stored = policy.browser is not None
        headers["ETag"] = (
            make_image_etag(result.revision, make_etag(body))
            if is_stored
            else make_revision_etag(result.revision)
        )
    if policy.function:
        headers["ETag"] = make_etag(body)
    return StoredResponse(body.decode(), headers)


def _link_pages(path: str, page: ImagePage, question: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The addresses of the pages before and after one, normalised as the CDN's key is.

    A long question in another script than Latin makes addresses of 8 kB. No header is sent then: the cursors
    are in the body, too, and a header that is too long would cost the whole answer.
    """
    others = [(name, text) for name, text in question if name != "cursor"]
    links = [
        f'<{path}?{urlencode(sorted([*others, ("cursor", cursor)]))}>; rel="{relation}"'
        for relation, cursor in (("next", page.next), ("prev", page.previous))
        if cursor
    ]
    header = ", ".join(links)
    return {"Link": header} if 0 < len(header) <= MAX_LINK_CHARACTERS else {}


def make_empty_response(policy: CachePolicy) -> Response:
    """An answer without a body."""
    return Response("", headers={"Cache-Control": policy.header}, status_code=HTTPStatus.NO_CONTENT.value)


def make_response(stored: StoredResponse, if_none_match: str) -> Response:
    """The answer, or a 304 for a client that has it already, by the tag of an answer that is stored here."""
    headers = _make_headers(JSON, stored.headers)
    if matches_etag(if_none_match, stored.headers.get("ETag", "")):
        return Response("", headers=headers, status_code=HTTPStatus.NOT_MODIFIED.value)
    return Response(stored.body, headers=headers, status_code=stored.status.value)


def make_problem_response(error: StockroomError) -> Response:
    """The problem that an error is to the caller."""
    headers = _make_headers(PROBLEM, {"Cache-Control": NO_STORE.header} | error.headers)
    problem = Problem(
        type=f"urn:stockroom:problem:{error.code}",
        title=error.status.phrase,
        status=error.status.value,
        detail=error.detail,
        code=error.code,
        errors=error.errors or UNSET,
    )
    return Response(_encode(problem).decode(), headers=headers, status_code=error.status.value)


def _make_headers(media_type: str, more: Mapping[str, str]) -> dict[str, str | list[str]]:
    # Without a Content-Type the HTTP API would say text/plain.
    return {"Content-Type": media_type, "X-Content-Type-Options": "nosniff", **more}

"""Chalice behind an HTTP API with payload 2.0, and the one place where answers are made.

Chalice itself speaks only payload 1.0; `Api` translates the event and the answer back. Views return msgspec
structs or `Answer`s and raise `StockroomError`s; everything leaves as JSON or as RFC 9457 problem+json.
"""

import functools
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec
from aws_lambda_powertools.metrics import MetricUnit
from chalice.app import Chalice, Request, Response
from msgspec import UNSET

from stockroom.api.schemas import ErrorPlace, Problem
from stockroom.runtime.errors import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    StockroomError,
    TooLarge,
    UnsupportedMediaType,
)
from stockroom.runtime.observability import logger, metrics
from stockroom.runtime.validation import convert

T = TypeVar("T")
View = Callable[..., Any]

MAX_BODY = 5 * 1024 * 1024  # bytes; Lambda itself takes 6 MB with its envelope
MAX_PARAMETERS = 100
JSON = "application/json"
PROBLEM = "application/problem+json"
PRIVATE = "private, no-store"

_encode = msgspec.json.Encoder().encode


class Answer:
    """A body with a status and headers of its own."""

    def __init__(
        self, body: Any = None, *, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
    ) -> None:
        self.body = body
        self.status = status
        self.headers = headers or {}


class Api(Chalice):
    """A Chalice app whose routes answer payload 2.0 (and 1.0) events."""

    def __init__(self, name: str) -> None:
        super().__init__(app_name=name, configure_logs=False)
        self.current_request = None

    def route(self, path: str, **options: Any) -> Callable[[View], View]:
        """Register a view; what it returns and raises becomes a response."""
        options.setdefault("methods", ["GET"])
        options.setdefault("content_types", [JSON] if "POST" in options["methods"] else [])
        register = super().route(path, **options)

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def answering(*args: Any, **kwargs: Any) -> Response:
                try:
                    return _response(view(*args, **kwargs))
                except StockroomError as error:
                    return _problem(error)
                except Exception:  # noqa: BLE001  the last resort of every request
                    logger.exception("unhandled error")
                    return _problem(StockroomError("Something went wrong here; it has been logged."))

            register(answering)
            return view

        return decorate

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The Lambda handler."""
        started = time.perf_counter()
        logger.set_correlation_id(event.get("requestContext", {}).get("requestId", ""))
        route = event.get("routeKey", "")
        try:
            answer = super().__call__(_payload_1(event), context)
        except StockroomError as error:
            answer = _problem(error).to_dict()
        answer = _without_chalice_errors(answer)
        answer.pop("multiValueHeaders", None)
        milliseconds = (time.perf_counter() - started) * 1000
        status = answer["statusCode"]
        logger.info("request", extra={"route": route, "status": status, "ms": round(milliseconds, 1)})
        metrics.add_metric(name="Latency", unit=MetricUnit.Milliseconds, value=milliseconds)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=1)
        metrics.flush_metrics()
        return answer

    @property
    def request(self) -> Request:
        """The current request."""
        if self.current_request is None:
            raise RuntimeError("there is no request outside a view")
        return self.current_request

    def header(self, name: str) -> str:
        """A header of the current request, or an empty text."""
        return str(self.request.headers.get(name, ""))

    def parameters(self, name: str) -> list[str]:
        """All values of a query parameter."""
        values = self.request.query_params
        return list(values.getlist(name)) if values is not None and name in values else []

    def parameter(self, name: str) -> str | None:
        """The value of a query parameter that may be given once; 400 when it is repeated."""
        values = self.parameters(name)
        if len(values) > 1:
            raise BadRequest.at(f"?{name}", "repeated-parameter", f"Give {name} once.")
        return values[0] if values else None

    def only_parameters(self, *names: str) -> None:
        """400 for a query parameter that the route does not know, by name."""
        for name in self.request.query_params or {}:
            if name not in names:
                detail = f"There is no parameter {name!r} here; known are {', '.join(names) or 'none'}."
                raise BadRequest.at(f"?{name}", "unknown-parameter", detail)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number between two bounds from a query parameter."""
        text = self.parameter(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            detail = f"{name} must be a whole number from {low} to {high}."
            raise BadRequest.at(f"?{name}", "invalid-number", detail)
        return int(text)

    def body(self, shape: type[T]) -> T:
        """The JSON body as `shape`; 400 names the first wrong field, 413 a body that is too large."""
        raw = self.request.raw_body
        if len(raw) > MAX_BODY:
            raise TooLarge(f"The body has {len(raw)} bytes; send at most {MAX_BODY}, in several requests.")
        try:
            decoded = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest.at("", "invalid-json", f"The body is not JSON: {error}.") from None
        return convert(decoded, shape)


def _response(result: Any) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result)
    if answer.body is None:
        return Response("", headers=dict(answer.headers), status_code=HTTPStatus.NO_CONTENT.value)
    body = answer.body if isinstance(answer.body, bytes) else _encode(answer.body)
    # A Chalice dict answer has no Content-Type and the HTTP API would then say text/plain.
    return Response(body.decode(), headers=_headers(JSON, answer.headers), status_code=answer.status.value)


def _problem(error: StockroomError) -> Response:
    headers = _headers(PROBLEM, {"Cache-Control": "no-store"} | error.headers)
    problem = Problem(
        type=f"urn:stockroom:problem:{error.code}",
        title=error.status.phrase,
        status=error.status.value,
        detail=error.detail,
        code=error.code,
        errors=[ErrorPlace(place.pointer, place.code, place.detail) for place in error.errors] or UNSET,
    )
    return Response(_encode(problem).decode(), headers=headers, status_code=error.status.value)


def _headers(media_type: str, more: dict[str, str]) -> dict[str, str | list[str]]:
    return {"Content-Type": media_type, "X-Content-Type-Options": "nosniff", **more}


_CHALICE_ERRORS: dict[int, StockroomError] = {
    HTTPStatus.NOT_FOUND: NotFound("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed("This address does not answer that method."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType(f"Send JSON, with Content-Type: {JSON}."),
}


def _without_chalice_errors(answer: dict[str, Any]) -> dict[str, Any]:
    """Chalice's own errors have no Content-Type: give them the shape of all others."""
    names = {name.lower() for name in answer["headers"]}
    if answer["statusCode"] < HTTPStatus.BAD_REQUEST or "content-type" in names:
        return answer
    error = _CHALICE_ERRORS.get(answer["statusCode"]) or StockroomError("The request could not be handled.")
    problem: dict[str, Any] = _problem(error).to_dict()
    problem["headers"] |= answer["headers"]
    return problem


def _payload_1(event: dict[str, Any]) -> dict[str, Any]:
    """A payload 1.0 event, as Chalice expects it, from a 2.0 one; a 1.0 one is passed on."""
    if event.get("version") != "2.0":
        return event
    try:
        query = parse_qs(
            event.get("rawQueryString", ""), keep_blank_values=True, max_num_fields=MAX_PARAMETERS
        )
    except ValueError:
        raise BadRequest(
            f"Send at most {MAX_PARAMETERS} query parameters.", code="too-many-parameters"
        ) from None
    context = event["requestContext"]
    return {
        "requestContext": context
        | {
            "httpMethod": context["http"]["method"],
            "resourcePath": event["routeKey"].partition(" ")[2],
        },
        "multiValueQueryStringParameters": query or None,
        "headers": event.get("headers", {}),
        "pathParameters": event.get("pathParameters") or {},
        "body": event.get("body"),
        "isBase64Encoded": event.get("isBase64Encoded", False),
        "stageVariables": event.get("stageVariables"),
    }

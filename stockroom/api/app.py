"""The Chalice adapter: events of an HTTP API (payload 2.0) in, answers out.

A handler is declared with `Api.operation`, parses nothing and is called with plain values. The adapter checks
the token, parses the parameters and the body, applies the cache policy, and encodes what the handler returns.
Every error leaves as RFC 9457 problem+json.
"""

import functools
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

import msgspec
from aws_lambda_powertools.metrics import MetricUnit
from chalice.app import Chalice, Request, Response

from stockroom.api.cache_policy import PRIVATE, CachePolicy
from stockroom.api.client_limits import ClientLimits, find_client, has_proof
from stockroom.api.compression import compress_for_client
from stockroom.api.parameters import split_query
from stockroom.api.response_cache import ResponseCache
from stockroom.api.responses import (
    JSON,
    TextAnswer,
    encode_result,
    encode_text,
    make_empty_response,
    make_problem_response,
    make_response,
)
from stockroom.api.routes import BODY, CALLER, QUESTION, SERVICES, Access, ChoosePolicy, Route, declare
from stockroom.api.schemas import ImagePage, SimilarPage
from stockroom.images import ids
from stockroom.images.log_context import about
from stockroom.runtime.errors import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    StockroomError,
    TooLarge,
    UnsupportedMediaType,
)
from stockroom.runtime.keep_active import KEEP_ACTIVE
from stockroom.runtime.observability import logger, metrics
from stockroom.runtime.settings import Settings
from stockroom.runtime.validation import convert

if TYPE_CHECKING:
    from stockroom.api.auth import Caller, Verifier

Handler = TypeVar("Handler", bound=Callable[..., Any])

MAX_BODY = 5 * 1024 * 1024
"""Bytes of a request's body. Lambda itself takes 6 MB, with the event around the body."""


class Services(Protocol):
    """What the adapter needs of the resources that it passes on to handlers."""

    @property
    def settings(self) -> Settings:
        """The function's settings: whether the library is private."""

    @property
    def verifier(self) -> "Verifier":
        """Checks tokens."""

    @property
    def client_limits(self) -> ClientLimits:
        """Counts the requests of clients without a token."""

    @property
    def response_cache(self) -> ResponseCache:
        """The answers that the process stores."""


class Api(Chalice):
    """A Chalice app whose routes are declared by their handlers.

    `services` gives the resources of the process. The adapter calls it once a request and passes the result
    to the handlers that take it.
    """

    def __init__(self, name: str, services: Callable[[], Services]) -> None:
        super().__init__(app_name=name, configure_logs=False)
        self.services = services
        self.declared: list[Route] = []

    def operation(
        self,
        key: str,
        *,
        access: Access,
        cache: CachePolicy | ChoosePolicy | None = None,
        errors: tuple[type[StockroomError], ...] = (),
        media_type: str = JSON,
        is_for_other_sites: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated handler as the route `key`, as in `GET /api/images/{id}`.

        `cache` is the policy of its answers; without one they are stored nowhere. `errors` are those that the
        handler may raise, beside the errors of every route with this access or with a body. `media_type` is
        that of the documents that the handler returns. With `is_for_other_sites`, scripts of other sites may
        read the answers of a public library.
        """

        def register(handler: Handler) -> Handler:
            route = declare(
                key,
                handler,
                access=access,
                cache=cache,
                errors=errors,
                media_type=media_type,
                is_for_other_sites=is_for_other_sites,
            )

            @functools.wraps(handler)
            def view(**path_texts: str) -> Response:
                return self._respond(route, path_texts)

            content_types = [JSON] if route.body else []
            path = _to_chalice_path(route.gateway_path)
            self.route(path, methods=list(route.methods), content_types=content_types)(view)
            self.declared.append(route)
            return handler

        return register

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The Lambda handler."""
        if event == KEEP_ACTIVE:
            return {}
        started = time.perf_counter()
        logger.set_correlation_id(event["requestContext"]["requestId"])
        with about(_find_image_id(event)):
            answer = self._replace_chalice_error(super().__call__(_to_payload_1(event), context), event)
            del answer["multiValueHeaders"]
            answer = compress_for_client(answer, event["headers"].get("accept-encoding", ""))
            milliseconds = (time.perf_counter() - started) * 1000
            status = answer["statusCode"]
            logger.info(
                "request", extra={"route": event["routeKey"], "status": status, "ms": round(milliseconds, 1)}
            )
        metrics.add_metric(name="Latency", unit=MetricUnit.Milliseconds, value=milliseconds)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=1)
        metrics.flush_metrics()
        return answer

    def _respond(self, route: Route, path_texts: Mapping[str, str]) -> Response:
        request = self.current_request
        assert request is not None  # noqa: S101  Chalice sets it before it calls a view
        services = self.services()
        try:
            response = _answer_request(route, services, request, route.read_path(path_texts))
        except StockroomError as error:
            response = make_problem_response(error)
        except Exception:  # noqa: BLE001  the last resort of every request
            logger.exception("unhandled error")
            response = make_problem_response(StockroomError("Something went wrong here; it has been logged."))
        if route.is_for_other_sites and services.settings.visibility == "public":
            # Nobody's own: browsers send no token by themselves.
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _replace_chalice_error(self, answer: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer; Chalice's own errors, which have no Content-Type, get the shape of all others."""
        names = {name.lower() for name in answer["headers"]}
        if answer["statusCode"] < HTTPStatus.BAD_REQUEST or "content-type" in names:
            return answer
        status, headers = answer["statusCode"], answer["headers"]
        error = _CHALICE_ERRORS.get(status) or StockroomError("The request could not be handled.")
        if _goes_round_cdn(self.services().settings, event["headers"]):
            error, headers = NotFound(_NOT_HERE), {}
        problem: dict[str, Any] = make_problem_response(error).to_dict()
        problem["headers"] |= headers
        return problem


def _goes_round_cdn(settings: Settings, headers: Mapping[str, str]) -> bool:
    """Whether somebody has found the API's own host, and so passes neither the CDN's cache nor a web ACL."""
    return bool(settings.cdn_secret) and not has_proof(headers, settings.cdn_secret)


def _answer_request(
    route: Route, services: Services, request: Request, path_texts: Mapping[str, str]
) -> Response:
    if _goes_round_cdn(services.settings, request.headers):
        raise NotFound(_NOT_HERE)
    caller = _authenticate(route, services, request)
    if caller is None:
        services.client_limits.spend(
            find_client(
                request.headers,
                request.context["http"].get("sourceIp", ""),
                services.settings.cdn_secret,
            )
        )
    given = {} if route.is_found_by_path else split_query(request.to_original_event()["rawQueryString"])
    route.check_query(given)
    question = route.normalise_query(given)
    policy = PRIVATE if caller is not None else route.choose_policy([name for name, _ in question])
    key = (route.path, *path_texts.values(), *question)
    stored = services.response_cache.get(key) if policy.function else None
    if stored is None:
        arguments = route.read_arguments(given, path_texts, request.headers)
        if BODY in route.arguments:
            arguments[BODY] = _decode_body(request.raw_body, route.body)
        if SERVICES in route.arguments:
            arguments[SERVICES] = services
        if CALLER in route.arguments:
            arguments[CALLER] = caller
        if QUESTION in route.arguments:
            arguments[QUESTION] = question
        result = route.handler(**arguments)
        if result is None:
            return make_empty_response(policy)
        path = route.path.format(**{name: quote(text, safe="") for name, text in path_texts.items()})
        if isinstance(result, TextAnswer):
            stored = encode_text(result, route.media_type, policy)
        else:
            stored = encode_result(result, policy, path, question)
        is_empty = isinstance(result, ImagePage | SimilarPage) and not result.images
        if policy.function and stored.status is HTTPStatus.OK and not is_empty:
            services.response_cache.put(key, stored, policy.function)
    return make_response(stored, request.headers.get("if-none-match", "") if policy.function else "")


def _authenticate(route: Route, services: Services, request: Request) -> "Caller | None":
    """The caller where the route needs one; a public route does not look at tokens at all.

    What a reader may see needs the scope `read` where the library is private.
    """
    is_public = services.settings.visibility == "public"
    authorization = request.headers.get("authorization", "")
    is_open = route.access == "anyone" or (
        is_public and (route.access == "reader" or (route.access == "visitor" and not authorization))
    )
    if is_open:
        return None
    caller = services.verifier.authenticate(authorization)
    if route.access == "visitor" and (is_public or "upload" in caller.scopes):
        return caller
    return caller.require(route.scope or "read")


def _decode_body(raw: bytes | str, shape: Any) -> Any:
    """The JSON body as `shape`; 400 names the first wrong field, 413 is for a body that is too large."""
    if len(raw) > MAX_BODY:
        raise TooLarge(f"The body has {len(raw)} bytes; send at most {MAX_BODY}, in several requests.")
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest.at("", "invalid-json", f"The body is not JSON: {error}.") from None
    return convert(decoded, shape)


def _find_image_id(event: Mapping[str, Any]) -> int | None:
    """The picture that the path of a request names; None where it names none."""
    return ids.decode((event.get("pathParameters") or {}).get("id", ""))


_NOT_HERE = "There is nothing here: the library answers at its own address alone."
_CHALICE_ERRORS: dict[int, StockroomError] = {
    HTTPStatus.NOT_FOUND: NotFound("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed("This address does not answer that method."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType(f"Send JSON, with Content-Type: {JSON}."),
}


def _to_chalice_path(gateway_path: str) -> str:
    """Chalice knows no parameter that takes the rest of a path, and takes the text of any other as it is."""
    return gateway_path.replace("+}", "}")


def _to_payload_1(event: dict[str, Any]) -> dict[str, Any]:
    """The event as Chalice expects it, with the query string left for the route to read."""
    context = event["requestContext"]
    path = _to_chalice_path(event["routeKey"].partition(" ")[2])
    return {
        "requestContext": context | {"httpMethod": context["http"]["method"], "resourcePath": path},
        "rawQueryString": event["rawQueryString"],
        "multiValueQueryStringParameters": None,
        "headers": event["headers"],
        "pathParameters": event.get("pathParameters") or {},
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
        "stageVariables": event.get("stageVariables"),
    }

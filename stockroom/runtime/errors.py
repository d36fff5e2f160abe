"""The errors that a client of the API can get: a small closed family of exceptions.

`stockroom.api.app` turns each into an RFC 9457 problem; nothing else builds an error response.
"""

from http import HTTPStatus
from typing import NamedTuple


class ErrorPlace(NamedTuple):
    """One wrong place in a request: a JSON pointer into the body, or `?name` for a query parameter."""

    pointer: str
    code: str
    detail: str


class StockroomError(Exception):
    """A problem with a status, a stable code, and a sentence that says what the client can do."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal-error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: list[ErrorPlace] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.errors = errors or []
        self.headers = headers or {}


class BadRequest(StockroomError):
    """The request itself is wrong; `errors` names the places."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-request"

    @classmethod
    def at(cls, pointer: str, code: str, detail: str) -> "BadRequest":
        """A request with one wrong place: a JSON pointer into the body, or `?name` for a query parameter."""
        return cls(detail, code=code, errors=[ErrorPlace(pointer, code, detail)])


class Unauthenticated(StockroomError):
    """There is no token, or the token is not valid: 401."""

    status = HTTPStatus.UNAUTHORIZED
    code = "token-missing"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        # RFC 6750, section 3.1: without a token the challenge names no error.
        challenge = 'Bearer realm="stockroom"' + (', error="invalid_token"' if code else "")
        super().__init__(detail, code=code, headers={"WWW-Authenticate": challenge})


class Forbidden(StockroomError):
    """The token is valid and does not allow this: 403."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class NotFound(StockroomError):
    """There is nothing at this address: 404."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"


class MethodNotAllowed(StockroomError):
    """The path exists, and does not answer this method: 405."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method-not-allowed"


class Conflict(StockroomError):
    """The state of the resource does not allow this any more: 409."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class TooLarge(StockroomError):
    """The body is larger than any request needs to be: 413."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body-too-large"


class UnsupportedMediaType(StockroomError):
    """The body is not JSON: 415."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-media-type"


class TooManyPending(StockroomError):
    """The caller has too many uploads under way: 429."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-pending"


class Unavailable(StockroomError):
    """A server that the function needs does not answer, most often the database: 503."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "database-unavailable"

    def __init__(self, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class StorageUnavailable(Unavailable):
    """S3 does not answer, or answers with an error: 503."""

    code = "storage-unavailable"

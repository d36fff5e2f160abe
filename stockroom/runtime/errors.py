"""Everything that can go wrong for a caller: a small closed family of exceptions.

`stockroom.api.app` turns each into an RFC 9457 problem; nothing else builds an error response.
"""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class ErrorPlace:
    """One place in a request that is wrong: a JSON pointer into the body, or `?name` of a query parameter."""

    pointer: str
    code: str
    detail: str


class StockroomError(Exception):
    """A problem with a status, a stable code and a sentence that says the way out."""

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
        """One wrong place: a JSON pointer into the body, or `?name` of a query parameter."""
        return cls(detail, code=code, errors=[ErrorPlace(pointer, code, detail)])


class Unauthenticated(StockroomError):
    """No token, or one that is not good: 401."""

    status = HTTPStatus.UNAUTHORIZED
    code = "token-missing"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        # RFC 6750: no error where no token was sent.
        challenge = 'Bearer realm="stockroom"' + (', error="invalid_token"' if code else "")
        super().__init__(detail, code=code, headers={"WWW-Authenticate": challenge})


class Forbidden(StockroomError):
    """A good token that does not allow this: 403."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class NotFound(StockroomError):
    """Nothing is there, or nothing that the caller may know of: 404."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"


class MethodNotAllowed(StockroomError):
    """The path exists, the method does not: 405."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method-not-allowed"


class Conflict(StockroomError):
    """The state has moved on: 409."""

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
    """Something we need is waking up or away, most often the database: 503, try again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "database-unavailable"

    def __init__(self, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class StorageUnavailable(Unavailable):
    """Object storage does not answer as it should: 503, try again."""

    code = "storage-unavailable"

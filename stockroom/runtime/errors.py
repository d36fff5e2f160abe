"""Everything that can go wrong for a caller: a small closed family of exceptions, and their codes.

`stockroom.api.app` turns each exception into an RFC 9457 problem; nothing else builds an error response.

The codes are closed types: a code that is not listed here fails the type check wherever it is written. The
OpenAPI document lists them as enumerations, and the page has a text for each.
"""

from http import HTTPStatus
from typing import Literal

from msgspec import Struct

FieldCode = Literal[
    "invalid-credit",
    "invalid-description",
    "invalid-field",
    "invalid-name",
    "invalid-tag",
    "missing-field",
    "too-large",
    "too-many-tags",
    "unknown-field",
    "unknown-license",
    "unsupported-type",
]
"""What may be wrong with one field of a body, or with one file of a batch."""

UploadRejectionCode = Literal[FieldCode, "changed"]
"""Why one file of a batch is not taken; `changed`: its picture was deleted during the request."""

Code = Literal[
    FieldCode,
    "already-ready",
    "body-too-large",
    "database-unavailable",
    "internal-error",
    "invalid-color",
    "invalid-cursor",
    "invalid-date",
    "invalid-id",
    "invalid-json",
    "invalid-license",
    "invalid-number",
    "invalid-orientation",
    "invalid-sort",
    "method-not-allowed",
    "no-files",
    "not-found",
    "not-owner",
    "query-too-long",
    "repeated-parameter",
    "scope-missing",
    "statement-timeout",
    "storage-unavailable",
    "token-expired",
    "token-invalid",
    "token-missing",
    "token-revoked",
    "too-many-files",
    "too-many-ids",
    "too-many-parameters",
    "too-many-pending",
    "unknown-parameter",
    "unsupported-media-type",
]
"""What a problem says to programs. A code never changes its meaning."""


class ErrorPlace(Struct, frozen=True):
    """One field that is wrong: a JSON pointer (or `?name` of a parameter), a code and a sentence."""

    pointer: str
    code: Code
    detail: str


class StockroomError(Exception):
    """A problem with a status, a stable code and a sentence that says the way out."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code: Code = "internal-error"

    def __init__(
        self,
        detail: str,
        *,
        code: Code | None = None,
        errors: list[ErrorPlace] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.errors = errors or []
        self.headers = headers or {}


class BadRequest(StockroomError):
    """The request itself is wrong; `errors` names the places: 400."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, *, code: Code, errors: list[ErrorPlace] | None = None) -> None:
        super().__init__(detail, code=code, errors=errors)

    @staticmethod
    def at(pointer: str, code: Code, detail: str) -> "BadRequest":
        """One wrong place: a JSON pointer into the body, or `?name` of a query parameter."""
        return BadRequest(detail, code=code, errors=[ErrorPlace(pointer, code, detail)])


class InvalidField(BadRequest):
    """One field of a body is wrong. `pointer` is the JSON pointer to the field."""

    code: FieldCode

    def __init__(self, pointer: str, code: FieldCode, detail: str) -> None:
        super().__init__(detail, code=code, errors=[ErrorPlace(pointer, code, detail)])
        self.pointer = pointer


class Unauthenticated(StockroomError):
    """The request has no token, or one that is not accepted: 401."""

    status = HTTPStatus.UNAUTHORIZED
    code: Code = "token-missing"

    def __init__(self, detail: str, *, code: Code | None = None) -> None:
        # RFC 6750: the challenge names no error where no token was sent.
        challenge = 'Bearer realm="stockroom"' + (', error="invalid_token"' if code else "")
        super().__init__(detail, code=code, headers={"WWW-Authenticate": challenge})


class Forbidden(StockroomError):
    """The token is accepted, and does not allow the request: 403."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, detail: str, *, code: Code) -> None:
        super().__init__(detail, code=code)


class NotFound(StockroomError):
    """Nothing is at this address, or nothing that the caller may know of: 404."""

    status = HTTPStatus.NOT_FOUND
    code: Code = "not-found"


class MethodNotAllowed(StockroomError):
    """The path exists, the method does not: 405."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code: Code = "method-not-allowed"


class Conflict(StockroomError):
    """The state of the row no longer allows the request: 409."""

    status = HTTPStatus.CONFLICT

    def __init__(self, detail: str, *, code: Code) -> None:
        super().__init__(detail, code=code)


class TooLarge(StockroomError):
    """The body is larger than any request needs to be: 413."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code: Code = "body-too-large"


class UnsupportedMediaType(StockroomError):
    """The body is not JSON: 415."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code: Code = "unsupported-media-type"


class TooManyPending(StockroomError):
    """The caller has too many uploads under way: 429."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code: Code = "too-many-pending"


class Unavailable(StockroomError):
    """A service behind the function, most often the database, is waking up or away: 503, try again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code: Code = "database-unavailable"

    def __init__(self, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class StatementTimeout(Unavailable):
    """A statement was given up because it reached its time limit: 503, try again."""

    code: Code = "statement-timeout"

    def __init__(self) -> None:
        super().__init__("This takes the database too long just now; try again shortly, or ask for less.")


class StorageUnavailable(Unavailable):
    """Object storage does not answer as it should: 503, try again."""

    code: Code = "storage-unavailable"

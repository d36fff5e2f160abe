"""Everything that can go wrong for a caller: a small closed family of exceptions, and their codes.

`stockroom.api.app` turns each exception into an RFC 9457 problem; nothing else builds an error response.

The codes are closed types: a code that is not listed here fails the type check wherever it is written. The
OpenAPI document lists them as enumerations, and the page has a text for each.
"""

from http import HTTPStatus
from typing import Literal

from msgspec import Struct

FieldCode = Literal[
    "invalid-copyright",
    "invalid-creator",
    "invalid-credit",
    "invalid-description",
    "invalid-embargo",
    "invalid-expires",
    "invalid-field",
    "invalid-license-url",
    "invalid-name",
    "invalid-place",
    "invalid-tag",
    "invalid-usage-terms",
    "missing-field",
    "too-large",
    "too-many-tags",
    "unknown-field",
    "unknown-license",
    "unsupported-type",
]
"""What may be wrong with one field of a body, or with one file of a batch."""

EditRejectionCode = Literal[FieldCode, "edited-meanwhile"]
"""Why one picture of many is not edited."""

UploadRejectionCode = Literal[FieldCode, "changed", "size-differs", "taken-down"]
"""Why one file of a batch is not taken. `changed`: its picture was deleted during the request.
`size-differs`: its content was announced with another size before. `taken-down`: an administrator has taken
its content down."""

Code = Literal[
    FieldCode,
    "already-ready",
    "body-too-large",
    "busy",
    "database-busy",
    "database-unavailable",
    "database-waking",
    "edited-meanwhile",
    "empty-edit",
    "if-match-missing",
    "internal-error",
    "invalid-choice",
    "invalid-cursor",
    "invalid-date",
    "invalid-id",
    "invalid-json",
    "invalid-number",
    "keys-unavailable",
    "library-too-many-bytes",
    "library-too-many-daily-files",
    "library-too-many-pending",
    "method-not-allowed",
    "no-files",
    "no-ids",
    "not-found",
    "query-too-long",
    "repeated-parameter",
    "scope-missing",
    "statement-timeout",
    "storage-unavailable",
    "token-expired",
    "token-invalid",
    "token-missing",
    "token-revoked",
    "too-many-bytes",
    "too-many-daily-files",
    "too-many-files",
    "too-many-ids",
    "too-many-parameters",
    "too-many-pending",
    "too-many-requests",
    "unknown-parameter",
    "unsupported-format",
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


class PreconditionFailed(StockroomError):
    """The picture is not in the state that the request names: 412, with the present one.

    The module `stockroom.api.preconditions` says how a revision is an entity tag.
    """

    status = HTTPStatus.PRECONDITION_FAILED
    code: Code = "edited-meanwhile"


class PreconditionRequired(StockroomError):
    """The request has to say which state it is about: 428."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code: Code = "if-match-missing"


class TooLarge(StockroomError):
    """The body is larger than any request needs to be: 413."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code: Code = "body-too-large"


class UnsupportedMediaType(StockroomError):
    """The body is not JSON: 415."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code: Code = "unsupported-media-type"


class UnsupportedFormat(StockroomError):
    """The answer is wanted in a format that there is not: 501, as oEmbed wants it."""

    status = HTTPStatus.NOT_IMPLEMENTED
    code: Code = "unsupported-format"


class LimitExceeded(StockroomError):
    """The caller, or everybody together, would have more than is allowed: 429, with when to go on."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str, *, code: Code, seconds: int) -> None:
        super().__init__(detail, code=code, headers={"Retry-After": str(seconds)})


class Unavailable(StockroomError):
    """Something that the request needs is busy or away: 503, try again.

    A subclass for each part says which one it is; without one, requests only got in each other's way. The
    detail says what is missing; when to try again is Retry-After's to say, and clients add it.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code: Code = "busy"
    seconds: int = 1
    """When another try may succeed: the Retry-After of the answer."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": str(self.seconds)})


class DatabaseUnavailable(Unavailable):
    """The database is restarting or out of reach: 503."""

    code: Code = "database-unavailable"
    seconds = 5


class DatabaseWaking(DatabaseUnavailable):
    """The database does not answer, as one that was paused; the function has waited for it already: 503."""

    code: Code = "database-waking"

    def __init__(self) -> None:
        super().__init__("The database is waking up; this takes up to a minute.")


class DatabaseBusy(DatabaseUnavailable):
    """No connection is left, to anybody or to this function's account, or somebody holds a lock: 503."""

    code: Code = "database-busy"
    seconds = 2

    def __init__(self) -> None:
        super().__init__("More is asked of the database just now than it can answer at once.")


class StatementTimeout(Unavailable):
    """A statement was given up because it reached its time limit: 503, try again."""

    code: Code = "statement-timeout"
    seconds = 5

    def __init__(self) -> None:
        super().__init__("This takes the database too long just now; try again shortly, or ask for less.")


class StorageUnavailable(Unavailable):
    """Object storage does not answer as it should, not even the tries of its client: 503."""

    code: Code = "storage-unavailable"
    seconds = 10


class KeysUnavailable(Unavailable):
    """A key set or the deny-list cannot be read, so no sign-in can be checked: 503."""

    code: Code = "keys-unavailable"
    seconds = 5

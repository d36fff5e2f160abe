"""What can go wrong and is expected to: the user is told in one sentence, never by a traceback."""

from dataclasses import dataclass


@dataclass(eq=False)
class Failure(Exception):
    """A request, or the upload of one file, has failed: `detail` is for the user, `code` for programs.

    After a denial (401 or 403 from the library) no other request can succeed either.
    """

    code: str
    detail: str
    is_denial: bool = False

    def __str__(self) -> str:
        return self.detail


@dataclass(eq=False)
class TransientFailure(Failure):
    """One that may be gone a moment later, or after the seconds that the server asks to wait."""

    retry_after: float | None = None

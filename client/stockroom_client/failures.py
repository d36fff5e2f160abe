"""What can go wrong and is expected to: the user is told in one sentence, never by a traceback."""

from dataclasses import dataclass


@dataclass(eq=False)
class Failure(Exception):
    """A request, or the upload of one file, has failed: `detail` is for the user, `code` for programs.

    A transient failure may be gone a moment later. After a denial (401 or 403 from the library) no other
    request can succeed either. `retry_after` is the number of seconds that the server asks to wait.
    """

    code: str
    detail: str
    is_transient: bool = False
    is_denial: bool = False
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.detail

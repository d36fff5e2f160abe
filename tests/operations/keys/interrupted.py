"""A client of S3 whose writes come too late."""

from typing import Any


class Interrupted:
    """A client of S3 before whose writes another operator is faster, so many times."""

    def __init__(self, s3: Any, other: Any, times: int) -> None:
        self._s3 = s3
        self._other = other
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_object(self, **arguments: Any) -> Any:
        if self._times:
            self._times -= 1
            self._other(self._times)
        return self._s3.put_object(**arguments)

"""The numbers that users never set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Pauses in seconds, and limits. Tests pass smaller ones."""

    attempts: int = 7  # of one request, the first included
    first_retry: float = 0.5  # doubles with each attempt
    longest_retry: float = 60.0
    tick: float = 0.05  # between two looks at what has happened to the files
    first_poll: float = 0.3  # between two status requests while files keep landing
    slowest_poll: float = 3.0  # between two status requests while nothing changes

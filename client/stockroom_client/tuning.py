"""The numbers that users never set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Pauses in seconds, and limits. Tests pass smaller ones."""

    attempts: int = 7  # of one request, the first included
    first_retry: float = 0.5  # doubles with each attempt
    longest_retry: float = 60.0
    latest_retry: float = 3600.0  # a server that asks to be left alone for longer is not asked again
    tick: float = 0.05  # between two looks at what is waiting for a batch
    linger: float = 0.3  # how long hashed files wait for more of their kind while nothing is being sent
    unused_tickets: int = 200  # enough to keep the line busy, few enough to be used before they expire
    first_poll: float = 0.3  # between two status requests while files keep landing
    slowest_poll: float = 3.0  # between two status requests while nothing changes

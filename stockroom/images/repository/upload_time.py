"""How long an upload may take, from its ticket on, as SQL."""

MIN_BYTES_PER_SECOND = 64_000
"""The slowest line on which an upload is waited for."""
MAX_PENDING_DAYS = 7
LATEST_DEADLINE = f"FROM_UNIXTIME((id >> 20) / 1000) + INTERVAL {MAX_PENDING_DAYS} DAY"
"""New tickets move the deadline of a row no further. The reaper then looks, again and again, and waits for
the upload as long as the newest ticket allows it."""


def upload_time(size: str) -> str:
    """The interval in which a file of `size` bytes (an SQL expression) arrives, or never.

    Its one parameter are the seconds in which an empty file must arrive: the ticket's life and a grace
    period.
    """
    return f"INTERVAL (%s + {size} DIV {MIN_BYTES_PER_SECOND}) SECOND"

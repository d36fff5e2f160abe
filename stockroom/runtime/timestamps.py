"""Timestamps as the API and the database write them: UTC, in milliseconds."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, cut to milliseconds, because MySQL would round it and MariaDB would cut it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """RFC 3339 with milliseconds, as in `2026-05-01T12:00:00.000Z`; a naive datetime is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_column_value(moment: datetime) -> datetime:
    """The value for a DATETIME(3) column: naive UTC. A naive datetime is returned as it is."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

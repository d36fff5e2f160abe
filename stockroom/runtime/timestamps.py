"""Time as the API and the database spell it: UTC, milliseconds."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present, cut to milliseconds: servers differ in whether they round or cut."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-05-01T12:00:00.000Z`; a naive datetime is taken as UTC, as it comes from the database."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def column(moment: datetime) -> datetime:
    """What a DATETIME(3) column takes: naive UTC. A naive datetime is passed on."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

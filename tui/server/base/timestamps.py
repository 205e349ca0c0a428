"""Times as the database and the audit store them: whole microseconds since 1970 (UTC)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment(since: int) -> datetime:
    """The moment this many microseconds after 1970. Raises :class:`OverflowError` if the calendar doesn't reach it."""
    return EPOCH + since * MICROSECOND

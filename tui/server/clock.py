"""The server's clock, passed to all code that needs the time, so that tests can control it.

The clock may be set back after it was wrong for a while. So what is stored with a moment that hasn't come yet isn't
recent: nothing should be put off until that moment comes again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_

Clock = Callable[[], datetime]
# How far the clocks of several machines may differ.
_CLOCK_SKEW = timedelta(minutes=5)


def system_clock() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def is_recent(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether ``moment`` is within the last ``span``."""
    return moment is not None and now - span < moment <= now + _CLOCK_SKEW


def recent(moment: ColumnElement[Any], now: datetime, span: timedelta) -> ColumnElement[bool]:
    """The same, as an SQL condition."""
    return and_(moment > now - span, moment <= now + _CLOCK_SKEW)

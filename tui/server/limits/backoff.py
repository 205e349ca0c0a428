"""How wrong passwords are throttled, for links and for sign-ins.

The first five wrong attempts cause no wait; each later one doubles it, from two seconds to an hour. They are forgotten
after an hour without another. Attempts in the future are ignored too (``clock.recent``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, literal, null, or_

from ..base.clock import recent
from ..database.tables import Moment

FREE = 5
FORGOTTEN = timedelta(hours=1)


def doubling(most: int) -> list[timedelta]:
    """Waits that double from two seconds up to ``most`` seconds."""
    return [timedelta(seconds=min(2 << n, most)) for n in range(most.bit_length())]


class WrongAttempts:
    """Wrong attempts, counted in the rows of ``table`` (``tries``, ``last_at``, ``wait_until``)."""

    def __init__(self, table: Table) -> None:
        self._row = table.c
        self._waits: Sequence[timedelta] = doubling(3600)

    def after(self, tries: int) -> timedelta:
        """The wait after this many wrong attempts in a row."""
        return timedelta(0) if tries <= FREE else self._waits[min(tries - FREE, len(self._waits)) - 1]

    def forgotten(self, now: datetime) -> ColumnElement[bool]:
        """A condition: the last wrong attempt is so long ago that the row no longer counts."""
        return ~recent(self._row.last_at, now, FORGOTTEN)

    def may_try(self, now: datetime, least: timedelta | None) -> ColumnElement[bool]:
        """Whether the wait is over and, if given, at least ``least`` has passed since the last attempt."""
        has_passed = or_(self._row.wait_until.is_(None), self._row.wait_until <= now)
        return has_passed if least is None else and_(has_passed, self._row.last_at <= now - least)

    def one_more(self, now: datetime, forgotten: ColumnElement[bool]) -> dict[str, Any]:
        """The column values that record one more wrong attempt."""
        tries = self._row.tries
        waits = [(tries == FREE + n, literal(now + wait, Moment)) for n, wait in enumerate(self._waits)]
        last = literal(now + self._waits[-1], Moment)
        return {
            "tries": case((forgotten, 1), else_=tries + 1),
            "last_at": now,
            "wait_until": case((or_(forgotten, tries < FREE), null()), *waits, else_=last),
        }

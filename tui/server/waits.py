"""How whoever gives wrong passwords is slowed down: one rule, for links and for sign-ins.

The first five wrong tries cost no wait; each later one doubles it, from two seconds to an hour. They are forgotten
after an hour without one. So are those of a time that has not come: somebody has put the clock back since, and nobody
waits until it is there again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, literal, null, or_

from .database.tables import Moment

FREE = 5
FORGOTTEN = timedelta(hours=1)
# So far may the clocks of several machines be from each other.
_APART = timedelta(minutes=5)


def is_recent(moment: datetime | None, now: datetime, span: timedelta = FORGOTTEN) -> bool:
    """Whether ``moment`` is within the last ``span``."""
    return moment is not None and now - span < moment <= now + _APART


def recent(moment: ColumnElement[Any], now: datetime, span: timedelta = FORGOTTEN) -> ColumnElement[bool]:
    """The same as a condition."""
    return and_(moment > now - span, moment <= now + _APART)


def doubling(most: int) -> list[timedelta]:
    """Waits from two seconds to ``most``."""
    return [timedelta(seconds=min(2 << n, most)) for n in range(most.bit_length())]


class Waits:
    """Wrong tries as the rows of ``table`` count them (``tries``, ``last_at``, ``wait_until``)."""

    def __init__(self, table: Table) -> None:
        self._row = table.c
        self._waits: Sequence[timedelta] = doubling(3600)

    def after(self, tries: int) -> timedelta:
        """How long one waits after so many in a row."""
        return timedelta(0) if tries <= FREE else self._waits[min(tries - FREE, len(self._waits)) - 1]

    def forgotten(self, now: datetime) -> ColumnElement[bool]:
        return ~recent(self._row.last_at, now)

    def may_try(self, now: datetime, least: timedelta | None) -> ColumnElement[bool]:
        """Whether the wait is over, and with ``least`` so much time has gone since the last try."""
        over = or_(self._row.wait_until.is_(None), self._row.wait_until <= now)
        return over if least is None else and_(over, self._row.last_at <= now - least)

    def one_more(self, now: datetime, forgotten: ColumnElement[bool]) -> dict[str, Any]:
        """What a wrong try leads to."""
        tries = self._row.tries
        waits = [(tries == FREE + n, literal(now + wait, Moment)) for n, wait in enumerate(self._waits)]
        last = literal(now + self._waits[-1], Moment)
        return {
            "tries": case((forgotten, 1), else_=tries + 1),
            "last_at": now,
            "wait_until": case((or_(forgotten, tries < FREE), null()), *waits, else_=last),
        }

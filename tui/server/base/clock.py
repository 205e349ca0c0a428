"""The server's clock, passed to all code that needs the time, so that tests can control it.

The clock may be set back after it was wrong for a while. So what is stored with a moment that hasn't come yet isn't
recent: nothing should be put off until that moment comes again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_

log = logging.getLogger("sentlinks")

Clock = Callable[[], datetime]
#: Seconds since this machine was started, which no one sets.
BootClock = Callable[[], float]
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


def on_day_of(moment: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Whether ``moment`` is on the day (UTC) of ``now``, as an SQL condition."""
    begin = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return and_(moment >= begin, moment < begin + timedelta(days=1))


def seconds_since_boot() -> float:
    """Including the time that the machine was asleep: when it wakes up, its clock hasn't jumped."""
    # Elsewhere than on Linux, the monotonic clock includes it.
    return time.clock_gettime(
        time.CLOCK_BOOTTIME if hasattr(time, "CLOCK_BOOTTIME") else time.CLOCK_MONOTONIC
    )


class ClockWatch:
    """Notices when the clock jumps, by comparing it with the time since the machine was started.

    After a jump nothing is ended for good for :data:`HELD_SECONDS`: the clock may be put right again. If it still
    differs by then, it is believed. A process that is started believes the clock; slow corrections are no jumps.
    """

    #: By how much a clock jumps, and how long it isn't believed then.
    JUMP_SECONDS = 60.0
    HELD_SECONDS = 600.0

    def __init__(self, clock: Clock, boot: BootClock | None = None) -> None:
        """``boot`` defaults to the machine's for the system's clock; another clock is taken to run evenly."""
        self._clock = clock
        self._boot = boot or (seconds_since_boot if clock is system_clock else lambda: clock().timestamp())
        self._offset = self._look()
        #: The offsets of the clock that were believed, the latest last.
        self._believed = [self._offset]
        self._jumped_at: float | None = None
        self._has_returned = False

    def _look(self) -> float:
        return self._clock().timestamp() - self._boot()

    def is_steady(self) -> bool:
        """Whether what is over by the clock may be ended for good now."""
        offset, boot = self._look(), self._boot()
        if abs(offset - self._offset) > self.JUMP_SECONDS:
            self._note_jump(offset, boot)
        self._offset = offset
        if self._jumped_at is not None and boot - self._jumped_at >= self.HELD_SECONDS:
            log.warning("the clock has been as it is for ten minutes, so it is believed")
            self._jumped_at = None
            self._believed.append(offset)
        if self._jumped_at is None:
            self._believed[-1] = offset
        return self._jumped_at is None

    def _note_jump(self, offset: float, boot: float) -> None:
        known = [
            number
            for number, earlier in enumerate(self._believed)
            if abs(offset - earlier) <= self.JUMP_SECONDS
        ]
        if known:
            log.warning("the clock is as it was before it jumped")
            del self._believed[known[-1] + 1 :]
            self._jumped_at, self._has_returned = None, True
        else:
            by = offset - self._offset
            log.warning("the clock has jumped by %.0f s; nothing is ended by it for ten minutes", by)
            self._jumped_at = boot

    def has_returned(self) -> bool:
        """Whether, since this was asked last, the clock has returned to what it was before a jump: what was ended
        meanwhile, because it was over by the clock, wasn't."""
        self.is_steady()
        returned, self._has_returned = self._has_returned, False
        return returned

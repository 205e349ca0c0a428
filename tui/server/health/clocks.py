"""Whether this machine's clock is that of the database's machine. An S3 store refuses a clock that isn't its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy import func, select

from ...rules.check_results import Check, bad, ok
from ...rules.display import counted
from ..context import Context

#: How far the clocks of several machines may differ.
APART = timedelta(minutes=5)
_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
SET_CLOCK = "Set the clock from the network: timedatectl set-ntp true"


async def find_clock_trouble(context: Context) -> str | None:
    """A sentence if this machine's clock is another than PostgreSQL's; SQLite has none of its own."""
    if context.database.sqlite:
        return None
    async with context.database.read() as connection:
        theirs = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    # The answer may have taken a while; that isn't said to be the clock's fault.
    ahead = context.clock() - theirs
    if abs(ahead) <= APART:
        return None
    side = "ahead of" if ahead > timedelta(0) else "behind"
    return f"This machine's clock is {_about(abs(ahead))} {side} the database's."


def _about(apart: timedelta) -> str:
    length, unit = next(each for each in _UNITS if apart >= 2 * each[0])
    return counted(round(apart / length), unit)


async def check_clock(context: Context) -> AsyncIterator[Check]:
    """A row, if there is a clock to compare with."""
    if context.database.sqlite:
        return
    trouble = await find_clock_trouble(context)
    if trouble is None:
        yield ok("clock", "This machine's clock and the database's agree.")
    else:
        yield bad("clock", f"{trouble} Links expire by this machine's.", SET_CLOCK)

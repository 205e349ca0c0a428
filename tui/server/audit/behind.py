"""A database that is behind its data folder: an older copy was put in its place, SQLite's ``-wal`` was lost, or
PostgreSQL failed over to a replica that hadn't received everything.

The data folder's anchor (``audit.seal``) shows it: it names a seal that the database doesn't have.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from ...rules.display import moment_text
from ..base.timestamps import moment
from ..context import Context
from ..database.tables import seals, stored
from . import anchors

#: Built once: ``Database.first`` keeps it.
_NEWEST = (
    select(*stored((seals.c.sequence, seals.c.at)))
    .where(seals.c.sequence > bindparam("least"))
    .order_by(seals.c.sequence.desc())
    .limit(1)
)
_SEAL = select(*stored([seals.c.mac])).where(seals.c.sequence == bindparam("sequence"))

#: What helps against it.
REMEDY = (
    "Put the newest database back, or fail over to the replica that has everything. If there is none, take it as it "
    "is: sentlinks audit accept"
)


class Behind(NamedTuple):
    """``known`` is the number of the seal that the data folder knows, noted there at ``known_at``; ``newest`` that of
    the last one in the database, made at ``ends_at`` (0 and ``None`` if there is none)."""

    known: int
    known_at: datetime
    newest: int
    ends_at: datetime | None

    @property
    def sentence(self) -> str:
        """What is missing."""
        known = f"seal {self.known:,} of {_shown(self.known_at)}"
        if self.newest >= self.known:
            return f"The database is another one than this data folder's: it doesn't have {known}."
        last = (
            f"its last is seal {self.newest:,} of {_shown(self.ends_at)}" if self.newest else "it has no seal"
        )
        return (
            f"The database is behind this data folder, which knows {known}: {last}. What was done in between is "
            "missing."
        )


def _shown(at: datetime | None) -> str:
    return "an unknown time" if at is None else moment_text(at)


async def find_behind(context: Context) -> Behind | None:
    """Whether the database is behind the data folder. Reads one file and two rows.

    An anchor that is missing or was changed says nothing about it: verifying the audit reports that.
    """
    # Before the database, which only has more by then.
    known = await asyncio.to_thread(_noted, context)
    if known is None:
        return None
    anchor, noted_at = known
    row = await context.database.first(_SEAL, {"sequence": anchor.sequence})
    if row is not None and row.mac == anchor.mac:
        return None
    newest = await context.database.first(_NEWEST, {"least": 0})
    ends_at = None
    if newest is not None:
        with suppress(OverflowError, TypeError):
            ends_at = moment(newest.at)
    return Behind(anchor.sequence, noted_at, newest.sequence if newest is not None else 0, ends_at)


def _noted(context: Context) -> tuple[anchors.Anchor, datetime] | None:
    """The data folder's anchor, unless it is that of before the first seal, and when it was written."""
    with suppress(ValueError, OSError):
        anchor = anchors.read_file(context)
        if anchor is not None and anchor != anchors.NONE_YET:
            written = anchors.anchor_path(context).stat().st_mtime
            return anchor, datetime.fromtimestamp(written, UTC)
    return None

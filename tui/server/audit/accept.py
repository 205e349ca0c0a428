"""Taking the audit as it is for the whole one, after a backup was put back or an anchor was lost.

Only what the anchors say can be accepted, never a row that was changed or taken out: that stays broken. Each
acceptance is a row of the installation's chain, which every later proof tells (``Verdict.accepted``).
"""

from __future__ import annotations

from ...rules.errors import Failed
from ...rules.state import Event
from ..context import Context
from . import anchors, data_folders
from .chain import INSTALLATION, append, hold
from .sealed import anchored
from .verdict import Acceptance, accepted
from .verify import verify


async def accept(context: Context, operator: str) -> Acceptance | None:
    """Anchors the newest seal that there is, in the database and in this data folder, and writes that down;
    ``operator`` is who does it, by their name on this machine. ``None`` where nothing is broken.

    Raises :class:`Failed` where more is broken than anchors.
    """
    async with context.database.scan() as connection:
        broken = (await verify(context, connection, with_anchors=False)).broken
    if broken is not None:
        raise Failed(
            "audit.changed",
            f"Row {broken.sequence:,} of {broken.subject} is broken ({broken.why}), and that can't be accepted. "
            "Put back a backup in which it is whole.",
        )
    async with context.database.write() as connection:
        # In the order in which seals are made, and before the next one.
        await hold(connection, INSTALLATION)
        kept = await anchors.read_kept(context, connection, hold=True)
        broken = await anchored(context, connection)
        if broken is None:
            return None
        newest = await anchors.newest(connection)
        known = [anchor.sequence for anchor in (kept, anchors.read_claim(context)) if anchor is not None]
        details = {
            "operator": operator,
            "why": broken.why,
            "before": max(known, default=None),
            "seal": newest.sequence,
        }
        await append(context, connection, INSTALLATION, Event.AUDIT_ACCEPTED, details=details)
        await anchors.keep(context, connection, newest)
        anchors.write_file(context, newest)
        await data_folders.add(context, connection)
        return (await accepted(connection))[-1]

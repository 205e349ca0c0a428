"""Accepting the audit as it is, after a backup was restored or an anchor was lost.

Only anchors that don't match can be accepted, never a changed or missing row: that stays broken. Each acceptance is
recorded in the installation's chain, and every later verification reports it (``Verdict.accepted``).
"""

from __future__ import annotations

from ...rules.errors import Failed
from ...rules.state import Event
from ..context import Context
from . import anchors, data_folders
from .chain import INSTALLATION, append, lock_chain
from .sealed import check_anchors
from .verdict import Acceptance, accepted
from .verify import verify


async def accept(context: Context, operator: str) -> Acceptance | None:
    """Anchor the newest existing seal, in the database and in this data folder, and record that in the audit.

    ``operator`` is the user's login name on this machine. Returns ``None`` if nothing is broken. Raises
    :class:`Failed` if more than the anchors is broken.
    """
    async with context.database.scan() as connection:
        broken = (await verify(context, connection, with_anchors=False)).broken
    if broken is not None:
        raise Failed(
            "audit.changed",
            f"Row {broken.sequence:,} of {broken.subject} is broken ({broken.why}), and that can't be accepted. "
            "Restore a backup in which it is intact.",
        )
    async with context.database.write() as connection:
        # Lock in the same order as sealing does, so that no seal is made until this commits.
        await lock_chain(connection, INSTALLATION)
        kept = await anchors.read_stored(context, connection, lock=True)
        broken = await check_anchors(context, connection)
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

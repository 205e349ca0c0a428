"""Accepting the audit as it is, after a backup was restored, an anchor was lost, or something was changed by hand.

Anchors that don't match can be accepted, and objects that don't match their states, never a changed or missing row:
that stays broken. Each acceptance is recorded in the installation's chain, and every later verification reports it
(``Verdict.accepted``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...rules.errors import Failed
from ...rules.state import Event
from ..context import Context
from . import anchors, data_folders, guards
from .chain import INSTALLATION, append, lock_chain
from .changed_states import ChangedObject, changed_objects
from .report import Acceptance, Broken, accepted
from .seals import seal
from .verify import verify
from .verify_seals import check_anchors

#: How many of the objects that were changed are named, and how many are told of, in the row about it.
_MOST_NAMED, _MOST_TOLD = 100, 5


async def accept(context: Context, operator: str) -> Acceptance | None:
    """Anchor the newest existing seal, in the database and in this data folder, record the states of what was changed
    by hand, and record that in the audit.

    ``operator`` is the user's login name on this machine. Returns ``None`` if nothing is broken. Raises
    :class:`Failed` if more than that is broken.
    """
    async with context.database.scan() as connection:
        broken = (await verify(context, connection, with_anchors=False, with_states=False)).broken
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
        changed = [found async for found in changed_objects(context, connection)]
        if broken is None and not changed:
            return None
        newest = await anchors.newest(connection)
        known = [anchor.sequence for anchor in (kept, anchors.read_claim(context)) if anchor is not None]
        details: dict[str, Any] = {
            "operator": operator,
            "why": "; ".join(_reasons(broken, changed)),
            "before": max(known, default=None),
            "seal": newest.sequence,
        }
        if changed:
            details["changed"] = [found.name for found in changed[:_MOST_NAMED]]
        await append(context, connection, INSTALLATION, Event.AUDIT_ACCEPTED, details=details)
        await guards.renew(context, connection, [found.name for found in changed])
        await anchors.keep(context, connection, newest)
        await data_folders.add(context, connection)
        acceptance = (await accepted(connection))[-1]
    # Not before: a command that is killed in between leaves what was broken, and not an audit that looks intact.
    anchors.write_file(context, newest)
    # Until then, a state may say that it is sealed further than it is.
    await seal(context)
    return acceptance


def _reasons(broken: Broken | None, changed: Sequence[ChangedObject]) -> Iterator[str]:
    if broken is not None:
        yield broken.why
    for found in changed[:_MOST_TOLD]:
        yield found.why
    if len(changed) > _MOST_TOLD:
        yield f"{len(changed) - _MOST_TOLD:,} more were changed by hand"

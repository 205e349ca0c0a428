"""Whether the audit is whole, and goes as far as this data folder knows; and the clock that it was written by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from sqlalchemy import func, select

from ...rules.broken_audit import broken_sentence
from ...rules.check_results import Check, bad, ok, warn
from ...rules.display import counted, moment_text
from ...rules.errors import Failed
from .. import audit
from ..audit import behind
from ..base.signing_key import load_signing_key
from ..base.timestamps import moment
from ..context import Context
from ..database.tables import installation, seals, stored
from .clocks import APART, SET_CLOCK

_PROOF = "What to do: sentlinks help proof"


async def check_audit(context: Context) -> AsyncIterator[Check]:
    """All chains and seals, and the key that signs their heads."""
    missing = await behind.find_behind(context)
    if missing is not None:
        yield bad("behind", missing.sentence, behind.REMEDY)
    async with context.database.scan() as connection:
        verdict = await audit.verify(context, connection, with_anchors=missing is None)
        public = (await connection.execute(select(installation.c.signing_key))).scalar()
        newest = (await connection.execute(select(*stored([func.max(seals.c.at).label("at")])))).scalar()
    broken = verdict.broken
    if broken is not None:
        yield bad("audit", broken_sentence(broken.subject, broken.sequence, broken.why), _PROOF)
    elif missing is None:
        rows, chains = counted(verdict.rows, "row"), counted(verdict.chains, "chain")
        yield ok("audit", f"The audit is intact: {rows} in {chains}.")
    try:
        await asyncio.to_thread(load_signing_key, context.settings.data, public)
    except Failed as error:
        yield bad("signing key", error.message)
    with suppress(OverflowError, TypeError):
        latest = moment(newest or 0)
        if latest > context.clock() + APART:
            yield warn(
                "clock",
                f"The audit was last written at {moment_text(latest)}, which is yet to come: the clock was ahead "
                "then, or is behind now.",
                SET_CLOCK,
            )

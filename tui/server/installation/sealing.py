"""Whether the documents of an installation are encrypted, looked at and begun beside its server or without one."""

from __future__ import annotations

from ...rules.errors import Failed
from ..base.settings import Settings
from ..library.plain_bytes import SealingState, begin, sealing_state
from . import processes
from .installation import open_to_look


async def look(settings: Settings, *, begins: bool = False) -> SealingState:
    """How far sealing is, after having begun it, if wanted. Raises :class:`Failed`."""
    context = await open_to_look(settings)
    try:
        if begins:
            async with context.database.read() as connection:
                earlier = await processes.find_earlier(context, connection)
            if earlier is not None:
                raise Failed(
                    "seal.earlier_server",
                    f"A server of an earlier version may use this data ({earlier}): it couldn't read encrypted "
                    "documents, and would write others. End it, then begin again.",
                )
            await begin(context)
        async with context.database.read() as connection:
            return await sealing_state(connection)
    finally:
        await context.close()

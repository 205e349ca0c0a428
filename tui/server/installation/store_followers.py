"""Waiting for servers that take up the steps of a move, each of which looks for a new one every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.display import counted
from ...rules.errors import Failed
from ..blobs import moves
from ..blobs.moves import MoveStep, StorePlace, WhereStored
from ..context import Context
from ..database.tables import store_moves
from . import processes

#: Servers take up a step every five seconds; one of another machine that hasn't by then was killed.
_PATIENCE, _POLL = 30.0, 0.2
#: By then, one that has told what it lacks has tried again.
_TRIED_AGAIN = 8.0


class Followers:
    """The servers that follow a move to ``target``. ``tell`` is told what is waited for. If the move ``is_new``, what
    they have told is of this one."""

    def __init__(
        self, context: Context, target: StorePlace, tell: Callable[[str], None], *, is_new: bool
    ) -> None:
        self._context = context
        self._target = target
        self._tell = tell
        self._is_new = is_new

    async def wait(self, step: str) -> None:
        """Wait until all servers have taken up a step."""
        began = monotonic()
        while True:
            async with self._context.database.read() as connection:
                left = await behind(connection, step)
            if not left:
                return
            waited = monotonic() - began
            over = [each for each in left if each.is_over or (each.is_elsewhere and waited > _PATIENCE)]
            if over:
                async with self._context.database.write() as connection:
                    for each in over:
                        await processes.forget(connection, each.id)
                continue
            for each in left:
                if each.store_trouble and (self._is_new or waited > _TRIED_AGAIN):
                    raise Failed(
                        "store.server",
                        f"A server (process {each.number}) can't use {self._target.name}: "
                        f"{each.store_trouble.rstrip('.')}. Start it again with what it needs for that (AWS_...), then "
                        "run this again.",
                    )
                if waited > _PATIENCE:
                    raise Failed(
                        "store.server",
                        f"A server (process {each.number}) doesn't take it up. End that process, then run this again.",
                    )
            self._tell(f"{counted(len(left), 'server')} to take it up")
            await asyncio.sleep(_POLL)

    async def go_on(self, before: MoveStep, after: MoveStep) -> WhereStored:
        """Go a step further, unless a server was started since that hasn't taken up the one before."""
        while True:
            async with self._context.database.write() as connection:
                where = await moves.look(connection, locked=True)
                if not where.step_is(before):
                    return where
                if not await behind(connection, where.step):
                    await connection.execute(update(store_moves).values(step=after))
                    return await moves.look(connection)
            await self.wait(where.step)


async def behind(connection: AsyncConnection, step: str) -> list[processes.Serving]:
    """The servers that haven't taken up a step."""
    return [each for each in await processes.all_of_them(connection) if (each.store_seen or "") != step]

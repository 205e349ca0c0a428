"""Whether downloads may go on is asked for all of them together, and what is wrong with one concerns that one only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tui.server.installation.installation import open_context
from tui.server.library.still_allowed import is_still_allowed


@both
async def test_all_are_answered_together(fresh_server: ServerProcess) -> None:
    context = await open_context(fresh_server.settings)
    used: list[AsyncConnection] = []

    def answering(answer: bool) -> Callable[[AsyncConnection], Awaitable[bool]]:
        async def check(connection: AsyncConnection) -> bool:
            used.append(connection)
            await connection.execute(text("SELECT 1"))
            return answer

        return check

    async def failing(connection: AsyncConnection) -> bool:
        await connection.execute(text("SELECT nothing"))
        return True

    try:
        asked = [is_still_allowed(context, number // 2, answering(number < 4)) for number in range(8)]
        assert await asyncio.gather(*asked) == [True] * 4 + [False] * 4
        assert len(used) == 4
        assert len(set(map(id, used))) == 1
        broken = is_still_allowed(context, "broken", failing)
        others = [is_still_allowed(context, number, answering(True)) for number in range(3)]
        found = await asyncio.gather(others[0], broken, *others[1:], return_exceptions=True)
        assert [each for each in found if each is not True] == [found[1]]
        assert isinstance(found[1], SQLAlchemyError)
        with pytest.raises(SQLAlchemyError):
            await is_still_allowed(context, "broken", failing)
    finally:
        await context.close()

"""Bytes on their way to somebody who is signed in, for as long as they may have them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from ..blobs import Damaged
from ..blobs.outgoing import Outgoing
from .leaving import break_off
from .line import Ended, Giving, disconnected

log = logging.getLogger("sentlinks")


class WatchedAnswer(Response):
    """``length`` bytes, called ``what`` in the log. Where ``allowed`` says no, or they cannot be read to their end, the
    connection ends before its bytes do, so that the client does not take what it has for the whole.

    ``damaged`` is called where they turn out to be others than were kept.
    """

    def __init__(
        self,
        outgoing: Outgoing,
        length: int,
        allowed: Callable[[], Awaitable[bool]],
        damaged: Callable[[], Awaitable[None]],
        *,
        what: str,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(status_code=status, headers={**headers, "Content-Length": str(length)})
        self._giving = Giving(outgoing, length, self._may_go_on)
        self._allowed = allowed
        self._damaged = damaged
        self._what = what

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(disconnected(receive))
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        try:
            await send(start)
            await self._giving.give(scope, send, gone)
        except (OSError, EOFError) as error:
            log.error("the bytes of %s cannot be read: %s", self._what, error)
            if isinstance(error, Damaged):
                await self._damaged()
            break_off(scope)
        except Ended:
            break_off(scope)
        finally:
            gone.cancel()

    async def _may_go_on(self) -> bool:
        if await self._allowed():
            return True
        log.info("a download of %s was ended under way", self._what)
        return False

"""Sending a file to a signed-in user, for as long as they have access to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from ...override import override
from ..blobs import NOT_AS_STORED
from ..blobs.outgoing import Outgoing
from ..database.outages import DatabaseAway
from .disconnects import break_off
from .flow_control import BodySender, Ended, disconnected

log = logging.getLogger("sentlinks")


class WatchedResponse(Response):
    """A response of ``length`` bytes, called ``what`` in the log.

    If ``allowed`` returns false, or the bytes can't be read to the end, the connection is closed before the last byte,
    so that the client doesn't mistake what it has for the whole. ``damaged`` is called if the bytes turn out not to be
    the ones that were stored.
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
        self._body = BodySender(outgoing, length, self._may_continue)
        self._allowed = allowed
        self._damaged = damaged
        self._what = what

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        disconnect = asyncio.ensure_future(disconnected(receive))
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        try:
            await send(start)
            await self._body.send_all(scope, send, disconnect)
        except (OSError, EOFError) as error:
            log.error("the bytes of %s cannot be read: %s", self._what, error)
            if isinstance(error, NOT_AS_STORED):
                await self._damaged()
            break_off(scope)
        except (Ended, DatabaseAway):
            break_off(scope)
        finally:
            disconnect.cancel()

    async def _may_continue(self) -> bool:
        if await self._allowed():
            return True
        log.info("a download of %s was stopped midway", self._what)
        return False

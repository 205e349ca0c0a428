"""Bytes on their way to somebody who is signed in, for as long as they may have them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from .leaving import break_off

log = logging.getLogger("sentlinks")

#: So often, in seconds, it is looked whether they still may.
CHECK_SECONDS = 1.0


class WatchedAnswer(StreamingResponse):
    """``pieces``, called ``what`` in the log. Where ``allowed`` says no, or they cannot be read to their end, the
    connection ends before its bytes do, so that the client does not take what it has for the whole."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        allowed: Callable[[], Awaitable[bool]],
        *,
        what: str,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(pieces, status, headers)
        self._pieces = pieces
        self._allowed = allowed
        self._what = what

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        giving = asyncio.ensure_future(super().__call__(scope, receive, send))
        try:
            while True:
                done, _ = await asyncio.wait({giving}, timeout=CHECK_SECONDS)
                if done:
                    break
                if not await self._allowed():
                    log.info("a download of %s was ended under way", self._what)
                    break_off(scope)
                    return
            try:
                await giving
            except (OSError, EOFError) as error:
                log.error("the bytes of %s cannot be read: %s", self._what, error)
                break_off(scope)
        finally:
            giving.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await giving
            if isinstance(self._pieces, AsyncGenerator):
                await self._pieces.aclose()

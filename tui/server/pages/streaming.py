"""A file on its way to a recipient."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..blobs import Damaged, Fault
from ..blobs.outgoing import Outgoing
from ..context import Context
from ..damage import remember
from ..http.leaving import break_off
from ..http.line import Ended, Giving, disconnected
from ..http.visitor import Visitor
from . import deliveries, grants, views
from .grants import Grant

log = logging.getLogger("sentlinks")


class FileAnswer(Response):
    """``length`` bytes of a grant's file from ``start`` on, which are set aside for it already.

    ``otherwise`` is answered where the bytes cannot be read. Of a whole file, the last piece is held back until all of
    it has turned out to be what was kept: else the connection ends before it.
    """

    def __init__(
        self,
        context: Context,
        grant: Grant,
        visitor: Visitor,
        start: int,
        length: int,
        *,
        status: int,
        headers: Mapping[str, str],
        otherwise: Response,
    ) -> None:
        super().__init__(status_code=status, headers={**headers, "Content-Length": str(length)})
        self._context = context
        self._grant = grant
        self._visitor = visitor
        self._outgoing = Outgoing(
            context.blobs, grant.blob, start, length, size=grant.size, sha256=grant.sha256
        )
        self._giving = Giving(self._outgoing, length, self._may_go_on)
        self._start = start
        self._length = length
        self._otherwise = otherwise
        self._begun = self._settled = False
        self._sent_then = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            try:
                await self._outgoing.begin()
            except (OSError, EOFError) as error:
                await self._fail(error)
                await self._otherwise(scope, receive, send)
            else:
                await self._give(scope, send, gone)
        finally:
            gone.cancel()
            await self._settle()
            await self._tell()

    async def _give(self, scope: Scope, send: Send, gone: asyncio.Future[None]) -> None:
        self._begun = True
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            await self._giving.give(scope, send, gone, self._settle_whole)
        except (OSError, EOFError) as error:
            await self._fail(error)
            break_off(scope)
        except Ended:
            break_off(scope)

    async def _may_go_on(self) -> bool:
        gave, self._sent_then = self._giving.sent > self._sent_then, self._giving.sent
        if await grants.under_way(self._context, self._grant, gave=gave):
            return True
        log.info("a download of document %s was ended under way", self._grant.document_id)
        return False

    async def _settle_whole(self) -> None:
        """Before the last part, so that whoever has the whole file finds it counted."""
        await grants.settle(self._context, self._grant, self._length, self._length)
        self._settled = True

    async def _settle(self) -> None:
        sent = self._giving.sent
        if not self._settled:
            await grants.settle(self._context, self._grant, self._length, sent)
        elif sent < self._length:
            await grants.take_back(self._context, self._grant, self._length - sent)

    async def _tell(self) -> None:
        """The sender, of what the recipient has. That it could not be told is no reason to fail."""
        if not self._begun:
            return
        whole = self._giving.sent == self._length
        taken = self._length if whole else self._outgoing.taken
        try:
            await deliveries.note(self._context, self._grant, self._visitor, self._start, taken, self._length)
        except (SQLAlchemyError, OSError) as error:
            log.warning("a delivery of document %s is not in the audit: %s", self._grant.document_id, error)

    async def _fail(self, error: Exception) -> None:
        log.error("the bytes of document %s cannot be read: %s", self._grant.document_id, error)
        if not isinstance(error, Damaged):
            return
        grant = self._grant
        if not await remember(self._context, grant.blob, grant.sha256):
            return
        if not await grants.undo(self._context, grant, self._visitor):
            await views.record_fault(self._context, grant.document_id, self._visitor, Fault.DAMAGED)

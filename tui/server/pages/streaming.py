"""Sending a file to a recipient."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...override import override
from ...rules.errors import Failed
from ..blobs import NOT_AS_STORED, Fault
from ..blobs.outgoing import Outgoing
from ..context import Context
from ..database.outages import DatabaseAway, patiently
from ..http.disconnects import break_off
from ..http.flow_control import BodySender, Ended, disconnected
from ..http.visitor import Visitor
from ..library.damage import remember
from . import deliveries, given_bytes, grants, views
from .deliveries import Announced, TransferEnd
from .grants import Grant

log = logging.getLogger("sentlinks")


class GrantFileResponse(Response):
    """A response of ``length`` bytes of a grant's file from ``start`` on, which have already been reserved.

    If the bytes can't be read, ``fallback`` is sent instead. The last piece of a whole file is held back until all of
    it has proved to be what was stored; if it isn't, the connection is closed before that piece.
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
        fallback: Response,
    ) -> None:
        super().__init__(status_code=status, headers={**headers, "Content-Length": str(length)})
        self._context = context
        self._grant = grant
        self._visitor = visitor
        self._outgoing = Outgoing(
            context.blobs, grant.blob, start, length, size=grant.size, sha256=grant.sha256
        )
        self._body = BodySender(self._outgoing, length, self._may_continue)
        self._start = start
        self._length = length
        self._fallback = fallback
        self._has_started = self._has_arrived = False
        self._last_sent = 0
        #: When the last part was sent, or, if that took long, when the recipient's system had it.
        self._at: datetime | None = None
        self._is_late = False
        #: ``None``: the connection to the database was lost, so that isn't known.
        self._announced: Announced | None = Announced.NOTHING

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        disconnect = asyncio.ensure_future(disconnected(receive))
        try:
            try:
                await self._outgoing.begin()
            except (OSError, EOFError) as error:
                await self._fail(error)
                await self._fallback(scope, receive, send)
            else:
                await self._send_file(scope, send, disconnect)
        finally:
            disconnect.cancel()
            await self._record()

    async def _send_file(self, scope: Scope, send: Send, disconnect: asyncio.Future[None]) -> None:
        self._has_started = True
        # Whoever has the head of an empty file has it, and may be gone before its body is sent.
        self._has_arrived = not self._length
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            await self._body.send_all(scope, send, disconnect, self._announce)
            self._has_arrived = await self._body.arrived(self._note_late)
        except (OSError, EOFError) as error:
            await self._fail(error)
            break_off(scope)
        except (Ended, DatabaseAway):
            break_off(scope)

    async def _may_continue(self) -> bool:
        has_sent, self._last_sent = self._body.sent > self._last_sent, self._body.sent
        if await grants.may_continue(self._context, self._grant, has_sent=has_sent):
            return True
        log.info("a download of document %s was stopped midway", self._grant.document_id)
        return False

    @property
    def _delivery(self) -> TransferEnd:
        taken = self._length if self._has_arrived else self._body.taken
        at = self._at or self._context.clock()
        return TransferEnd(
            self._start,
            self._length,
            taken,
            self._body.handed_over,
            self._has_arrived,
            at,
            self._is_late,
            self._visitor.relayed,
        )

    def _note_late(self) -> None:
        self._at, self._is_late = self._context.clock(), True

    async def _announce(self) -> None:
        """Settle before the last part, so that it is already counted when the recipient has the whole file."""
        self._at = self._context.clock()
        delivery = self._delivery
        try:
            self._announced = await patiently(
                lambda: deliveries.announce(self._context, self._grant, delivery)
            )
        except DatabaseAway as error:
            if error.untouched:
                raise
            # Not repeated, since it may have been committed; otherwise its bytes stay reserved, which permits no more.
            self._announced = None

    async def _record(self) -> None:
        """Record what the recipient has received, and release what was reserved but not taken."""
        announced, delivery = self._announced, self._delivery
        try:
            if announced is None:
                await patiently(lambda: deliveries.note(self._context, self._grant, self._visitor, delivery))
            else:
                await patiently(
                    lambda: deliveries.record(self._context, self._grant, self._visitor, delivery, announced)
                )
        except (SQLAlchemyError, OSError, Failed) as error:
            log.warning("a delivery of document %s was not recorded: %s", self._grant.document_id, error)
            if announced is not None and not isinstance(error, DatabaseAway):
                await self._settle(delivery, announced)

    async def _settle(self, delivery: TransferEnd, announced: Announced) -> None:
        """Release what was not taken, if nothing more could be recorded. Otherwise it stays reserved."""
        try:
            await patiently(lambda: deliveries.settle(self._context, self._grant, delivery, announced))
        except (SQLAlchemyError, OSError, Failed) as error:
            log.warning("what a download of document %s took isn't known: %s", self._grant.document_id, error)

    async def _fail(self, error: Exception) -> None:
        log.error("the bytes of document %s cannot be read: %s", self._grant.document_id, error)
        if not isinstance(error, NOT_AS_STORED):
            return
        grant = self._grant
        if not await remember(self._context, grant.blob, grant.sha256):
            return
        if not await given_bytes.undo(self._context, grant, self._visitor):
            await views.record_fault(self._context, grant.document_id, self._visitor, Fault.DAMAGED)

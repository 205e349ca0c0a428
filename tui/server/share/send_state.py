"""What there is of a send, for a client that was interrupted and goes on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, or_, select

from ...rules.state import State
from ...wire.share import SendState, SendUpload, SentUnder
from ..database.tables import sent_documents, uploads
from . import present
from .caller import Caller, documents_query
from .sends import send_of
from .uploads import length


async def of(by: Caller, send_id: str) -> SendState:
    """Raises :class:`NotFound` unless it is the caller's own."""
    async with by.context.database.read() as connection:
        send = await send_of(by, connection, send_id)
        documents = documents_query().where(sent_documents.c.send_id == send.id)
        sent = (await connection.execute(documents.order_by(sent_documents.c.number))).all()
        living = or_(uploads.c.expires_at > by.context.clock(), uploads.c.published_as.is_not(None))
        own = and_(uploads.c.send_id == send.id, uploads.c.user_id == by.id, living)
        query = select(uploads).where(own).order_by(uploads.c.created_at, uploads.c.id)
        begun = (await connection.execute(query)).all()
    return SendState(
        send=present.send(send._asdict(), send.folder_name),
        documents=[_document(by, row) for row in sent],
        uploads=[await _upload(by, row) for row in begun],
    )


def _document(by: Caller, row: Row[Any]) -> SentUnder:
    gone = row.state == State.PURGED
    return SentUnder(key=row.key, document=None if gone else present.document(by.context, row, owner=True))


async def _upload(by: Caller, row: Row[Any]) -> SendUpload:
    return SendUpload(
        id=row.id,
        size=row.size,
        offset=await length(by, row),
        published=row.published_as is not None,
        expires_at=row.expires_at,
    )

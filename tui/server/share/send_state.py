"""The state of a send, for a client that resumes after an interruption."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, or_, select

from ...rules.state import State
from ...wire.share import SendState, SendUpload, SentUnder
from ..database.tables import sent_documents, uploads
from . import damaged_rows, serializers
from .caller import Caller, documents_query
from .sends import send_of
from .uploads import length


async def of(by: Caller, send_id: str) -> SendState:
    """The state of one of the caller's own sends. Raises :class:`NotFound`."""
    async with by.context.database.read() as connection:
        send = await send_of(by, connection, send_id)
        documents = documents_query().where(sent_documents.c.send_id == send.id)
        document_rows = await damaged_rows.fetch(
            by.context,
            connection,
            documents.order_by(sent_documents.c.position.desc(), sent_documents.c.number),
        )
        unexpired = or_(uploads.c.expires_at > by.context.clock(), uploads.c.published_as.is_not(None))
        own_uploads = and_(uploads.c.send_id == send.id, uploads.c.user_id == by.id, unexpired)
        query = select(uploads).where(own_uploads).order_by(uploads.c.created_at, uploads.c.id)
        upload_rows = (await connection.execute(query)).all()
    return SendState(
        send=serializers.send(send._asdict(), send.folder_name),
        documents=[_document(by, row) for row in document_rows],
        uploads=[await _upload(by, row) for row in upload_rows],
    )


def _document(by: Caller, row: Any) -> SentUnder:
    is_purged = row.state == State.PURGED
    return SentUnder(
        key=row.key, document=None if is_purged else serializers.document(by.context, row, owner=True)
    )


async def _upload(by: Caller, row: Row[Any]) -> SendUpload:
    return SendUpload(
        id=row.id,
        size=row.size,
        offset=await length(by, row),
        published=row.published_as is not None,
        expires_at=row.expires_at,
    )

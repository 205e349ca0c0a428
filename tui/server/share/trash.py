"""The trash of each user: what was deleted, until it is restored or removed for good."""

from __future__ import annotations

from sqlalchemy import update

from ...rules.authorization import Action
from ...rules.state import Act, State
from ...wire.share import Document, Documents, Purged
from ..database.tables import documents as work_documents
from ..database.tables import sent_documents
from ..gc import bury
from . import present
from .acts import apply
from .caller import Caller, document_of, documents_query
from .folders import folder_for_restored, hold
from .paging import page

#: Documents that are removed in one transaction.
_BATCH = 200


async def listing(by: Caller, cursor: str | None, limit: int) -> Documents:
    """A page of the caller's trash, what was deleted last first."""
    async with by.context.database.read() as connection:
        return await page(
            by,
            connection,
            sent_documents.c.owner_id == by.id,
            sent_documents.c.state == State.TRASHED,
            sort="-deleted_at",
            cursor=cursor,
            limit=limit,
            owner=True,
        )


async def restore(by: Caller, ident: str, zone_offset: int) -> Document:
    """Brings a document back, unpublished, to its folder, the current one where that is gone, or a new one.

    What is not in the trash stays as it is. Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        row = await document_of(by, connection, ident, Action.RESTORE_SENT)
        if row.state == State.TRASHED:
            folder_id = await folder_for_restored(by, connection, row.folder_id, zone_offset)
            folder = await hold(connection, folder_id)
            await connection.execute(
                update(work_documents)
                .where(work_documents.c.number == row.number)
                .values(parent=folder.container)
            )
            await apply(by, connection, row, Act.RESTORE, {"folder": folder.name}, {"folder_id": folder_id})
        row = await document_of(by, connection, ident, Action.RESTORE_SENT)
        return present.document(by.context, row, owner=True)


async def empty(by: Caller) -> Purged:
    """Removes all that is in the caller's trash for good, and its bytes where nothing else has them.

    Large ones take several transactions; what is removed stays so if it is cut off.
    """
    purged = 0
    while True:
        async with by.context.database.write() as connection:
            query = (
                documents_query()
                .where(sent_documents.c.owner_id == by.id, sent_documents.c.state == State.TRASHED)
                .order_by(sent_documents.c.id)
                .limit(_BATCH)
                .with_for_update(of=sent_documents)
            )
            rows = (await connection.execute(query)).all()
            for row in rows:
                await apply(by, connection, row, Act.PURGE)
        purged += len(rows)
        if len(rows) < _BATCH:
            break
    await bury(by.context)
    return Purged(purged=purged)

"""Each user's trash: deleted documents, until they are restored or permanently removed."""

from __future__ import annotations

from sqlalchemy import update

from ...rules.authorization import Action
from ...rules.state import Act, State
from ...wire.share import Document, Documents, Purged
from ..database.tables import documents as work_documents
from ..database.tables import sent_documents
from ..library.gc import collect
from . import damaged_rows, serializers
from .caller import Caller, document_of, documents_query
from .folders import folder_for_restored, lock_folder
from .paging import page
from .recipients import forget_purged
from .transitions import apply, apply_some

#: Documents removed in one transaction: others who write wait for its end.
_BATCH = 25


async def listing(by: Caller, cursor: str | None, limit: int) -> Documents:
    """A page of the caller's trash, most recently deleted first."""
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
    """Restore a document, unpublished, to its folder, to the current one if that was deleted, or to a new one.

    No effect if the document isn't in the trash. Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        row = await document_of(by, connection, ident, Action.RESTORE_SENT)
        if row.state == State.TRASHED:
            folder_id = await folder_for_restored(by, connection, row.folder_id, zone_offset)
            folder = await lock_folder(connection, folder_id)
            await connection.execute(
                update(work_documents)
                .where(work_documents.c.number == row.number)
                .values(parent=folder.container)
            )
            await apply(by, connection, row, Act.RESTORE, {"folder": folder.name}, {"folder_id": folder_id})
        row = await document_of(by, connection, ident, Action.RESTORE_SENT)
        return serializers.document(by.context, row, owner=True)


async def empty(by: Caller) -> Purged:
    """Permanently remove everything in the caller's trash, with the bytes that nothing else refers to.

    A large trash takes several transactions; if this is interrupted, documents already removed stay removed.
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
            rows = await damaged_rows.fetch(by.context, connection, query)
            done = await apply_some(by, connection, rows, Act.PURGE)
            await forget_purged(connection, rows[:done])
        purged += done
        if done == len(rows) < _BATCH:
            break
    await collect(by.context)
    return Purged(purged=purged)

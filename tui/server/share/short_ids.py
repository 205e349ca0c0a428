"""The documents and folders of a person whose ids begin in a given way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.ids import MOST_LISTED
from ...wire.share import IdsFound, Ref
from ..database.tables import folders, sent_documents
from . import damaged_rows
from .caller import Caller, documents_query

#: No id has it, and in every language's order it comes after all digits that they have.
_AFTER_DIGITS = "g"
#: Ids are random: even of a thousand million documents, only 60 begin with the same six digits.
_MOST = 500


async def begin_with(by: Caller, beginning: str) -> IdsFound:
    """The caller's own documents (also those in the trash, and purged ones) and folders, by id; one more of each than
    are listed at most."""
    async with by.context.database.read() as connection:
        found_documents = await _ids(connection, sent_documents, beginning)
        query = documents_query().where(
            sent_documents.c.id.in_(found_documents), sent_documents.c.owner_id == by.id
        )
        documents = await damaged_rows.fetch(by.context, connection, query) if found_documents else []
        found_folders = await _ids(connection, folders, beginning)
        own_folders = select(folders.c.id, folders.c.name).where(
            folders.c.id.in_(found_folders), folders.c.owner_id == by.id, folders.c.deleted_at.is_(None)
        )
        rows = (await connection.execute(own_folders)).all() if found_folders else []
        return IdsFound(documents=_first(documents), folders=_first(rows))


async def _ids(connection: AsyncConnection, table: Table, beginning: str) -> list[str]:
    """Everybody's. Asked for alone, so that it is a range of the primary key, whatever else the database could use."""
    within = table.c.id >= beginning, table.c.id < beginning + _AFTER_DIGITS
    query = select(table.c.id).where(*within).order_by(table.c.id).limit(_MOST)
    return list((await connection.execute(query)).scalars())


def _first(rows: Iterable[Any]) -> list[Ref]:
    return sorted((Ref(id=row.id, name=row.name) for row in rows), key=lambda ref: ref.id)[: MOST_LISTED + 1]

"""Rows of ``sent_documents`` that someone has changed by hand: values that can't be read are left out.

SQLite stores any type in any column. Without this, one such row would hide a whole list, and its document could be
neither looked at nor unpublished. What is delivered, or done with what is stored, never depends on a value that was
left out.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, Select, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from ...rules.errors import Failed
from ..base.timestamps import EPOCH, moment
from ..context import Context
from ..database.tables import folders, sent_documents, stored
from ..database.values import UNTYPED, Reader, typed
from . import links

#: What reading such a row, or presenting it, may raise.
UNREADABLE = (Failed, OperationalError, *UNTYPED)
_READER = Reader(sent_documents.c)
#: What a row of ``caller.documents_query`` has of its folder.
OF_FOLDER = {"folder_name": folders.c.name, "folder_deleted_at": folders.c.deleted_at}
#: The moments that such a row has from other tables; each may be ``None``.
MOMENTS = {
    "throttled_at": links.throttled_at,
    "next_try_at": links.next_try_at,
    "resent_at": links.resent_at,
}

log = logging.getLogger("sentlinks")


async def fetch(context: Context, connection: AsyncConnection, query: Select[Any]) -> Sequence[Any]:
    """The rows of a query like ``caller.documents_query``, whatever is stored in them; see :func:`readable`."""
    return [readable(context, row) for row in await fetch_raw(context, connection, query)]


async def fetch_raw(context: Context, connection: AsyncConnection, query: Select[Any]) -> Sequence[Row[Any]]:
    """The rows of :func:`raw`, for :func:`readable`."""
    return await context.database.rows_as_stored(connection, raw(query))


def raw(query: Select[Any]) -> Select[Any]:
    """A query like ``caller.documents_query`` that gets the values as the database stores them."""
    replaced = {*sent_documents.c.keys(), *OF_FOLDER, *MOMENTS}
    others = [column for column in query.selected_columns if column.key not in replaced]
    of_folder = [type_coerce(column, NullType()).label(name) for name, column in OF_FOLDER.items()]
    moments = [type_coerce(make(), NullType()).label(name) for name, make in MOMENTS.items()]
    return query.with_only_columns(*stored(_READER.columns), *of_folder, *moments, *others)


def readable(context: Context, row: Row[Any]) -> Any:
    """A row of :func:`raw` with values of the right types; ``None``, zero or no text for those that can't be read,
    whose columns are in ``lost``."""
    known, lost = _READER.read(row)
    values = dict(row._mapping) | known
    for name, column in OF_FOLDER.items():
        try:
            values[name] = typed(column, values[name])
        except UNREADABLE:
            # What is stored of the deletion, whatever it is, means that there was one.
            values[name] = EPOCH if column is folders.c.deleted_at else ""
            _report(row.id, name)
    for name in MOMENTS:
        try:
            values[name] = None if values[name] is None else moment(values[name])
        except UNREADABLE:
            values[name] = None
            _report(row.id, name)
    try:
        if values["address_sealed"] is not None:
            links.url(context, row.id, values["address_sealed"])
    except UNREADABLE:
        values["address_sealed"] = None
        lost.append("address_sealed")
    if lost:
        _report(row.id, ", ".join(lost))
    return SimpleNamespace(**values, lost=lost)


@lru_cache(maxsize=1000)
def _report(ident: str, columns: str) -> None:
    """Say once what can't be read of a document."""
    log.error("the document %s is listed without what can't be read of it: %s", ident, columns)

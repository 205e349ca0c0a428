"""Rows of ``sent_documents`` that someone has changed by hand: values that can't be read are left out of lists.

SQLite stores any type in any column. Without this, one such row would hide the whole list. Only lists read them so:
neither what is delivered nor what is changed depends on a value that was left out.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Boolean, Column, Row, Select, type_coerce
from sqlalchemy.types import NullType

from ...rules.errors import Failed
from ..context import Context
from ..database.tables import Moment, sent_documents, stored
from ..moments import EPOCH, moment
from . import links

#: What reading such a row, or presenting it, may raise.
UNREADABLE = (Failed, OverflowError, TypeError, ValueError)
_THROTTLED_AT = "throttled_at"

log = logging.getLogger("sentlinks")


def raw(query: Select[Any]) -> Select[Any]:
    """A query like ``caller.documents_query`` that gets the values as the database stores them."""
    replaced = {*sent_documents.c.keys(), _THROTTLED_AT}
    others = [column for column in query.selected_columns if column.key not in replaced]
    throttled_at = type_coerce(links.throttled_at(), NullType()).label(_THROTTLED_AT)
    return query.with_only_columns(*stored(sent_documents.c), throttled_at, *others)


def readable(context: Context, row: Row[Any]) -> Any:
    """A row of :func:`raw` with values of the right types; ``None``, zero or no text for those that can't be read."""
    values, lost = dict(row._mapping), []
    for column in sent_documents.c:
        try:
            values[column.key] = _value(column, values[column.key])
        except UNREADABLE:
            values[column.key] = _substitute(column, values[column.key])
            lost.append(column.key)
    try:
        values[_THROTTLED_AT] = None if row.throttled_at is None else moment(row.throttled_at)
        if values["address_sealed"] is not None:
            links.url(context, row.id, values["address_sealed"])
    except UNREADABLE:
        values[_THROTTLED_AT] = values["address_sealed"] = None
        lost.append("address_sealed")
    if lost:
        _report(row.id, ", ".join(lost))
    return SimpleNamespace(**values)


def _value(column: Column[Any], value: Any) -> Any:
    """A value as its column has it. Raises one of :data:`UNREADABLE` if it is none."""
    if value is None:
        return None
    wanted = int if isinstance(column.type, Moment | Boolean) else column.type.python_type
    if not isinstance(value, wanted):
        raise TypeError(column.key)
    if isinstance(column.type, Moment):
        return moment(value)
    return bool(value) if isinstance(column.type, Boolean) else value


def _substitute(column: Column[Any], value: Any) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, Moment):
        return EPOCH
    if column.type.python_type is str:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return column.type.python_type()


@lru_cache(maxsize=1000)
def _report(ident: str, columns: str) -> None:
    """Say once what can't be read of a document."""
    log.error("the document %s is listed without what can't be read of it: %s", ident, columns)

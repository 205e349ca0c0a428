"""Values as their columns have them.

SQLite stores any type in any column, so someone may have written others by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column

from ...rules.state import State
from ..moments import EPOCH, moment
from .tables import Moment, sent_documents

#: What :func:`typed` may raise.
UNTYPED = (OverflowError, TypeError, ValueError)
#: What a text has to look like.
_FORMS = {
    sent_documents.c.sha256: re.compile(r"[0-9a-f]{64}"),
    sent_documents.c.state: re.compile("|".join(State)),
}


def typed(column: Column[Any], stored: Any) -> Any:
    """A value that the database stores, as its column has it. Raises one of :data:`UNTYPED` if it can't have it."""
    if stored is None:
        if not column.nullable:
            raise TypeError(column.key)
        return None
    kind = _kind(column)
    if not isinstance(stored, int if kind is bool or kind is Moment else kind):
        raise TypeError(column.key)
    form = _FORMS.get(column)
    if form is not None and not form.fullmatch(str(stored)):
        raise ValueError(column.key)
    if kind is Moment:
        return moment(stored)
    return bool(stored) if kind is bool else stored


def readable(row: Any, columns: Iterable[Column[Any]]) -> tuple[dict[str, Any], list[str]]:
    """The values of ``columns`` in a row that has them as they are stored: ``None``, zero or no text for those that
    can't be read, and which these are."""
    values: dict[str, Any] = {}
    lost = []
    for column in columns:
        name = column.key
        try:
            values[name] = typed(column, getattr(row, name))
        except UNTYPED:
            values[name] = _substitute(column, getattr(row, name))
            lost.append(name)
    return values, lost


def _substitute(column: Column[Any], stored: Any) -> Any:
    if column.nullable:
        return None
    if column is sent_documents.c.state:
        # No link of such a document works.
        return State.UNPUBLISHED
    kind = _kind(column)
    if kind is Moment:
        return EPOCH
    if kind is str:
        return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else str(stored)
    return kind()


@cache
def _kind(column: Column[Any]) -> type[Any]:
    """The type of a column's values; :class:`Moment` for moments."""
    if isinstance(column.type, Moment):
        return Moment
    return bool if isinstance(column.type, Boolean) else column.type.python_type

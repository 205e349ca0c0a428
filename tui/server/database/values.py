"""Values as their columns have them.

SQLite stores any type in any column, so someone may have written others by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import contains
from typing import Any

from sqlalchemy import Boolean, Column

from ...rules.state import State
from ..base.timestamps import EPOCH, moment
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
    if type(stored) not in _types(column):
        raise TypeError(column.key)
    convert = _conversion(column)
    return stored if stored is None or convert is None else convert(stored)


class Reader:
    """Reads rows that begin with ``columns``, as they are stored (``tables.stored``)."""

    def __init__(self, columns: Iterable[Column[Any]]) -> None:
        self.columns = tuple(columns)
        self._names = [column.key for column in self.columns]
        self._types = [_types(column) for column in self.columns]
        conversions = ((column.key, _conversion(column)) for column in self.columns)
        self._conversions = [(name, convert) for name, convert in conversions if convert is not None]

    def read(self, row: Sequence[Any]) -> tuple[dict[str, Any], list[str]]:
        """The values of the columns by their names: ``None``, zero or no text for those that can't be read, and which
        these are."""
        # Looking at one value after the other takes longer than the rest of what finds a recipient's link.
        values = dict(zip(self._names, row, strict=False))
        if all(map(contains, self._types, map(type, values.values()))):
            try:
                for name, convert in self._conversions:
                    if values[name] is not None:
                        values[name] = convert(values[name])
            except UNTYPED:
                pass
            else:
                return values, []
        return self._read_each(row)

    def _read_each(self, row: Sequence[Any]) -> tuple[dict[str, Any], list[str]]:
        values: dict[str, Any] = {}
        lost = []
        for column, stored in zip(self.columns, row, strict=False):
            try:
                values[column.key] = typed(column, stored)
            except UNTYPED:
                values[column.key] = _substitute(column, stored)
                lost.append(column.key)
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


@cache
def _types(column: Column[Any]) -> frozenset[type[Any]]:
    """The types that a column's values may be stored as."""
    kind = _kind(column)
    types = {int if kind is Moment else kind}
    if kind is bool:
        types.add(int)
    if column.nullable:
        types.add(type(None))
    return frozenset(types)


@cache
def _conversion(column: Column[Any]) -> Callable[[Any], Any] | None:
    """What makes a column's value of what is stored; ``None`` if that is the value."""
    form = _FORMS.get(column)
    if form is None:
        conversions: dict[type[Any], Callable[[Any], Any]] = {Moment: moment, bool: bool}
        return conversions.get(_kind(column))

    def checked(stored: str) -> str:
        if form.fullmatch(stored) is None:
            raise ValueError(column.key)
        return stored

    return checked

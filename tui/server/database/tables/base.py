"""What all tables share. Times are whole microseconds since 1970 (UTC), which every database compares the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Index, Integer, MetaData, type_coerce
from sqlalchemy.types import NullType, TypeDecorator

from ....override import override
from ...base.timestamps import micros, moment


class Moment(TypeDecorator[datetime]):
    """An aware ``datetime``, stored as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    # Instead of process_result_value, which takes two calls per value: lists read thousands of them.
    @override
    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], datetime | None]:
        return _moment


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def stored(columns: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """The columns to select to get their values as the database stores them: moments as microseconds.

    SQLite stores any type in any column. This reads whatever someone has written there by hand, and so lets the caller
    say which row it is; otherwise the whole result would fail.
    """
    return [type_coerce(column, NullType()).label(column.key) for column in columns]


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Type of document and container numbers, which are assigned in order and never reused.
BIG = BigInteger().with_variant(Integer, "sqlite")

#: The key of a partial index's condition (SQL) in its ``info``.
CONDITION = "condition"


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that meet ``where`` (SQL).

    Migrations create it, so it needs no options for each kind of database: those would load the drivers of all kinds.
    """
    return Index(name, *columns, unique=unique, info={CONDITION: where})

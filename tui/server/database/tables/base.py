"""What all tables have. Moments are whole microseconds since 1970 (UTC), which every database compares alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Dialect,
    Integer,
    MetaData,
)
from sqlalchemy.types import TypeDecorator

from ...moments import EPOCH, MICROSECOND, micros


class Moment(TypeDecorator[datetime]):
    """An aware ``datetime``, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    # In place of process_result_value, which takes two calls a value: lists read thousands of them.
    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], datetime | None]:
        return _moment


def _moment(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + value * MICROSECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Numbers of documents and containers are handed out in order and never twice.
BIG = BigInteger().with_variant(Integer, "sqlite")

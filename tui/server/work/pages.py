"""Pages of lists, found by index: a page costs the same wherever in the list it is.

A list is read in the order of a sort key and a number, from where the page before ended. Where several of the
person's rules have something in a container, each has its own piece of the index, and the page is merged from
them; what has other rules is never looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Row, Select, Table, literal, select, tuple_, union_all

from .errors import invalid
from .parameters import Paging, cursor_of, foreign_cursor

#: Over so many rules in one container, its plain order is read, and what is not the person's is left out.
_MOST_MERGED = 100
#: Rows that are looked at in one go where a filter picks some of them.
_BATCH = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Accept = Callable[[Row[Any]], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """A page's rows; ``cursor`` is ``None`` on the last one, ``total`` where it was not asked for."""

    rows: list[Row[Any]]
    cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key with its direction. In a cursor, a moment is microseconds since 1970."""

    name: Literal["name", "edited"]
    descending: bool

    @classmethod
    def read(cls, text: str | None) -> Order:
        """``name``, ``edited``, or one of them after ``-``. Raises :class:`BadRequest` for anything else."""
        word = text or "name"
        name = word.removeprefix("-")
        if name not in ("name", "edited"):
            raise invalid("sort", "A list is sorted by name, -name, edited or -edited.")
        return cls("name" if name == "name" else "edited", word.startswith("-"))

    @property
    def for_containers(self) -> Order:
        """Folders stand by name, whatever their documents are sorted by."""
        return self if self.name == "name" else Order("name", False)

    def key(self, table: Table) -> Column[Any]:
        return table.c.name_key if self.name == "name" else table.c.edited_at

    def after(self, paging: Paging, tag: str) -> tuple[Any, int] | None:
        """Behind which key and number the page of the list ``tag`` begins."""
        found = paging.after(f"{tag}.{self.name}", str if self.name == "name" else int)
        if found is None or self.name == "name":
            return found
        return moment_of(found[0]), found[1]

    def place(self, row: Row[Any]) -> tuple[Any, int]:
        """Key and number of a row of the queries of ``rights``."""
        if self.name == "name":
            return row.name_key, row.number
        return row.latest_edited_at, row.number

    def cursor(self, row: Row[Any], tag: str) -> str:
        """What the next page of the list ``tag`` is asked for by."""
        key, number = self.place(row)
        return cursor_of((f"{tag}.{self.name}", key if self.name == "name" else micros(key), number))


def ordered(
    query: Select[Any], key: Any, number: Any, after: tuple[Any, int] | None, descending: bool
) -> Select[Any]:
    """``query`` in the order of ``key`` and ``number``, from behind ``after`` on."""
    if after is not None:
        # The types are named, or a moment would be bound as text.
        here = tuple_(literal(after[0], key.type), literal(after[1], number.type))
        place = tuple_(key, number)
        query = query.where(place < here if descending else place > here)
    return query.order_by(key.desc(), number.desc()) if descending else query.order_by(key, number)


def numbers_in(
    table: Table,
    place: ColumnElement[bool],
    acls: Sequence[int],
    order: Order,
    after: tuple[Any, int] | None,
    limit: int,
    offset: int = 0,
) -> Select[Any]:
    """Key and number of a page of ``table``'s rows at ``place`` that have one of the rules ``acls``."""
    key, number = order.key(table), table.c.number
    base = select(key.label("key"), number).where(place, table.c.deleted_at.is_(None))
    if len(acls) == 1 or len(acls) > _MOST_MERGED:
        rule = table.c.acl == acls[0] if len(acls) == 1 else table.c.acl.in_(acls)
        query = ordered(base.where(rule), key, number, after, order.descending)
    else:
        pieces = (ordered(base.where(table.c.acl == acl), key, number, after, order.descending) for acl in acls)
        merged = union_all(*(select(p.limit(limit + offset).subquery()) for p in pieces)).subquery()
        query = select(merged.c.key, merged.c.number)
        query = ordered(query, merged.c.key, merged.c.number, None, order.descending)
    return query.limit(limit).offset(offset)


Fetch = Callable[[tuple[Any, int] | None, int], Awaitable[Sequence[Row[Any]]]]


async def pick(
    fetch: Fetch, order: Order, accept: Accept, after: tuple[Any, int] | None, limit: int
) -> list[Row[Any]]:
    """The first ``limit`` rows behind ``after`` that ``accept`` takes; ``fetch`` is asked for batches."""
    taken: list[Row[Any]] = []
    while len(taken) < limit:
        rows = await fetch(after, _BATCH)
        taken += [row for row in rows if accept(row)]
        if len(rows) < _BATCH:
            break
        after = order.place(rows[-1])
    return taken[:limit]


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def moment_of(value: int) -> datetime:
    """What :func:`micros` was given. Raises :class:`BadRequest` for what it cannot have been."""
    try:
        return _EPOCH + value * _MICROSECOND
    except OverflowError:
        raise foreign_cursor() from None

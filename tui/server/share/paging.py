"""Lists of documents, page by page.

A cursor holds where the previous page ended: the value that the list is sorted by, and the document's id; between these
its position, where many documents have the same value. Pages are therefore as fast at the end of a long list as at its
beginning, and stay correct while documents are added or removed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Query
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import InvalidValue
from ...rules.state import Reason, State
from ...wire.share import Documents
from ..database.tables import sent_documents
from . import damaged_rows, serializers
from .caller import Caller, documents_query, well_formed

MAX_PAGE = 500
_DEFAULT_PAGE = 100
_NEVER = 2**62
_LAST = 2**63 - 1

# Each is also one of ``_ORDERS``, and the ``sort`` of a column in ``locations/share_kinds.py``.
Sort = Literal[
    "-sent_at",
    "sent_at",
    "name",
    "-name",
    "downloads",
    "-downloads",
    "expires_at",
    "-expires_at",
    "external",
    "-external",
]

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="The maximum number of items.")]
Cursor = Annotated[
    str | None, Query(max_length=2048, description="The `cursor` of the previous page; none for the first.")
]
SortedBy = Annotated[
    Sort,
    Query(
        description="What to sort by; `-` is descending. No expiry sorts as the latest. `external` has what is "
        "published first, then the rest by its reason. Of the same downloads or expiry, the last sent comes first."
    ),
]
DEFAULT_LIMIT: Limit = _DEFAULT_PAGE


def _microseconds(column: Any) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


#: The position of what was sent when 2020 began: all are later. Those until 2089 have less than this many after it, so
#: that there is room for a state of 0 to 3 before them.
_FIRST_POSITION = 1_577_836_800_000 << 20
_STATE_STEP = 2**61


def _by_state() -> ColumnElement[int]:
    """What is published first, then what is off by its limit, by its expiry, and by hand; of each the last sent
    first."""
    state = case(
        (sent_documents.c.state == State.PUBLISHED, 0),
        (sent_documents.c.reason == Reason.LIMIT, 1),
        (sent_documents.c.reason == Reason.EXPIRED, 2),
        else_=3,
    )
    first = literal(_FIRST_POSITION, BigInteger)
    position = case((sent_documents.c.position < first, first), else_=sent_documents.c.position)
    last_first = literal(_FIRST_POSITION + _STATE_STEP - 1, BigInteger) - position
    return cast(state, BigInteger) * literal(_STATE_STEP, BigInteger) + last_first


_ORDERS: dict[str, ColumnElement[Any]] = {
    "sent_at": sent_documents.c.position,
    "deleted_at": _microseconds(sent_documents.c.deleted_at),
    "name": sent_documents.c.name_key,
    "downloads": sent_documents.c.downloads,
    "external": _by_state(),
    "expires_at": func.coalesce(_microseconds(sent_documents.c.expires_at), _NEVER),
}


#: The orders in which many have the same value: of those, the last sent is first, in both directions.
_MANY_ALIKE = ("downloads", "expires_at")


def _between(sort: str) -> list[ColumnElement[int]]:
    """What a list is sorted by between its value and the id: nothing, or one number."""
    name = sort.removeprefix("-")
    position: ColumnElement[int] = sent_documents.c.position
    return [position if name != sort else -position] if name in _MANY_ALIKE else []


def encode(sort: str, *values: int | str) -> str:
    """The cursor of the page after the document with these values, which the list is sorted by one after the other."""
    text = json.dumps([sort, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, sort: str, *kinds: type[int] | type[str]) -> list[int | str]:
    """The values of these kinds that ``cursor`` encodes for a list sorted by ``sort``, the last of them an id. Raises
    :class:`InvalidValue`."""
    invalid = InvalidValue(
        "cursor.invalid", "The cursor is not from this list. Start again without it.", "cursor"
    )
    try:
        text = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        parts = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid from None
    if not isinstance(parts, list) or [type(part) for part in parts] != [str, *kinds]:
        raise invalid
    order, *values = parts
    if order != sort or not well_formed(values[-1]):
        raise invalid
    for value in values:
        if not (value.isprintable() if isinstance(value, str) else -(2**63) <= value < 2**63):
            raise invalid
    return values


def _end(sort: str, row: Row[Any]) -> str | None:
    """The cursor of the page after ``row``."""
    value, *between = row.order_value, *([row.order_between] if _between(sort) else [])
    if not isinstance(value, str if sort.endswith("name") else int):
        # Changed by hand, to what SQLite sorts after all others.
        if not sort.startswith("-") or sort.endswith("name"):
            return None
        value = _LAST
    return encode(sort, value, *(each if isinstance(each, int) else _LAST for each in between), row.id)


async def page(
    by: Caller,
    connection: AsyncConnection,
    *where: ColumnElement[bool],
    sort: str,
    cursor: str | None,
    limit: int,
    owner: bool,
    wanted: Sequence[ColumnElement[bool]] = (),
) -> Documents:
    """A page of the sent documents that ``where`` selects, and that fit a filter (``sent_filters.conditions``). Raises
    :class:`InvalidValue` for an invalid cursor.
    """
    order = _ORDERS[sort.removeprefix("-")]
    ident = sent_documents.c.id
    descending = sort.startswith("-")
    between = _between(sort)
    keys = (order, *between, ident)
    in_order = [key.desc() for key in keys] if descending else keys
    # SQLite compares in this order: most rows of a filtered list don't fit, and their states needn't be looked at.
    where = (*wanted, *where)
    labelled = [each.label("order_between") for each in between]
    query = documents_query().add_columns(order.label("order_value"), *labelled)
    after: list[ColumnElement[bool]] = []
    if cursor is not None:
        kind = str if order is sent_documents.c.name_key else int
        previous_end = tuple_(*decode(cursor, sort, kind, *(int for _ in between), str))
        row_position = tuple_(*keys)
        after = [row_position < previous_end if descending else row_position > previous_end]
    if wanted:
        # Which rows they are is found in an index; only these are read.
        found = select(ident).where(*where, *after).order_by(*in_order).limit(limit + 1)
        query = query.where(ident.in_((await connection.execute(found)).scalars().all()))
    else:
        query = query.where(*where, *after).limit(limit + 1)
    query = query.order_by(*in_order)
    try:
        rows = (await connection.execute(query)).all()
        listed = serializers.documents(by.context, rows[:limit], owner=owner)
    except damaged_rows.UNREADABLE:
        rows = await damaged_rows.fetch_raw(by.context, connection, query)
        shown = [damaged_rows.readable(by.context, row) for row in rows[:limit]]
        listed = [serializers.document(by.context, row, owner=owner) for row in shown]
    total: int | None = len(rows)
    if wanted and cursor is None and len(rows) > limit:
        # Counting what fits a filter takes as long as the worst search, and nobody has asked for that while typing.
        total = None
    elif cursor is not None or len(rows) > limit:
        count = select(func.count()).select_from(sent_documents).where(*where)
        total = (await connection.execute(count)).scalar_one()
    next_cursor = _end(sort, rows[limit - 1]) if len(rows) > limit else None
    return Documents(documents=listed, cursor=next_cursor, total=total)

"""Lists of documents, page by page.

A cursor holds where the page before ended: the value that the list is sorted by, and the document's id. Pages are
therefore as fast at the end of a long list as at its beginning, and stay right while documents come and go.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query
from sqlalchemy import BigInteger, ColumnElement, func, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import InvalidValue
from ...wire.share import Documents
from ..database.tables import sent_documents
from . import present
from .caller import Caller, documents_query, well_formed

MAX_PAGE = 500
_USUAL_PAGE = 100
_NEVER = 2**62

# Each is also one of ``_ORDERS``, and the ``sort`` of a column in ``locations/share_kinds.py``.
Sort = Literal["-sent_at", "sent_at", "name", "-name", "downloads", "-downloads", "expires_at", "-expires_at"]

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=2048, description="The `cursor` of the page before; none for the first.")
]
SortedBy = Annotated[
    Sort, Query(description="What to sort by; `-` is descending. No expiry counts as the last.")
]
USUAL: Limit = _USUAL_PAGE


def _micros(column: Any) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


_ORDERS: dict[str, ColumnElement[Any]] = {
    "sent_at": _micros(sent_documents.c.sent_at),
    "deleted_at": _micros(sent_documents.c.deleted_at),
    "name": sent_documents.c.name_key,
    "downloads": sent_documents.c.downloads,
    "expires_at": func.coalesce(_micros(sent_documents.c.expires_at), _NEVER),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended."""

    value: int | str
    id: str


def encode(sort: str, value: int | str, ident: str) -> str:
    """The cursor of the page after the item with that value and id."""
    text = json.dumps([sort, value, ident], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, sort: str, kind: type[int] | type[str]) -> _Place:
    """The place that ``cursor`` names in a list sorted so. Raises :class:`InvalidValue`."""
    wrong = InvalidValue(
        "cursor.invalid", "The cursor is not one of this list; begin again without.", "cursor"
    )
    try:
        text = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise wrong from None
    if not isinstance(found, list) or len(found) != 3:
        raise wrong
    order, value, ident = found
    if order != sort or type(value) is not kind or not isinstance(ident, str) or not well_formed(ident):
        raise wrong
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise wrong
    if isinstance(value, str) and not value.isprintable():
        raise wrong
    return _Place(value, ident)


async def page(
    by: Caller,
    connection: AsyncConnection,
    *where: ColumnElement[bool],
    sort: str,
    cursor: str | None,
    limit: int,
    owner: bool,
) -> Documents:
    """A page of the sent documents that ``where`` chooses. Raises :class:`InvalidValue` for a wrong cursor."""
    order = _ORDERS[sort.removeprefix("-")]
    ident = sent_documents.c.id
    descending = sort.startswith("-")
    query = documents_query().add_columns(order.label("order_value")).where(*where)
    if cursor is not None:
        place = decode(cursor, sort, str if order is sent_documents.c.name_key else int)
        ended, here = tuple_(place.value, place.id), tuple_(order, ident)
        query = query.where(here < ended if descending else here > ended)
    query = query.order_by(*((order.desc(), ident.desc()) if descending else (order, ident))).limit(limit + 1)
    rows = (await connection.execute(query)).all()
    count = select(func.count()).select_from(sent_documents).where(*where)
    total = (await connection.execute(count)).scalar_one()
    shown = [present.document(by.context, row, owner=owner) for row in rows[:limit]]
    more = encode(sort, rows[limit - 1].order_value, rows[limit - 1].id) if len(rows) > limit else None
    return Documents(documents=shown, cursor=more, total=total)

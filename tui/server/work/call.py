"""What every call has: who asks, of which library, with which parameters, and how it is answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic_core import to_json
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.convertors import StringConvertor, register_url_convertor

from ...rules.errors import TooLarge
from ..context import Context, context_of
from ..library.actions import Act
from ..library.ids import CUSTOMER, LIBRARY
from ..library.problems import invalid, no_record
from ..people import Person, hold_person, person_of
from .facts import Facts, facts_for
from .looking import Look, looked, written
from .pages import Found
from .parameters import Parameters, cursor_of

#: The longest body that is not an upload, in bytes.
MAX_BODY = 1024 * 1024


class _Scope(StringConvertor):
    """All the beginnings that a call's address can have: each base path, for one library or for all. A client
    puts two slashes before the library."""

    regex = r"(?:work/api/v2|work/web/api/v2|api/v2)/customers/[^/]+(?://?libraries/[^/]+)?"


register_url_convertor("work_scope", _Scope())

#: What the paths of calls begin with.
SCOPE = "/{scope:work_scope}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request of somebody who is signed in."""

    context: Context
    person: Person
    request: Request
    asked: Parameters

    @property
    def host(self) -> str:
        return self.request.url.hostname or "localhost"

    @property
    def location(self) -> str | None:
        """The address that the request came from; ``None`` over a Unix socket."""
        return self.request.client.host if self.request.client else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self.context.database.read() as connection:
            yield connection

    async def looked(self, look: Look) -> Response:
        """What ``look`` answers, as :func:`.looking.looked` has it."""
        return await looked(self.context, self.person, self.request, look)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[Act]:
        """One transaction in which something is done. Raises :class:`NotSignedIn` where the person has gone."""
        async with self.context.database.write() as connection:
            await hold_person(connection, self.person)
            yield Act(self.context, connection, self.person, self.location)

    async def facts(self, connection: AsyncConnection, rows: Iterable[Row[Any]]) -> Facts:
        return await facts_for(self.context, connection, self.person, self.host, rows)

    async def body(self) -> dict[str, Any]:
        """The body, a JSON object; an empty body is an empty one. Raises :class:`BadRequest`, :class:`TooLarge`."""
        raw = await bounded_body(self.request)
        try:
            found = json.loads(raw or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise invalid("body", "The body is no JSON object.")
        return found


async def call_of(request: Request, person: Annotated[Person, Depends(person_of)]) -> Call:
    """The call that a request is (a FastAPI dependency). Raises :class:`NotFound` for a foreign library."""
    scope = request.path_params.get("scope", "")
    parts = scope.partition("/customers/")[2].replace("//", "/").split("/")
    asked = Parameters(request.query_params)
    if scope and parts[0] != str(CUSTOMER):
        raise no_record()
    if len(parts) > 1 and parts[2].upper() != LIBRARY:
        raise no_record()
    return Call(context_of(request), person, request, asked)


#: The parameter of a route that only somebody who is signed in may use.
Asks = Annotated[Call, Depends(call_of)]


async def bounded_body(request: Request, most: int = MAX_BODY) -> bytes:
    """The whole body. Raises :class:`TooLarge` before more than ``most`` bytes are taken."""
    pieces, taken = [], 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > most:
            raise TooLarge("NRC_TOO_LARGE", f"The request's body is over {most:,} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


def form_fields(text: str) -> dict[str, str]:
    """The fields of a form as browsers send it; none where ``text`` is no form."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return {}


def answer(data: Any, status: int = 200, **more: Any) -> Response:
    """``data`` in the protocol's envelope; what is ``None`` of ``more`` is left out."""
    present = {key: value for key, value in more.items() if value is not None}
    # Sooner than a JSONResponse: lists have thousands of fields.
    content = to_json({"data": data, **present})
    return Response(content, status, {"Cache-Control": "no-store"}, "application/json")


async def listing(items: Iterable[Any], found: Found, *, results: bool = False) -> Response:
    """A page of a list, or (``results``) of a search. The last page has no ``cursor``."""
    more = {"total_count": found.total, "cursor": found.cursor}
    return await written(items, results, {key: value for key, value in more.items() if value is not None})


async def overflowing(items: Iterable[Any], found: Found) -> Response:
    """A page of a search that was posted; ``overflow`` tells whether there is more."""
    return await written(items, False, {"overflow": found.cursor is not None})


async def whole(call: Call, items: list[Any]) -> Response:
    """A page of a list that is known as a whole. Raises :class:`BadRequest` for another list's cursor."""
    paging = call.asked.paging
    begin = paging.offset if paging.position is None else max(0, *paging.after("whole", (int,)))
    end = begin + paging.limit
    more = paging.by_cursor and end < len(items)
    cursor = cursor_of(("whole", end)) if more else None
    return await listing(items[begin:end], Found([], cursor, len(items) if paging.total else None))

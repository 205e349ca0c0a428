"""What every API call has in common: the caller, the library, the parameters and the form of the response."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic_core import to_json
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.convertors import StringConvertor, register_url_convertor

from ..accounts.users import Person, hold_person, person_of
from ..context import Context, context_of
from ..library.actions import ActingPerson
from ..library.ids import CUSTOMER, LIBRARY
from ..library.problems import invalid, no_record
from .lookups import Facts, facts_for
from .pages import FoundRows
from .parameters import Parameters, cursor_of
from .query_runner import PageReader, run_in_lane, written


class _Scope(StringConvertor):
    """All prefixes that a call's path can have: each base path, for one library or for all. One client puts two
    slashes before the library."""

    regex = r"(?:work/api/v2|work/web/api/v2|api/v2)/customers/[^/]+(?://?libraries/[^/]+)?"


register_url_convertor("work_scope", _Scope())

#: The prefix of every call's path.
SCOPE = "/{scope:work_scope}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request by a signed-in user."""

    context: Context
    person: Person
    request: Request
    parameters: Parameters

    @property
    def host(self) -> str:
        """The host of the public address, for links to documents in iManage's form."""
        return urlsplit(self.context.public_url).hostname or "localhost"

    @property
    def location(self) -> str | None:
        """The address that the request came from; ``None`` over a Unix socket."""
        return self.request.client.host if self.request.client else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading, in one transaction."""
        async with self.context.database.read() as connection:
            yield connection

    async def run_in_lane(self, read_page: PageReader) -> Response:
        """Run ``read_page`` as :func:`.looking.run_in_lane` does, and return its response."""
        return await run_in_lane(self.context, self.person, self.request, read_page)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[ActingPerson]:
        """Open a transaction for a change. Raises :class:`NotSignedIn` if the person was removed or signed out."""
        async with self.context.database.write() as connection:
            await hold_person(connection, self.person)
            yield ActingPerson(self.context, connection, self.person, self.location)

    async def facts(self, connection: AsyncConnection, rows: Iterable[Row[Any]]) -> Facts:
        """Look up what these rows refer to, as the caller may see it."""
        return await facts_for(self.context, connection, self.person, self.host, rows)

    async def body(self) -> dict[str, Any]:
        """The body as a JSON object, empty for an empty body. Raises :class:`BadRequest`."""
        raw = await self.request.body()
        try:
            found = json.loads(raw or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise invalid("body", "The body must be a JSON object.")
        return found


async def call_of(request: Request, person: Annotated[Person, Depends(person_of)]) -> Call:
    """The :class:`Call` of a request (a FastAPI dependency). Raises :class:`NotFound` for any other library."""
    scope = request.path_params.get("scope", "")
    parts = scope.partition("/customers/")[2].replace("//", "/").split("/")
    parameters = Parameters(request.query_params)
    if scope and parts[0] != str(CUSTOMER):
        raise no_record()
    if len(parts) > 1 and parts[2].upper() != LIBRARY:
        raise no_record()
    return Call(context_of(request), person, request, parameters)


#: The parameter type of routes that require a signed-in user.
CallDep = Annotated[Call, Depends(call_of)]


def form_fields(text: str) -> dict[str, str]:
    """The fields of a URL-encoded form, as browsers send it; none if ``text`` isn't one."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return {}


def answer(data: Any, status: int = 200, **more: Any) -> Response:
    """``data`` in the protocol's envelope, with the fields of ``more`` that aren't ``None``."""
    present = {key: value for key, value in more.items() if value is not None}
    # Faster than a JSONResponse: lists have thousands of fields.
    content = to_json({"data": data, **present})
    return Response(content, status, {"Cache-Control": "no-store"}, "application/json")


async def listing(items: Iterable[Any], found: FoundRows, *, results: bool = False) -> Response:
    """A page of a list, or (``results``) of a search. The last page has no ``cursor``."""
    more = {"total_count": found.total, "cursor": found.cursor}
    return await written(items, results, {key: value for key, value in more.items() if value is not None})


async def overflowing(items: Iterable[Any], found: FoundRows) -> Response:
    """A page of a posted search; ``overflow`` says whether there is more."""
    return await written(items, False, {"overflow": found.cursor is not None})


async def whole(call: Call, items: list[Any]) -> Response:
    """A page of a list that is in memory as a whole. Raises :class:`BadRequest` for another list's cursor."""
    paging = call.parameters.paging
    start = paging.offset if paging.position is None else max(0, *paging.after("whole", (int,)))
    end = start + paging.limit
    more = paging.by_cursor and end < len(items)
    cursor = cursor_of(("whole", end)) if more else None
    return await listing(items[start:end], FoundRows([], cursor, len(items) if paging.total else None))

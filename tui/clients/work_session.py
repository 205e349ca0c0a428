"""What all calls to Work have in common: discovery, addresses, paging, and undocumented calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx

from ..rules.errors import Failed, NotFound, Problem
from ..wire import work_reading as wire
from ..wire.work import Discovery
from .bounded import PageCount
from .connection import ask, call, honour_retry_after, json_of, problem_of, reaching, where
from .target import path_part
from .tokens import TokenSession

T = TypeVar("T")

#: The default number of entries in a page.
PAGE = 200
# The statuses of a server that doesn't know a call, or not in this form.
_NO_SUCH_CALL = (405, 410, 415, 501)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. ``cursor`` leads to the next page and is ``None`` on the last; ``total`` counts the entries of
    all pages, if the server reports it."""

    items: list[T]
    cursor: str | None
    total: int | None


async def pages(page: Callable[[str | None], Coroutine[Any, Any, Page[T]]]) -> AsyncIterator[Page[T]]:
    """All pages of a list, one after the other: ``pages(work.recent)``."""
    cursor, count = None, PageCount()
    while True:
        found = await page(cursor)
        count.add(len(found.items))
        yield found
        if found.cursor is None:
            return
        cursor = found.cursor


class WorkSession(TokenSession):
    """Discovery, addresses, calls and pages."""

    def __init__(self, http: httpx.AsyncClient, **more: Any) -> None:
        """``more`` are the arguments of :class:`TokenSession`."""
        super().__init__(http, **more)
        self._discovering = asyncio.Lock()
        self._discovery: Discovery | None = None
        #: Calls that the server doesn't support, as described in messages. They aren't tried again.
        self._unsupported: set[str] = set()

    # ---------------------------------------------------------------- addresses

    async def discover(self) -> Discovery:
        """Who the token belongs to and the base address of the calls; cached after the first request."""
        async with self._discovering:
            if self._discovery is None:
                try:
                    raw = await self.ask("GET", "/api")
                except NotFound:
                    raw = await self.ask("GET", "/work/api")
                self._discovery = wire.discovery(raw)
                if self._discovery is None:
                    raise self.not_understood("a usable API address")
            return self._discovery

    async def me(self, name: str) -> str:
        """The caller's user id in Work: ``name``, unless Work is a separate server."""
        if not self.apart:
            return name
        try:
            return (await self.discover()).user_id
        except Problem:
            return name

    async def customer_address(self, *parts: str) -> str:
        """The address of a call that isn't specific to a library."""
        discovery = await self.discover()
        try:
            path = httpx.URL(discovery.url).path.rstrip("/")
        except httpx.InvalidURL:
            raise self.not_understood("a usable API address") from None
        tail = "/".join(
            path_part(part, safe="!") for part in ("customers", str(discovery.customer_id), *parts)
        )
        # Discovery determines only the path: the token must go to no other host than the configured one.
        return str(self.http.base_url.copy_with(path=f"{path}/{tail}", query=None))

    async def address(self, of: str | None, *parts: str) -> str:
        """The address of a call in the library of the id ``of``, or in the preferred library."""
        library = of.rpartition("!")[0] if of else ""
        library = library or (await self.discover()).library or await self._first_library()
        return await self.customer_address("libraries", library, *parts)

    async def _first_library(self) -> str:
        """The library to use if the server names no preferred one; cached after the first request."""
        raw = await self.ask("GET", await self.customer_address("libraries"))
        libraries = [entry for entry in map(wire.library, wire.items(raw)) if entry is not None]
        if not libraries:
            raise self.not_understood("any libraries")
        visible = [entry for entry in libraries if not entry.is_hidden]
        library = (visible or libraries)[0].id
        assert self._discovery is not None
        self._discovery.library = library
        return library

    # ---------------------------------------------------------------- calls

    async def ask(
        self, method: str, address: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        """Make a call and return the response's JSON."""
        response = await self.authorized(
            lambda: call(self.http, method, address, params=params, body=body, waits=True)
        )
        return json_of(response)

    async def response(self, method: str, address: str, body: Any = None) -> httpx.Response:
        """Make a call and return the response with any status but 401 and 429, which are handled or raised."""

        async def act() -> httpx.Response:
            with reaching(self.http):
                response = await ask(self.http, method, address, json=body)
            if response.status_code in (401, 429):
                raise problem_of(response)
            return response

        return await self.authorized(lambda: honour_retry_after(act))

    async def page(
        self,
        address: str,
        read: Callable[[Any], T | None],
        cursor: str | None,
        limit: int,
        params: Mapping[str, Any] | None = None,
        *,
        by_offset: bool = False,
        counted: bool = True,
    ) -> Page[T]:
        """Read one page. Asks for cursor paging unless ``by_offset``, and falls back to offsets if no cursor comes.

        The total is requested if ``counted``; it is expensive in searches. A cursor here is ``c:`` and the server's own
        cursor, or ``o:OFFSET:ID`` with the first id of the previous page.
        """
        mode, _, rest = (cursor or "").partition(":")
        offset, _, previous_first = rest.partition(":") if mode == "o" else ("0", "", "")
        query: dict[str, Any] = {**(params or {}), "limit": limit, "total": "true" if counted else None}
        if mode == "o" or by_offset:
            query["offset"] = offset
        else:
            query |= {"paging_mode": "standard_cursor", "cursor": rest or None}
        raw = await self.ask("GET", address, query)
        entries = wire.items(raw)
        total = raw.get("total_count") if isinstance(raw, Mapping) else None
        total = total if isinstance(total, int) else None
        first = _id_of(entries[0]) if entries else ""
        if mode == "o" and previous_first and first == previous_first:
            # The server ignores the offset and would return the first page forever.
            return Page([], None, total)
        server_cursor = raw.get("cursor") if isinstance(raw, Mapping) else None
        next_cursor = None
        if isinstance(server_cursor, str) and server_cursor and "offset" not in query:
            next_cursor = f"c:{server_cursor}" if f"c:{server_cursor}" != cursor else None
        elif mode != "c" and len(entries) >= limit:
            end = int(offset) + len(entries)
            next_cursor = f"o:{end}:{first}" if total is None or end < total else None
        return Page([entry for entry in map(read, entries) if entry is not None], next_cursor, total)

    async def filtered(
        self,
        address: str,
        read: Callable[[Any], T | None],
        cursor: str | None,
        limit: int,
        params: Mapping[str, Any],
    ) -> Page[T]:
        """Read one page as :meth:`page` does, of a list that can be filtered by name or text.

        In cursor mode servers ignore texts, and may match names literally only; those lists are read by offset.
        """
        if params.get("anywhere") is not None:
            return await self.page(address, read, cursor, limit, params, by_offset=True)
        found = await self.page(address, read, cursor, limit, params)
        if found.items or cursor is not None or params.get("name") is None:
            return found
        return await self.page(address, read, cursor, limit, params, by_offset=True)

    async def guess(self, method: str, address: str, body: Any, what: str, words: str) -> Any:
        """Make a call that isn't publicly documented. Returns the response's JSON, or ``None`` for an empty response.

        Raises :class:`Failed` ``WHAT.unsupported`` if the server doesn't know the call, which then isn't tried again.
        """
        if words in self._unsupported:
            raise self.unsupported(what, words)
        response = await self.response(method, address, body)
        if response.is_success:
            return json_of(response) if response.content else None
        problem = problem_of(response)
        # If the server knows the call but not the object, the error has Work's own code.
        is_unknown = response.status_code == 404 and problem.code != "NRC_NO_RECORD"
        if is_unknown or response.status_code in _NO_SUCH_CALL:
            self._unsupported.add(words)
            raise self.unsupported(what, words) from problem
        raise problem

    # ---------------------------------------------------------------- problems

    def unsupported(self, what: str, words: str) -> Failed:
        """The problem if a server refuses an undocumented call: ``what`` begins its code, ``words`` say what was
        wanted."""
        return Failed(
            f"{what}.unsupported",
            f"The Work server {where(self.http)} doesn't let other programs {words}; do it in iManage Work.",
        )

    def found(self, entry: T | None) -> T:
        """Return ``entry``, which the response must have. Raises :class:`Failed` if it is ``None``."""
        if entry is None:
            raise self.not_understood("the requested data")
        return entry


def data_of(raw: Any) -> Any:
    """The value under ``data``, or ``None``."""
    return raw.get("data") if isinstance(raw, Mapping) else None


def _id_of(raw: Any) -> str:
    return str(raw.get("id") or "") if isinstance(raw, Mapping) else ""

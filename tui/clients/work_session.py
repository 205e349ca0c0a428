"""What all calls to Work have in common: discovery, addresses, pages, and guessed calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx

from ..rules.errors import Failed, NotFound, Problem
from ..wire import work as wire
from ..wire.work import Discovery
from .connection import ask, call, json_of, problem_of, reaching, when_asked, where
from .target import path_part
from .tokens import TokenSession

T = TypeVar("T")

#: Entries of a page where the caller does not say.
PAGE = 200
# Answers of servers that do not know a call, or not in this form.
_NO_SUCH_CALL = (405, 410, 415, 501)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A piece of a list. ``cursor`` gives the next one, ``None`` on the last; ``total`` is that of all pages,
    where the server tells it."""

    items: list[T]
    cursor: str | None
    total: int | None


async def pages(page: Callable[[str | None], Coroutine[Any, Any, Page[T]]]) -> AsyncIterator[Page[T]]:
    """All pages of a list, one after the other: ``pages(work.recent)``."""
    cursor = None
    while True:
        found = await page(cursor)
        yield found
        if found.cursor is None:
            return
        cursor = found.cursor


class WorkSession(TokenSession):
    """Discovery, addresses, calls and pages."""

    def __init__(self, http: httpx.AsyncClient, **more: Any) -> None:
        """``more`` is that of :class:`TokenSession`."""
        super().__init__(http, **more)
        self._discovering = asyncio.Lock()
        self._discovery: Discovery | None = None
        #: What the server has said it does not take, in words; it is not asked for again.
        self._off: set[str] = set()

    # ---------------------------------------------------------------- addresses

    async def discover(self) -> Discovery:
        """Who the token belongs to and where the calls are; asked once."""
        async with self._discovering:
            if self._discovery is None:
                try:
                    raw = await self.ask("GET", "/api")
                except NotFound:
                    raw = await self.ask("GET", "/work/api")
                self._discovery = wire.discovery(raw)
                if self._discovery is None:
                    raise self.not_understood("where its calls are")
            return self._discovery

    async def me(self, name: str) -> str:
        """What the caller is called in this Work: ``name``, unless it is a server of its own."""
        if not self.apart:
            return name
        try:
            return (await self.discover()).user_id
        except Problem:
            return name

    async def customer_address(self, *parts: str) -> str:
        """The address of a call that is for all libraries."""
        discovery = await self.discover()
        try:
            path = httpx.URL(discovery.url).path.rstrip("/")
        except httpx.InvalidURL:
            raise self.not_understood("where its calls are") from None
        tail = "/".join(
            path_part(part, safe="!") for part in ("customers", str(discovery.customer_id), *parts)
        )
        # Only the path is the server's to choose: the token goes to the host that was configured.
        return str(self.http.base_url.copy_with(path=f"{path}/{tail}", query=None))

    async def address(self, of: str | None, *parts: str) -> str:
        """The address of a call in the library of the id ``of``, or in the preferred one."""
        library = of.rpartition("!")[0] if of else ""
        library = library or (await self.discover()).library or await self._first_library()
        return await self.customer_address("libraries", library, *parts)

    async def _first_library(self) -> str:
        """The library of a server that tells of none as the preferred one; asked once."""
        raw = await self.ask("GET", await self.customer_address("libraries"))
        found = [entry for entry in map(wire.library, wire.items(raw)) if entry is not None]
        if not found:
            raise self.not_understood("which libraries it has")
        shown = [entry for entry in found if not entry.is_hidden]
        library = (shown or found)[0].id
        assert self._discovery is not None
        self._discovery.library = library
        return library

    # ---------------------------------------------------------------- calls

    async def ask(
        self, method: str, address: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        """A call and its answer's JSON."""
        response = await self.authorized(
            lambda: call(self.http, method, address, params=params, body=body, waits=True)
        )
        return json_of(response)

    async def response(self, method: str, address: str, body: Any = None) -> httpx.Response:
        """A call and its answer, whatever that is, unless it is of signing in or of coming again later."""

        async def act() -> httpx.Response:
            with reaching(self.http):
                answer = await ask(self.http, method, address, json=body)
            if answer.status_code in (401, 429):
                raise problem_of(answer)
            return answer

        return await self.authorized(lambda: when_asked(act))

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
        """One page. The first asks for a cursor unless ``by_offset``; where none comes, offsets are counted.
        The total is asked for where it is ``counted``, which a search makes dear.

        A cursor here is ``c:`` and the server's own, or ``o:OFFSET:ID`` with the first id of the page before.
        """
        kind, _, rest = (cursor or "").partition(":")
        offset, _, before = rest.partition(":") if kind == "o" else ("0", "", "")
        asked: dict[str, Any] = {**(params or {}), "limit": limit, "total": "true" if counted else None}
        if kind == "o" or by_offset:
            asked["offset"] = offset
        else:
            asked |= {"paging_mode": "standard_cursor", "cursor": rest or None}
        raw = await self.ask("GET", address, asked)
        found = wire.items(raw)
        total = raw.get("total_count") if isinstance(raw, Mapping) else None
        total = total if isinstance(total, int) else None
        first = _id_of(found[0]) if found else ""
        if kind == "o" and before and first == before:
            # A server that takes no offset gives the first page for ever.
            return Page([], None, total)
        given = raw.get("cursor") if isinstance(raw, Mapping) else None
        following = None
        if isinstance(given, str) and given and "offset" not in asked:
            following = f"c:{given}" if f"c:{given}" != cursor else None
        elif kind != "c" and len(found) >= limit:
            end = int(offset) + len(found)
            following = f"o:{end}:{first}" if total is None or end < total else None
        return Page([entry for entry in map(read, found) if entry is not None], following, total)

    async def filtered(
        self,
        address: str,
        read: Callable[[Any], T | None],
        cursor: str | None,
        limit: int,
        params: Mapping[str, Any],
    ) -> Page[T]:
        """As :meth:`page`, of a list that may be asked for by name or text.

        In cursor mode a server may take names at their letter, and ignores texts.
        """
        if params.get("anywhere") is not None:
            return await self.page(address, read, cursor, limit, params, by_offset=True)
        found = await self.page(address, read, cursor, limit, params)
        if found.items or cursor is not None or params.get("name") is None:
            return found
        return await self.page(address, read, cursor, limit, params, by_offset=True)

    async def guess(self, method: str, address: str, body: Any, what: str, words: str) -> Any:
        """A call that no public source tells the form of; answers its JSON, or ``None`` where it has none.

        Raises :class:`Failed` ``WHAT.unsupported`` where the server does not know it; it is not asked again then.
        """
        if words in self._off:
            raise self.unsupported(what, words)
        response = await self.response(method, address, body)
        if response.is_success:
            return json_of(response) if response.content else None
        problem = problem_of(response)
        # Where the call is known, and what it names is not, the error has Work's own code.
        unknown = response.status_code == 404 and problem.code != "NRC_NO_RECORD"
        if unknown or response.status_code in _NO_SUCH_CALL:
            self._off.add(words)
            raise self.unsupported(what, words) from problem
        raise problem

    # ---------------------------------------------------------------- problems

    def unsupported(self, what: str, words: str) -> Failed:
        return Failed(
            f"{what}.unsupported",
            f"The Work server {where(self.http)} doesn't let other programs {words}; do it in iManage Work.",
        )

    def found(self, entry: T | None) -> T:
        """``entry``, which an answer must have had."""
        if entry is None:
            raise self.not_understood("what was asked for")
        return entry


def data_of(raw: Any) -> Any:
    """What is under ``data``, or ``None``."""
    return raw.get("data") if isinstance(raw, Mapping) else None


def _id_of(raw: Any) -> str:
    return str(raw.get("id") or "") if isinstance(raw, Mapping) else ""

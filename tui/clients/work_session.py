"""What all calls to Work have in common: tokens, discovery, addresses, pages, and guessed calls."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import httpx

from ..rules.errors import Failed, InvalidValue, NotFound, NotSignedIn
from ..rules.text import printable
from ..wire import work as wire
from ..wire.work import Discovery, Tokens
from .connection import call, json_of, problem_of, reaching, where

T = TypeVar("T")

#: Entries of a page where the caller does not say.
PAGE = 200


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


class _Token(httpx.Auth):
    """Adds a token to requests for one server only."""

    def __init__(self, token: str, base: httpx.URL) -> None:
        self._token, self._base = token, base

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if (request.url.scheme, request.url.netloc) == (self._base.scheme, self._base.netloc):
            request.headers["X-Auth-Token"] = self._token
        yield request


class WorkSession:
    """With a ``refresh_token``, an access token that has ended is renewed once and the call is made again;
    ``on_tokens`` is told the new tokens, so that they can be kept."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        refresh_token: str | None = None,
        client_id: str = "web",
        client_secret: str = "ignore",  # noqa: S107  (what servers take that ask for none)
        on_tokens: Callable[[Tokens], None] | None = None,
    ) -> None:
        self.http = http
        #: Rises with each renewal of the token.
        self.generation = 0
        self._refresh_token = refresh_token
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._on_tokens = on_tokens
        self._renewing = asyncio.Lock()
        self._discovering = asyncio.Lock()
        self._discovery: Discovery | None = None

    # ---------------------------------------------------------------- tokens

    async def sign_in(self, user: str, password: str) -> Tokens:
        """Gets tokens for name and password, and uses them from now on. Raises :class:`NotSignedIn`."""
        return await self._grant({"grant_type": "password", "username": user, "password": password})

    async def _grant(self, form: Mapping[str, str]) -> Tokens:
        response = await call(
            self.http,
            "POST",
            "/auth/oauth2/token",
            content=urlencode({**form, **self._client, "scope": "user"}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        tokens = wire.tokens(json_of(response))
        if tokens is None or not tokens.access_token.isascii():
            raise self._not_understood("its tokens")
        self.http.auth = _Token(tokens.access_token, self.http.base_url)
        self._refresh_token = tokens.refresh_token or self._refresh_token
        self.generation += 1
        if self._on_tokens:
            self._on_tokens(tokens)
        return tokens

    async def renew(self, generation: int) -> bool:
        """Whether there is a newer token now than the one of ``generation``."""
        async with self._renewing:
            if self.generation != generation:
                return True
            if self._refresh_token is None:
                return False
            try:
                await self._grant({"grant_type": "refresh_token", "refresh_token": self._refresh_token})
            except (NotSignedIn, InvalidValue):
                self._refresh_token = None
                return False
            return True

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
                    raise self._not_understood("where its calls are")
            return self._discovery

    async def customer_address(self, *parts: str) -> str:
        """The address of a call that is for all libraries."""
        discovery = await self.discover()
        try:
            path = httpx.URL(discovery.url).path.rstrip("/")
        except httpx.InvalidURL:
            raise self._not_understood("where its calls are") from None
        tail = "/".join(quote(part, safe="!.") for part in ("customers", str(discovery.customer_id), *parts))
        # Only the path is the server's to choose: the token goes to the host that was configured.
        return str(self.http.base_url.copy_with(path=f"{path}/{tail}", query=None))

    async def address(self, of: str | None, *parts: str) -> str:
        """The address of a call in the library of the id ``of``, or in the preferred one."""
        library = of.rpartition("!")[0] if of else ""
        library = library or (await self.discover()).library
        return await self.customer_address("libraries", library, *parts)

    # ---------------------------------------------------------------- calls

    async def ask(
        self, method: str, address: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        """A call and its answer's JSON; where the token has ended it is renewed once, and the call made again."""
        generation = self.generation
        try:
            response = await call(self.http, method, address, params=params, body=body)
        except NotSignedIn:
            if not await self.renew(generation):
                raise
            response = await call(self.http, method, address, params=params, body=body)
        return json_of(response)

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

    async def guess(self, method: str, address: str, body: Any, what: str, words: str) -> Any:
        """A call that no public source tells the form of; answers its JSON, or ``None`` where it has none.

        Raises :class:`Failed` ``WHAT.unsupported`` where the server does not know it.
        """
        generation = self.generation
        for attempt in (1, 2):
            with reaching(self.http):
                response = await self.http.request(method, address, json=body)
            if response.status_code != 401 or attempt == 2 or not await self.renew(generation):
                break
        if response.is_success:
            return json_of(response) if response.content else None
        problem = problem_of(response)
        # Where the call is known, and what it names is not, the error has Work's own code.
        if response.status_code in (405, 501) or (
            response.status_code == 404 and problem.code != "NRC_NO_RECORD"
        ):
            raise self.unsupported(what, words) from problem
        raise problem

    # ---------------------------------------------------------------- problems

    def unsupported(self, what: str, words: str) -> Failed:
        return Failed(
            f"{what}.unsupported",
            f"The Work server {where(self.http)} lets no other program {words}; do it in iManage Work.",
        )

    def found(self, entry: T | None) -> T:
        """``entry``, which an answer must have had."""
        if entry is None:
            raise self._not_understood("what was asked for")
        return entry

    def _not_understood(self, what: str) -> Failed:
        return Failed(
            "answer.not_understood",
            f"The server {where(self.http)} does not say {what}; see whether it is an iManage Work server.",
        )


def data_of(raw: Any) -> Any:
    """What is under ``data``, or ``None``."""
    return raw.get("data") if isinstance(raw, Mapping) else None


def _id_of(raw: Any) -> str:
    return str(raw.get("id") or "") if isinstance(raw, Mapping) else ""


async def checked(
    pieces: AsyncIterator[bytes],
    document_id: str,
    start: int,
    skip: int,
    size: int | None,
    sha256: str | None,
) -> AsyncIterator[bytes]:
    """``pieces`` without the first ``skip`` bytes, held against ``size`` and (from the beginning) ``sha256``.

    The last piece is given out only when both are right, so that nobody takes other bytes for the document.
    """
    digest = hashlib.sha256() if sha256 is not None and start == 0 else None
    position, held = start - skip, b""
    async for piece in pieces:
        position += len(piece)
        if size is not None and position > size:
            raise _changed(document_id)
        if digest is not None:
            digest.update(piece)
        if skip:
            piece, skip = piece[skip:], max(0, skip - len(piece))
        if held and piece:
            yield held
        held = piece or held
    if (
        skip
        or (size is not None and position != size)
        or (digest is not None and digest.hexdigest() != sha256)
    ):
        raise _changed(document_id)
    if held:
        yield held


def _changed(document_id: str) -> Failed:
    return Failed(
        "document.changed",
        f"{printable(document_id)} is not what Work's list says (another size or checksum); "
        "reload the list and try again.",
    )

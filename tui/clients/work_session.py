"""What all calls to Work have in common: tokens, discovery, addresses, pages, and guessed calls."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from time import time
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from ..rules.errors import Failed, NotFound, NotSignedIn, Problem
from ..rules.text import printable
from ..wire import work as wire
from ..wire.work import Discovery
from .answers import said
from .connection import TokenAuth, call, checked_token, json_of, problem_of, reaching, when_asked, where
from .target import Grant, GrantStore, Registration

T = TypeVar("T")

#: Entries of a page where the caller does not say.
PAGE = 200
#: So many seconds before its end a token is renewed: what takes long to send is then not sent in vain.
_EARLY = 30.0
_LOOK_AGAIN = 0.05
_REFUSED = "The server {} did not take the sign-in; see whether name, password and client id are right."
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


class WorkSession:
    """With a ``grant`` that can be renewed, an access token that has ended is renewed once for all calls under way,
    and those are made again. The tokens of a ``store`` are shared with other processes that use it; ``on_grant`` is
    told new ones. ``apart``: the server is another one than the one that publishes."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        registration: Registration | None = None,
        grant: Grant | None = None,
        store: GrantStore | None = None,
        on_grant: Callable[[Grant], None] | None = None,
        apart: bool = False,
    ) -> None:
        self.http = http
        self.apart = apart
        #: Rises with each renewal of the token.
        self.generation = 0
        self._registration = registration or Registration()
        #: The tokens as they are known here; without one that renews, nothing is renewed.
        self._grant = grant or Grant("")
        self._store = store
        self._on_grant = on_grant
        self._renewing = asyncio.Lock()
        self._discovering = asyncio.Lock()
        self._discovery: Discovery | None = None
        #: What the server has said it does not take, and is not asked for again.
        self._off: dict[str, Failed] = {}

    # ---------------------------------------------------------------- tokens

    async def sign_in(self, user: str, password: str) -> Grant:
        """Gets tokens for name and password, and uses them from now on. Raises :class:`NotSignedIn`."""
        return await self._granted({"grant_type": "password", "username": user, "password": password})

    async def revoke(self, access: str) -> None:
        """Ends a token at the server, with what renews it. Raises :class:`Problem` where it does not."""
        response = await self._post_form("/auth/oauth2/revoke-token", {"access_token": access})
        if not response.is_success:
            raise problem_of(response)

    async def _post_form(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        with reaching(self.http):
            return await self.http.post(path, data=dict(fields))

    async def redeem(self, code: str, redirect: str, verifier: str) -> Grant:
        """Gets tokens for the code that a browser was given, which was to come to ``redirect``; ``verifier`` proves
        that it was asked for here. Raises :class:`Problem` where it is not good."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        return await self._granted(form)

    async def _granted(self, form: Mapping[str, str]) -> Grant:
        given = {**form, **self._registration.fields(), "scope": self._registration.scope}
        response = await self._post_form("/auth/oauth2/token", given)
        if response.status_code in (400, 401):
            # OAuth 2 refuses with the one what others refuse with the other.
            code, sentence, _ = said(response)
            raise NotSignedIn(code or "sign_in.refused", sentence or _REFUSED.format(where(self.http)))
        if not response.is_success:
            raise problem_of(response)
        tokens = wire.tokens(json_of(response))
        if tokens is None:
            raise self._not_understood("its tokens")
        # A server that renews an access token only leaves the other one as it is.
        before = self._grant.refresh if form["grant_type"] == "refresh_token" else None
        ends = None if tokens.expires_in is None else time() + tokens.expires_in
        grant = Grant(checked_token(tokens.access_token), tokens.refresh_token or before, ends)
        self._use(grant)
        if self._on_grant:
            self._on_grant(grant)
        return grant

    def _use(self, grant: Grant) -> None:
        self.http.auth = TokenAuth(grant.access, self.http.base_url)
        self._grant = grant
        self.generation += 1

    async def renew(self, generation: int) -> bool:
        """Whether there is a newer token now than the one of ``generation``."""
        async with self._renewing:
            if self.generation != generation:
                return True
            if self._store is None:
                return await self._renewed()
            async with _held(self._store):
                kept = await asyncio.to_thread(self._store.load)
                if kept is not None and kept.access != self._grant.access:
                    # Another process was faster, and has used up what would renew the token that is known here.
                    self._use(kept)
                    return True
                renewed = await self._renewed()
                if renewed:
                    # Where they cannot be kept they still serve this process; the next one asks to sign in.
                    with suppress(Problem):
                        await asyncio.to_thread(self._store.save, self._grant)
                return renewed

    async def _renewed(self) -> bool:
        if self._grant.refresh is None:
            return False
        try:
            await self._granted({"grant_type": "refresh_token", "refresh_token": self._grant.refresh})
        except NotSignedIn:
            self._grant = Grant(self._grant.access)
            return False
        return True

    async def authorized(self, act: Callable[[], Awaitable[T]]) -> T:
        """What ``act`` answers; where the token has ended it is renewed once, and ``act`` done again."""
        known = self._grant
        if known.refresh is not None and known.expires_at is not None and time() > known.expires_at - _EARLY:
            await self.renew(self.generation)
        generation = self.generation
        try:
            return await act()
        except NotSignedIn as problem:
            if not await self.renew(generation):
                raise self._signed_out(problem) from problem
        try:
            return await act()
        except NotSignedIn as problem:
            raise self._signed_out(problem) from problem

    def _signed_out(self, problem: NotSignedIn) -> NotSignedIn:
        if not self.apart:
            return problem
        return NotSignedIn(
            "work.not_signed_in",
            f"You are not signed in to the Work server {where(self.http)}, or no longer; "
            "sign in with sentlinks login --work.",
        )

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
            raise self._not_understood("where its calls are") from None
        tail = "/".join(quote(part, safe="!.") for part in ("customers", str(discovery.customer_id), *parts))
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
            raise self._not_understood("which libraries it has")
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
                answer = await self.http.request(method, address, json=body)
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

    async def guess(self, method: str, address: str, body: Any, what: str, words: str) -> Any:
        """A call that no public source tells the form of; answers its JSON, or ``None`` where it has none.

        Raises :class:`Failed` ``WHAT.unsupported`` where the server does not know it; it is not asked again then.
        """
        if what in self._off:
            raise self._off[what]
        response = await self.response(method, address, body)
        if response.is_success:
            return json_of(response) if response.content else None
        problem = problem_of(response)
        # Where the call is known, and what it names is not, the error has Work's own code.
        unknown = response.status_code == 404 and problem.code != "NRC_NO_RECORD"
        if unknown or response.status_code in _NO_SUCH_CALL:
            self._off[what] = self.unsupported(what, words)
            raise self._off[what] from problem
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


@asynccontextmanager
async def _held(store: GrantStore) -> AsyncIterator[None]:
    """Holds the store for this process. Another one is not waited for in a thread, which could not be given up."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(store.exclusively())
                break
            except BlockingIOError:
                await asyncio.sleep(_LOOK_AGAIN)
        yield


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

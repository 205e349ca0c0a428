"""The tokens of a sign-in with Work: how they are got, renewed, shared with other processes, and ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from time import time
from typing import TypeVar

import httpx

from ..rules.errors import Failed, NotSignedIn, Problem
from ..wire import work as wire
from .answers import said
from .connection import TokenAuth, ask, checked_token, json_of, problem_of, reaching, where
from .target import Grant, GrantStore, Registration

T = TypeVar("T")

#: So many seconds before its end a token is renewed: what takes long to send is then not sent in vain.
_EARLY = 30.0
_LOOK_AGAIN = 0.05
_REFUSED = "The server {} refused the sign-in; check name, password and client id."


class TokenSession:
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
        self._renewals: set[asyncio.Task[bool]] = set()

    async def sign_in(self, user: str, password: str) -> Grant:
        """Gets tokens for name and password, and uses them from now on. Raises :class:`NotSignedIn`."""
        return await self._granted({"grant_type": "password", "username": user, "password": password})

    async def revoke(self, access: str, refresh: str | None = None) -> None:
        """Ends a token at the server, with what renews it: the server may know ``refresh`` alone of a sign-in that was
        not used for long. Raises :class:`Problem` where it does not."""
        more = {} if refresh is None else {"refresh_token": refresh}
        response = await self._post_form("/auth/oauth2/revoke-token", {"access_token": access, **more})
        if not response.is_success:
            raise problem_of(response)

    async def _post_form(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        with reaching(self.http):
            return await ask(self.http, "POST", path, data=dict(fields))

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
            raise self.not_understood("its tokens")
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
        """Whether there is a newer token now than the one of ``generation``.

        Whoever gives up waiting for it does not give up the renewal: what renews a token can be used once.
        """
        renewal = asyncio.create_task(self._renew(generation))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewed_for)
        return await asyncio.shield(renewal)

    def _renewed_for(self, renewal: asyncio.Task[bool]) -> None:
        self._renewals.discard(renewal)
        if not renewal.cancelled():
            # It is told whoever waits, and nobody else.
            renewal.exception()

    async def _renew(self, generation: int) -> bool:
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
            f"You are not signed in to the Work server {where(self.http)}; "
            "sign in with sentlinks login --work.",
        )

    def not_understood(self, what: str) -> Failed:
        """The failure for an answer that lacks ``what``."""
        return Failed(
            "answer.not_understood",
            f"The server {where(self.http)} does not say {what}; check that it is an iManage Work server.",
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

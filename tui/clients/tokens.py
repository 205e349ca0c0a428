"""The tokens of a Work sign-in: getting, renewing, sharing with other processes, and revoking them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from time import time
from typing import TypeVar

import httpx

from ..rules.errors import Failed, NotSignedIn, Problem
from ..wire import work_reading as wire
from .connection import TokenAuth, ask, checked_token, json_of, problem_of, reaching, where
from .responses import error_details
from .work_target import GrantStore, Registration, TokenGrant

T = TypeVar("T")

#: A token is renewed this many seconds before it expires, so that a long upload isn't sent in vain.
_RENEW_EARLY = 30.0
_LOCK_POLL_SECONDS = 0.05
_REFUSED = "The server {} refused the sign-in; check name, password and client id."


class TokenSession:
    """Calls with an access token that is renewed as needed.

    If ``grant`` can be renewed, an expired access token is renewed once for all pending calls, which are then repeated.
    Tokens are shared with other processes through ``store``; ``on_grant`` is called with new ones. ``apart``: the
    server isn't the one that publishes.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        registration: Registration | None = None,
        grant: TokenGrant | None = None,
        store: GrantStore | None = None,
        on_grant: Callable[[TokenGrant], None] | None = None,
        apart: bool = False,
    ) -> None:
        self.http = http
        self.apart = apart
        #: Increases with each new token.
        self.generation = 0
        self._registration = registration or Registration()
        #: The current tokens; without a refresh token, nothing is renewed.
        self._grant = grant or TokenGrant("")
        self._store = store
        self._on_grant = on_grant
        self._renew_lock = asyncio.Lock()
        self._renewals: set[asyncio.Task[bool]] = set()

    async def sign_in(self, user: str, password: str) -> TokenGrant:
        """Get tokens for a name and password, and use them from now on. Raises :class:`NotSignedIn`."""
        return await self._granted({"grant_type": "password", "username": user, "password": password})

    async def revoke(self, access: str, refresh: str | None = None) -> None:
        """Revoke an access token and its refresh token at the server.

        Both are sent: of a sign-in that wasn't used for long, the server may know only ``refresh``. Raises
        :class:`Problem` if the server refuses.
        """
        more = {} if refresh is None else {"refresh_token": refresh}
        response = await self._post_form("/auth/oauth2/revoke-token", {"access_token": access, **more})
        if not response.is_success:
            raise problem_of(response)

    async def _post_form(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        with reaching(self.http):
            return await ask(self.http, "POST", path, data=dict(fields))

    async def redeem(self, code: str, redirect: str, verifier: str) -> TokenGrant:
        """Get tokens for the code that the browser brought to ``redirect``; ``verifier`` proves that it is ours.

        Raises :class:`Problem` if the code isn't valid.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        return await self._granted(form)

    async def _granted(self, form: Mapping[str, str]) -> TokenGrant:
        fields = {**form, **self._registration.fields(), "scope": self._registration.scope}
        response = await self._post_form("/auth/oauth2/token", fields)
        if response.status_code in (400, 401):
            # OAuth 2 rejects a grant with 400, other servers with 401.
            code, sentence, _ = error_details(response)
            raise NotSignedIn(code or "sign_in.refused", sentence or _REFUSED.format(where(self.http)))
        if not response.is_success:
            raise problem_of(response)
        tokens = wire.tokens(json_of(response))
        if tokens is None:
            raise self.not_understood("any tokens")
        # A server that renews only the access token leaves the refresh token as it is.
        previous_refresh = self._grant.refresh if form["grant_type"] == "refresh_token" else None
        expires_at = None if tokens.expires_in is None else time() + tokens.expires_in
        grant = TokenGrant(
            checked_token(tokens.access_token), tokens.refresh_token or previous_refresh, expires_at
        )
        self._use(grant)
        if self._on_grant:
            self._on_grant(grant)
        return grant

    def _use(self, grant: TokenGrant) -> None:
        self.http.auth = TokenAuth(grant.access, self.http.base_url)
        self._grant = grant
        self.generation += 1

    async def renew(self, generation: int) -> bool:
        """Renew the token unless it is newer than ``generation``. Returns whether there is a newer one now.

        Cancelling the caller doesn't cancel the renewal, because a refresh token can be used only once.
        """
        renewal = asyncio.create_task(self._renew(generation))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewal_done)
        return await asyncio.shield(renewal)

    def _renewal_done(self, renewal: asyncio.Task[bool]) -> None:
        self._renewals.discard(renewal)
        if not renewal.cancelled():
            # The caller gets the exception; reading it here prevents asyncio's warning if no one is waiting.
            renewal.exception()

    async def _renew(self, generation: int) -> bool:
        async with self._renew_lock:
            if self.generation != generation:
                return True
            if self._store is None:
                return await self._try_refresh()
            async with _store_lock(self._store):
                stored = await asyncio.to_thread(self._store.load)
                if stored is not None and stored.access != self._grant.access:
                    # Another process was faster and has used up our refresh token.
                    self._use(stored)
                    return True
                renewed = await self._try_refresh()
                if renewed:
                    # If they can't be stored, they still work in this process; the next one has to sign in.
                    with suppress(Problem):
                        await asyncio.to_thread(self._store.save, self._grant)
                return renewed

    async def _try_refresh(self) -> bool:
        if self._grant.refresh is None:
            return False
        try:
            await self._granted({"grant_type": "refresh_token", "refresh_token": self._grant.refresh})
        except NotSignedIn:
            self._grant = TokenGrant(self._grant.access)
            return False
        return True

    async def authorized(self, act: Callable[[], Awaitable[T]]) -> T:
        """Return the result of ``act``; if the token has expired, renew it once and repeat ``act``."""
        grant = self._grant
        if (
            grant.refresh is not None
            and grant.expires_at is not None
            and time() > grant.expires_at - _RENEW_EARLY
        ):
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
        """The problem for a response that lacks ``what``."""
        return Failed(
            "answer.not_understood",
            f"The server {where(self.http)} did not return {what}; check that it is an iManage Work server.",
        )


@asynccontextmanager
async def _store_lock(store: GrantStore) -> AsyncIterator[None]:
    """Lock the store for this process. Polls for the lock, because waiting in a thread couldn't be cancelled."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(store.exclusively())
                break
            except BlockingIOError:
                await asyncio.sleep(_LOCK_POLL_SECONDS)
        yield

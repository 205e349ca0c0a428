"""The separate Work server, next to the server that publishes: which one is used, and how to sign in to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from ..clients.target import Target, check_url
from ..clients.work_target import GrantStore, Registration, TokenGrant, WorkTarget
from ..override import override
from ..rules.errors import NotSignedIn
from . import STORED, Config, Setting
from .sign_ins import SignIns, StoredSignIn, StoredWhere, server_key


@dataclass(frozen=True, slots=True)
class WorkChoice:
    """The server to use and, if available, the stored sign-in with it or the token from the settings."""

    server: Setting
    sign_in: StoredSignIn | None
    origin: str

    @property
    def address(self) -> str:
        """Where the server is, as the settings or the sign-in spell it."""
        return str(self.server.value)


def choose(config: Config, server: str | None = None) -> WorkChoice | None:
    """The separate Work server; ``None`` if the server that publishes (``server`` is the option that names it) has both
    sides.

    A token from a sign-in is sent only to the server that issued it, and so is the file's.
    """
    found, main = config.work_server, config.server(server)
    if found is None or (main is not None and server_key(main.value) == server_key(found.value)):
        return None
    token = config.from_environment("work_token")
    if token is None:
        try:
            stored = config.work_sign_ins.of(found.value)
        except NotSignedIn:
            # Not every command needs it; one that does reads it again and reports the error.
            return WorkChoice(found, None, STORED)
        if stored:
            return WorkChoice(found, stored, STORED)
    token = token or config.of_the_file("work_token", "work_server", found.value)
    if token is None:
        return WorkChoice(found, None, "")
    return WorkChoice(found, StoredSignIn(str(config.value("work_user", "")), token.value), token.origin)


def registration(config: Config, server: str) -> Registration:
    """How this program is registered with the Work server ``server``, according to the settings."""

    def own(key: str) -> str | None:
        found = config.from_environment(key) or config.of_the_file(key, "work_server", server)
        return str(found.value) if found else None

    known = Registration()
    ident, scope = own("work_client_id"), own("work_scope") or known.scope
    if ident is None:
        return replace(known, scope=scope)
    return Registration(ident, own("work_client_secret"), scope)


def target(config: Config, server: str | None = None) -> WorkTarget | None:
    """How to reach the separate Work server, with its sign-in. Raises :class:`InvalidValue` for an invalid address."""
    choice = choose(config, server)
    if choice is None:
        return None
    sign_in = choice.sign_in
    plain = bool(config.value("allow_plain", False))
    server_target = Target(check_url(choice.address), sign_in.token if sign_in else None, plain=plain)
    usual = registration(config, choice.address)
    if sign_in is not None and choice.origin != STORED:
        return WorkTarget(server_target, usual)
    keeper = Keeper(config.work_sign_ins, choice.address)
    if sign_in is None:
        return WorkTarget(server_target, usual, store=keeper)
    # Tokens are refreshed with the registration that they were issued to.
    known = Registration(
        sign_in.client_id or usual.client_id, sign_in.client_secret, sign_in.scope or usual.scope
    )
    return WorkTarget(server_target, known, _grant(sign_in), keeper)


def _grant(sign_in: StoredSignIn) -> TokenGrant:
    return TokenGrant(sign_in.token, sign_in.refresh_token, sign_in.expires_at)


def keep(config: Config, server: str, user: str, grant: TokenGrant, known: Registration) -> StoredWhere:
    """Store a sign-in; later commands use its server for Work by default."""
    sign_in = StoredSignIn(
        user, grant.access, grant.refresh, grant.expires_at, known.client_id, known.client_secret, known.scope
    )
    return config.work_sign_ins.keep(server, sign_in)


class Keeper(GrantStore):
    """Stores refreshed tokens in place of the earlier ones; see :class:`GrantStore`."""

    def __init__(self, sign_ins: SignIns, server: str) -> None:
        self._sign_ins = sign_ins
        self._server = server

    @override
    def exclusively(self) -> AbstractContextManager[object]:
        return self._sign_ins.renewing()

    @override
    def load(self) -> TokenGrant | None:
        kept = self._sign_ins.of(self._server)
        return _grant(kept) if kept else None

    @override
    def save(self, grant: TokenGrant) -> None:
        kept = self._sign_ins.of(self._server)
        if kept is not None:  # Otherwise the user has signed out since.
            new = kept._replace(token=grant.access, refresh_token=grant.refresh, expires_at=grant.expires_at)
            self._sign_ins.keep(self._server, new, current=False)

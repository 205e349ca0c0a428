"""A separate Work server: where it is, and how to sign in to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from .target import Target


@dataclass(frozen=True, slots=True)
class Registration:
    """How this program is registered with a Work server. The defaults work on servers without registration."""

    client_id: str = "web"
    client_secret: str | None = field(default="ignore", repr=False)
    scope: str = "user"

    def fields(self) -> dict[str, str]:
        """The fields of an OAuth form."""
        secret = {} if self.client_secret is None else {"client_secret": self.client_secret}
        return {"client_id": self.client_id, **secret}


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """The tokens of a sign-in; ``expires_at`` is in seconds since 1970, if known."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float | None = None


class GrantStore(Protocol):
    """Storage for the tokens of a sign-in, shared by all processes that use it."""

    def exclusively(self) -> AbstractContextManager[object]:
        """A lock to hold while renewing tokens. Raises :class:`BlockingIOError` if another process holds it."""
        ...

    def load(self) -> TokenGrant | None:
        """The tokens stored now. Raises :class:`Problem` if they can't be read."""
        ...

    def save(self, grant: TokenGrant) -> None:
        """Store tokens, replacing older ones. Raises :class:`Problem` if they can't be stored."""
        ...


@dataclass(frozen=True, slots=True)
class WorkTarget:
    """A separate Work server.

    ``grant`` is the sign-in, ``store`` the storage for later ones. Both are ``None`` if the token of ``target`` comes
    from the settings: that one can't be renewed.
    """

    target: Target
    registration: Registration = Registration()
    grant: TokenGrant | None = None
    store: GrantStore | None = field(default=None, repr=False)

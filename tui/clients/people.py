"""Accounts on the server: signing in and out, and managing users as an administrator."""

from __future__ import annotations

from typing import Literal

import httpx

from ..rules.errors import NotFound
from ..wire.people import (
    Exchange,
    NewPassword,
    NewUser,
    Session,
    Sessions,
    SignedIn,
    SignIn,
    User,
    UserChange,
    UserRemoved,
    Users,
)
from .connection import call, model_of
from .target import path_part

_BASE = "/share/v1"


class PeopleClient:
    """Accounts. ``http`` comes from :func:`tui.clients.connection.open_http`; the caller closes it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def login(
        self, user: str, password: str, program: Literal["app", "command line"] = "command line"
    ) -> SignedIn:
        """Get an access token for a name and a password. ``http`` needs no token."""
        body = SignIn.model_construct(user=user, password=password, program=program).model_dump(mode="json")
        return model_of(await call(self.http, "POST", f"{_BASE}/login", body=body), SignedIn)

    async def exchange(self) -> SignedIn:
        """Exchange the token of the server's data folder, which ``http`` carries, for an access token."""
        body = Exchange.model_construct(program="command line").model_dump(mode="json")
        return model_of(await call(self.http, "POST", f"{_BASE}/exchange", body=body), SignedIn)

    async def logout(self) -> None:
        """Revoke the token of ``http``."""
        await call(self.http, "POST", f"{_BASE}/logout")

    async def sessions(self) -> list[Session]:
        """The caller's sessions, the last used first."""
        return model_of(await call(self.http, "GET", f"{_BASE}/sessions"), Sessions).sessions

    async def end_session(self, ident: str) -> Session:
        """Sign the caller out elsewhere, in the session of that id. Returns it. Raises :class:`NotFound`."""
        path = f"{_BASE}/sessions/{path_part(ident)}"
        ended = model_of(await call(self.http, "DELETE", path), Sessions).sessions
        if not ended:
            raise NotFound("session.unknown", "There is no such session.")
        return ended[0]

    async def end_other_sessions(self) -> list[Session]:
        """End all of the caller's other sessions. Returns the sessions that ended."""
        return model_of(await call(self.http, "DELETE", f"{_BASE}/sessions"), Sessions).sessions

    async def users(self) -> list[User]:
        """All users. For administrators."""
        return model_of(await call(self.http, "GET", f"{_BASE}/users"), Users).users

    async def add(
        self, name: str, password: str, *, admin: bool, full_name: str | None = None, email: str | None = None
    ) -> User:
        """Add a user, whose name is stored in capitals. For administrators."""
        made = NewUser.model_construct(
            name=name, password=password, admin=admin, full_name=full_name, email=email
        )
        return model_of(
            await call(self.http, "POST", f"{_BASE}/users", body=made.model_dump(mode="json")), User
        )

    async def change(self, name: str, *, full_name: str | None = None, email: str | None = None) -> User:
        """Set the name that recipients see for a user, or the e-mail address; an empty one removes it.

        For administrators.
        """
        body = UserChange(full_name=full_name, email=email).model_dump(exclude_none=True)
        return model_of(await call(self.http, "PATCH", _user(name), body=body), User)

    async def change_password(self, name: str, password: str, present: str | None = None) -> User:
        """Set a password and revoke the user's other tokens.

        For administrators; other users change their own with the ``present`` one.
        """
        body = NewPassword.model_construct(password=password, present=present).model_dump(mode="json")
        return model_of(await call(self.http, "PUT", f"{_user(name)}/password", body=body), User)

    async def remove(self, name: str) -> UserRemoved:
        """Remove a user and unpublish their links. For administrators."""
        return model_of(await call(self.http, "DELETE", _user(name)), UserRemoved)


def _user(name: str) -> str:
    return f"{_BASE}/users/{path_part(name)}"

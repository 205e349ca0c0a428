"""People on the server: signing in and out, and what an administrator does with users."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from ..wire.share import NewPassword, NewUser, SignedIn, SignIn, User, UserRemoved, Users
from .connection import call, model_of

_BASE = "/share/v1"


class PeopleClient:
    """``http`` comes from :func:`tui.clients.connection.open_http` and is closed by whoever opened it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def login(self, user: str, password: str) -> SignedIn:
        """An access token for a name and a password. The connection needs none."""
        body = SignIn.model_construct(user=user, password=password).model_dump(mode="json")
        return model_of(await call(self.http, "POST", f"{_BASE}/login", body=body), SignedIn)

    async def logout(self) -> None:
        """Revokes the connection's token."""
        await call(self.http, "POST", f"{_BASE}/logout")

    async def users(self) -> list[User]:
        """Everybody. For administrators."""
        return model_of(await call(self.http, "GET", f"{_BASE}/users"), Users).users

    async def add(self, name: str, password: str, *, admin: bool) -> User:
        """Adds a person, whose name is kept in capitals. For administrators."""
        body = NewUser.model_construct(name=name, password=password, admin=admin).model_dump(mode="json")
        return model_of(await call(self.http, "POST", f"{_BASE}/users", body=body), User)

    async def change_password(self, name: str, password: str) -> User:
        """Sets a password and revokes that person's other tokens. For administrators, and for oneself."""
        body = NewPassword.model_construct(password=password).model_dump(mode="json")
        return model_of(await call(self.http, "PUT", f"{_user(name)}/password", body=body), User)

    async def remove(self, name: str) -> UserRemoved:
        """Removes a person and stops their links. For administrators."""
        return model_of(await call(self.http, "DELETE", _user(name)), UserRemoved)


def _user(name: str) -> str:
    return f"{_BASE}/users/{quote(name, safe='')}"

"""Share's messages about users and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .message import Message

#: The kind of program that began a session; the data folder's token has its own kind.
SessionKind = Literal["app", "command line", "oauth client", "data folder", "other"]


class SignIn(Message):
    """A user's name and password; ``program`` is what the list of sessions calls the caller."""

    user: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    password: Annotated[str, Field(max_length=4096)]
    program: Literal["app", "command line"] | None = None


class Exchange(Message):
    """Exchanges the data folder's token, which the request carries, for an access token."""

    program: Literal["app", "command line"] | None = None


class Session(Message):
    """A sign-in, with all tokens derived from it. ``client`` is the id of an OAuth client.

    ``address`` is the network address of the last use (updated every five minutes), ``null`` on the server's own
    machine; ``ends_at`` is when the session ends if it isn't used again, ``null`` for never.
    """

    id: str
    kind: SessionKind
    client: str | None
    begun_at: datetime
    used_at: datetime
    ends_at: datetime | None
    address: str | None
    #: Whether it is the session of this request.
    current: bool


class Sessions(Message):
    """The caller's sessions, most recently used first."""

    sessions: list[Session]


class SignedIn(Message):
    """``token`` is valid until it is revoked or hasn't been used for 90 days."""

    token: str
    user: str
    server: str


class NewUser(Message):
    """A user to add. ``name`` is stored in capitals; ``full_name`` is what recipients see, ``email`` where
    the server notifies them."""

    name: Annotated[str, StringConstraints(max_length=255)]
    password: Annotated[str, Field(max_length=4096)]
    admin: Annotated[bool, Field(strict=True)] = False
    full_name: Annotated[str, StringConstraints(max_length=255)] | None = None
    email: Annotated[str, StringConstraints(max_length=255)] | None = None


class UserChange(Message):
    """Changes to a user. Omitted fields stay as they are; an empty value removes the present one."""

    full_name: Annotated[str, StringConstraints(max_length=255)] | None = None
    email: Annotated[str, StringConstraints(max_length=255)] | None = None


class NewPassword(Message):
    """A new password. ``present`` is the current one, required from users who change their own and have one."""

    password: Annotated[str, Field(max_length=4096)]
    present: Annotated[str, Field(max_length=4096)] | None = None


class User(Message):
    """A user. ``id`` is their name; ``full_name`` is what recipients see, ``null`` if there is none; ``published``
    counts their links that work."""

    id: str
    name: str
    full_name: str | None = None
    email: str | None = None
    admin: bool
    created_at: datetime
    published: int = 0


class Users(Message):
    """All users of an installation, for administrators."""

    users: list[User]


class UserRemoved(Message):
    """``unpublished`` is the number of links that were stopped by removing the user."""

    user: str
    unpublished: int

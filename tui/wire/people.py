"""The messages of Share that tell of people: who they are, and where they are signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .message import Message

#: What a session was begun with; the data folder's token has one of its own.
SessionKind = Literal["app", "command line", "oauth client", "data folder", "other"]


class SignIn(Message):
    user: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    password: Annotated[str, Field(max_length=4096)]
    program: Literal["app", "command line"] | None = None


class Exchange(Message):
    """The data folder's token, which the request carries, is exchanged for a sign-in."""

    program: Literal["app", "command line"] | None = None


class Session(Message):
    """Where somebody is signed in, with all tokens that came of it. ``client`` is the id of an OAuth client.

    ``address`` is that of the last use (looked at every five minutes), ``null`` on the server's own machine;
    ``ends_at`` is when it ends if it is not used any more, ``null`` for never.
    """

    id: str
    kind: SessionKind
    client: str | None
    begun_at: datetime
    used_at: datetime
    ends_at: datetime | None
    address: str | None
    #: It is the one that asks.
    current: bool


class Sessions(Message):
    sessions: list[Session]


class SignedIn(Message):
    """``token`` is good until it is revoked or was not used for 90 days."""

    token: str
    user: str
    server: str


class NewUser(Message):
    """``name`` is kept in capitals; ``full_name`` is what recipients see."""

    name: Annotated[str, StringConstraints(max_length=255)]
    password: Annotated[str, Field(max_length=4096)]
    admin: Annotated[bool, Field(strict=True)] = False
    full_name: Annotated[str, StringConstraints(max_length=255)] | None = None


class UserChange(Message):
    """What is left out stays as it is; an empty ``full_name`` takes it away."""

    full_name: Annotated[str, StringConstraints(max_length=255)] | None = None


class NewPassword(Message):
    """``present`` is the password until now: whoever changes their own gives it, unless they have none yet."""

    password: Annotated[str, Field(max_length=4096)]
    present: Annotated[str, Field(max_length=4096)] | None = None


class User(Message):
    """A person. ``id`` is their name; ``full_name`` is what recipients see, ``null`` where there is none;
    ``published`` counts the links of theirs that work."""

    id: str
    name: str
    full_name: str | None = None
    admin: bool
    created_at: datetime
    published: int = 0


class Users(Message):
    users: list[User]


class UserRemoved(Message):
    """``unpublished`` links were stopped with the person's removal."""

    user: str
    unpublished: int

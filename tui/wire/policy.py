"""Share's messages about what administrators set for everyone: the policy and the templates of the e-mail."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .message import Message


class MailTemplates(Message):
    """The administrator's templates of the e-mail; ``null`` for those that aren't set."""

    text: str | None = None
    html: str | None = None


class PolicyBody(Message):
    """The policy as a flat object; unset keys are ``null``."""

    password_required: bool | None = None
    password_min_length: int | None = None
    password_classes: int | None = None
    expires_required: bool | None = None
    expires_default: str | None = None
    expires_max: str | None = None
    downloads_required: bool | None = None
    downloads_default: int | None = None
    downloads_max: int | None = None
    notify_default: bool | None = None
    folder_name: str | None = None
    grant_seconds: int | None = None
    password_refused: list[str] | None = None


#: Keys of the policy with their new values, as typed text or in their own type; empty or ``null`` unsets a key.
PolicyChange = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64)],
        Annotated[str, StringConstraints(max_length=500_000)]
        | Annotated[bool, Field(strict=True)]
        | Annotated[int, Field(strict=True, ge=0, le=10**9)]
        | Annotated[list[Annotated[str, StringConstraints(max_length=1024)]], Field(max_length=20_000)]
        | None,
    ],
    Field(max_length=32),
]

"""Share's messages about what administrators set for everyone: changes of the policy, and the templates of the e-mail.

The policy itself is sent as :class:`tui.rules.policy.Policy`: a flat object, with ``null`` for keys that aren't set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .message import Message


class MailTemplates(Message):
    """The administrator's templates of the e-mail; ``null`` for those that aren't set."""

    text: str | None = None
    html: str | None = None


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

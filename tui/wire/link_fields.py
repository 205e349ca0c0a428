"""The fields of a link's settings in messages: as they are requested, and as a send or a document has them.

They are those of ``rules/link_settings.py``. Sent in requests, in answers and in the journal of a send.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from .message import Message, SentMoment

#: E-mail addresses, like ``anna@example.com`` or ``Anna Arp <anna@example.com>``. The rules for them are in
#: ``rules/addresses.py``; these bounds only keep a request from being huge.
Addresses = Annotated[list[Annotated[str, StringConstraints(max_length=1024)]], Field(max_length=1000)]
_Flag = Annotated[bool, Field(strict=True)]


class RequestedFields(Message):
    """Settings that are asked for. An omitted field is left to the server, ``null`` means *none*.

    ``zone_offset`` is the user's offset from UTC in minutes: the policy's longest expiry includes the whole of its last
    day there.
    """

    expires_at: SentMoment | None = None
    downloads_permitted: Annotated[int, Field(strict=True)] | None = None
    notify: Annotated[
        _Flag | None, Field(description="The sender gets an e-mail when a recipient has received a document.")
    ] = None
    zone_offset: Annotated[int, Field(ge=-1440, le=1440)] = 0


class RequestedWithPassword(RequestedFields):
    """The same with the password, which only requests have."""

    password: Annotated[str, Field(max_length=4096)] | None = None


class LinkFields(Message):
    """The settings that a send or a document has. Never the password; ``recipients`` only its owner sees."""

    has_password: bool
    expires_at: datetime | None
    downloads_permitted: int | None
    #: Whether the sender gets an e-mail when a document was delivered.
    notify: bool = False
    #: Whom the links are for, as the sender's note.
    recipients: list[str] = Field(default_factory=list)

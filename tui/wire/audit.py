"""Share's messages about the audit: its rows, its verification, and the heads of its chains."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .message import Message, Sha256


class AuditEvent(Message):
    """One row of the audit. ``actor`` is a user's name, ``null`` for recipients and for automatic events. If someone
    changed the row so that it can't be shown, the event is ``unreadable``, and ``at`` may be ``null``.

    ``document``, ``folder`` and ``person`` are the id of the document, the id of the folder, or the name of the user
    that the event is about; ``name`` is that object's name. An event about none of them is about the installation.
    """

    id: str
    at: datetime | None
    side: Literal["share"] = "share"
    event: str
    actor: str | None
    address: str | None
    agent: str | None
    details: dict[str, Any]
    document: str | None = None
    folder: str | None = None
    person: str | None = None
    name: str | None = None


class AuditEvents(Message):
    """A page, newest first. ``cursor`` is ``null`` on the last page."""

    events: list[AuditEvent]
    cursor: str | None = None


class BrokenRow(Message):
    """The first altered row of the audit: number ``sequence`` in the chain of ``subject``; or, where that is 0, an
    object (such as ``token:ID``) or a seal that doesn't match it."""

    subject: str
    sequence: int
    why: str


class AcceptedAudit(Message):
    """``operator``, on the server's machine, accepted a broken audit: a backup was restored, or an anchor was lost.

    ``before`` is the newest seal that was known, ``seal`` the one that the audit continues from.
    """

    at: datetime
    operator: str
    why: str
    before: int | None
    seal: int


class AuditVerdict(Message):
    """The result of a verification. ``broken`` is ``null`` if all ``rows`` of all ``chains`` are unaltered; if the
    audit was ``accepted``, that means since the last time."""

    chains: int
    rows: int
    broken: BrokenRow | None = None
    accepted: list[AcceptedAudit] = Field(default_factory=list)


#: The name of a chain: what its rows are about.
ChainName = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class AuditHead(Message):
    """The number of rows of a chain, and their unkeyed digest."""

    subject: ChainName
    sequence: int
    digest: Sha256


class AuditHeads(Message):
    """Heads of chains, signed with Ed25519; key (32 bytes) and signature (64) are hexadecimal.

    The signed text consists of the lines `sentlinks audit heads 1`, `at AT`, and `SUBJECT SEQUENCE DIGEST` for each
    head, each ending with a line feed.
    """

    at: str
    heads: list[AuditHead]
    public_key: str
    fingerprint: str
    signature: str


class ChainPart(Message):
    """The first ``sequence`` rows of a chain."""

    subject: ChainName
    sequence: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


class LookUpHeads(Message):
    """Asks how much of these chains exists."""

    chains: Annotated[list[ChainPart], Field(max_length=1000)]


class ChainKept(Message):
    """The number of rows that exist, at most those requested; ``digest`` is ``null`` if some are missing."""

    rows: int
    digest: str | None


class ChainsKept(Message):
    """The chains in the requested order. ``public_key`` (hexadecimal) is the key that the server signs its own heads
    with: heads signed with another key aren't from this server."""

    chains: list[ChainKept]
    public_key: str

"""The messages of Share that tell of the audit: its rows, whether it is whole, and the heads of its chains."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .message import Message, Sha256


class AuditEvent(Message):
    """One row of the audit. ``actor`` is a person's name, ``null`` for recipients and for what happens by itself.

    ``document`` is the id of the document that it is about, ``folder`` of the folder, ``person`` the name of the
    person; ``name`` is what that is called. What is about none of them is about the installation.
    """

    id: str
    at: datetime
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
    """A page, newest first. ``cursor`` is ``null`` on the last one."""

    events: list[AuditEvent]
    cursor: str | None = None


class BrokenRow(Message):
    """The first row of the audit that is not as it was written: number ``sequence`` of the chain of ``subject``."""

    subject: str
    sequence: int
    why: str


class AcceptedAudit(Message):
    """Then ``operator``, on the server's machine, accepted an audit that was broken: a backup was put back, or an
    anchor was lost. ``before`` is the newest seal that was known, ``seal`` the one that it goes on from."""

    at: datetime
    operator: str
    why: str
    before: int | None
    seal: int


class AuditVerdict(Message):
    """``broken`` is ``null`` where all ``rows`` of all ``chains`` are as they were written: where the audit was
    ``accepted``, since the last time."""

    chains: int
    rows: int
    broken: BrokenRow | None = None
    accepted: list[AcceptedAudit] = Field(default_factory=list)


#: What a row of the audit is about, as its chain is called.
ChainName = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class AuditHead(Message):
    """How many rows a chain has, and their digest, which takes no key."""

    subject: ChainName
    sequence: int
    digest: Sha256


class AuditHeads(Message):
    """Heads of chains, signed with Ed25519; key (32 bytes) and signature (64) are hexadecimal.

    What is signed are the lines `sentlinks audit heads 1`, `at AT`, and `SUBJECT SEQUENCE DIGEST` for each head, each
    with a line feed.
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
    chains: Annotated[list[ChainPart], Field(max_length=1000)]


class ChainKept(Message):
    """``rows`` that are there, as many as were asked for at most; ``digest`` is ``null`` where some are missing."""

    rows: int
    digest: str | None


class ChainsKept(Message):
    """In the order in which they were asked for. ``public_key`` (hexadecimal) is what the server's own heads are
    signed with: those that another key has signed are not its."""

    chains: list[ChainKept]
    public_key: str

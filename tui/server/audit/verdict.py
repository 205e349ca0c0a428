"""What looking at the audit came to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..database.tables import audit
from .chain import INSTALLATION

#: What a broken seal is called in place of a row's subject.
SEALS = "seals"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that is not as it was written. ``sequence`` is its place in the chain of ``subject``."""

    subject: str
    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """At a moment somebody on the server's machine (``operator``, their name there) took the audit as it was for the
    whole one. Until then it was broken, ``why``; ``before`` is the newest seal that was known (``None``: not known),
    ``seal`` the newest that there was, from which it goes on."""

    at: datetime
    operator: str
    why: str
    before: int | None
    seal: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """``broken`` is ``None`` where all holds; ``rows`` is how many were looked at. What was ``accepted`` is whole since
    then: what there was before cannot be known."""

    chains: int
    rows: int
    broken: Broken | None
    accepted: tuple[Acceptance, ...] = ()


async def accepted(connection: AsyncConnection) -> tuple[Acceptance, ...]:
    """What was accepted as the installation's audit though it was broken, oldest first."""
    query = (
        select(audit.c.at, audit.c.details)
        .where(audit.c.subject == INSTALLATION, audit.c.event == str(Event.AUDIT_ACCEPTED))
        .order_by(audit.c.sequence)
    )
    found = [(row.at, json.loads(row.details)) for row in await connection.execute(query)]
    return tuple(
        Acceptance(
            at,
            str(told.get("operator", "")),
            str(told.get("why", "")),
            told.get("before"),
            int(told.get("seal", 0)),
        )
        for at, told in found
    )

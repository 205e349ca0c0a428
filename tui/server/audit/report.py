"""Results of verifying the audit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.broken_audit import SEALS as SEALS
from ...rules.state import Event
from ..base.timestamps import moment
from ..database.tables import audit, stored
from .chain import INSTALLATION, details_of


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that isn't as it was written. ``sequence`` is its position in the chain of ``subject``."""

    subject: str
    sequence: int
    why: str

    @classmethod
    def at(cls, subject: Any, sequence: Any, why: str) -> Broken:
        """The row, where someone may have written a value of any type into its columns."""
        return cls(str(subject), sequence if isinstance(sequence, int) else 0, why)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An acceptance of the audit as it was, by a user on the server's machine (``operator``, their login name).

    Until then it was broken, because of ``why``. ``before`` is the newest seal that the anchors knew of (``None``: none
    known), ``seal`` the newest that existed, from which the audit continues.
    """

    at: datetime
    operator: str
    why: str
    before: int | None
    seal: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """``broken`` is ``None`` if everything is intact; ``rows`` is how many were checked. An audit that was ``accepted``
    is intact since then; what existed before can't be known."""

    chains: int
    rows: int
    broken: Broken | None
    accepted: tuple[Acceptance, ...] = ()


async def accepted(connection: AsyncConnection) -> tuple[Acceptance, ...]:
    """All acceptances of the installation's audit, oldest first. Rows are left out if they can't be read: verifying the
    chain reports those."""
    query = (
        select(*stored((audit.c.at, audit.c.details)))
        .where(audit.c.subject == INSTALLATION, audit.c.event == str(Event.AUDIT_ACCEPTED))
        .order_by(audit.c.sequence)
    )
    found: list[Acceptance] = []
    for row in await connection.execute(query):
        details = details_of(row.details)
        with suppress(OverflowError, TypeError, ValueError):
            found.append(
                Acceptance(
                    moment(row.at),
                    str(details.get("operator", "")),
                    str(details.get("why", "")),
                    details.get("before"),
                    int(details.get("seal", 0)),
                )
            )
    return tuple(found)

"""Signing in with a name and a password, slowed down where it goes wrong (``tries``).

Names that nobody has are treated alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.accounts import kept_name
from ..rules.errors import InvalidValue, NotSignedIn
from ..rules.state import Event
from . import audit, refusals, tries
from .context import Context
from .database.tables import users
from .http.visitor import Visitor
from .people import find_person

#: Of a random password that was thrown away: a name that nobody has takes as long as another.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$9i7EB2DXYTCz26CqpqeZWg$ZvRiA72Ry0CgSbvyjAmPSxGjRK69BMlK/olyCi1cFso"


#: What one gets by signing in: an access token, a grant for Work, a code for a program that opened the browser.
Kind = Literal["access token", "work", "browser"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in; ``password_hash`` is of the password that was right."""

    id: str
    name: str
    password_hash: str = field(repr=False)


def _tried_name(name: str) -> str:
    """The name that a try counts for; what can be nobody's is empty."""
    try:
        return kept_name(name)
    except InvalidValue:
        return ""


def _refused() -> NotSignedIn:
    return NotSignedIn("sign_in.refused", "The name or the password is wrong.")


async def sign_in(
    context: Context, name: str, password: str, visitor: Visitor, kind: Kind | None
) -> SignedIn:
    """The person with that name and password. Raises :class:`NotSignedIn`, and :class:`Throttled`.

    What shares a throttle is the network of ``visitor``. The audit of the person says that they signed in, and for
    what ``kind`` of token (``None``: for none, so that nothing is said), or that somebody was refused.
    """
    network, tried = visitor.network, _tried_name(name)
    refused = _refused()
    if len(password.encode("utf-8", "surrogatepass")) > 4096:
        raise refused

    async def may_try() -> None:
        async with context.database.read() as connection:
            await tries.check(context, connection, tried, network)

    async with context.database.read() as connection:
        row = await find_person(connection, name)
    kept = row.password_hash if row is not None and row.password_hash else None
    right = await context.passwords.verify(kept or NOBODY, password, network, may_try) and kept is not None
    async with context.database.write() as connection:
        if right and row is not None:
            await tries.check(context, connection, tried, network)
            await tries.forgive(connection, tried, network)
            if kind is not None:
                await audit.append(
                    context,
                    connection,
                    audit.subject("person", row.id),
                    Event.SIGNED_IN,
                    actor=row.name,
                    address=visitor.address,
                    agent=visitor.agent,
                    details={"kind": kind},
                )
            return SignedIn(row.id, row.name, row.password_hash)
        await tries.count_wrong(context, connection, tried, network)
        subject = audit.INSTALLATION if row is None else audit.subject("person", row.id)
        await refusals.count(context, connection, subject, visitor)
    raise refused


async def hold_sign_in(connection: AsyncConnection, signed: SignedIn) -> None:
    """Raises :class:`NotSignedIn` where the person has gone, or has another password by now.

    To be called before anything is given for it: whoever sets a password until the transaction ends finds what was
    given, and ends it.
    """
    same = (users.c.id == signed.id, users.c.password_hash == signed.password_hash)
    query = select(users.c.id).where(*same, users.c.removed_at.is_(None)).with_for_update(read=True)
    if (await connection.execute(query)).first() is None:
        raise _refused()

"""Signing in with a name and a password, throttled after wrong attempts (``sign_in_throttle``).

Names that don't exist are treated the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.accounts import kept_name
from ...rules.errors import InvalidValue, NotSignedIn
from ...rules.state import Event
from .. import audit
from ..context import Context
from ..database.tables import users
from ..http.visitor import Visitor
from . import refused_sign_ins, sign_in_throttle
from .users import find_person

#: Hash of a random password that no one knows, so that verifying takes as long for names that don't exist.
UNKNOWN_NAME_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$9i7EB2DXYTCz26CqpqeZWg$ZvRiA72Ry0CgSbvyjAmPSxGjRK69BMlK/olyCi1cFso"
)


#: What a sign-in is for: an access token, a grant for Work, or a code for a program that opened the browser.
Kind = Literal["access token", "work", "browser"]


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """A person who has signed in; ``password_hash`` is the hash that the password matched."""

    id: str
    name: str
    password_hash: str = field(repr=False)


def _tried_name(name: str) -> str:
    """The name that an attempt counts for; empty if no account can have it."""
    try:
        return kept_name(name)
    except InvalidValue:
        return ""


def _refused() -> NotSignedIn:
    return NotSignedIn("sign_in.refused", "The name or the password is wrong.")


async def sign_in(
    context: Context, name: str, password: str, visitor: Visitor, kind: Kind | None
) -> SignedInPerson:
    """Return the person with that name and password. Raises :class:`NotSignedIn` and :class:`Throttled`.

    Attempts are throttled by the network of ``visitor``. The audit of the person records the sign-in and its ``kind``
    (``None``: not recorded, since no token is issued), or that it was refused.
    """
    network, tried = visitor.network, _tried_name(name)
    refused = _refused()
    if len(password.encode("utf-8", "surrogatepass")) > 4096:
        raise refused

    async def may_try() -> None:
        async with context.database.read() as connection:
            await sign_in_throttle.check(context, connection, tried, network)

    async with context.database.read() as connection:
        row = await find_person(connection, name)
    stored_hash = row.password_hash if row is not None and row.password_hash else None
    matches = (
        await context.passwords.verify(
            stored_hash or UNKNOWN_NAME_HASH, password, network=network, name=tried, first=may_try
        )
        and stored_hash is not None
    )
    async with context.database.write() as connection:
        if matches and row is not None:
            await sign_in_throttle.check(context, connection, tried, network)
            await sign_in_throttle.forgive(connection, tried, network)
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
            return SignedInPerson(row.id, row.name, row.password_hash)
        await sign_in_throttle.count_wrong(context, connection, tried, network)
        subject = audit.INSTALLATION if row is None else audit.subject("person", row.id)
        await refused_sign_ins.count(context, connection, subject, visitor)
    raise refused


async def hold_sign_in(connection: AsyncConnection, signed: SignedInPerson) -> None:
    """Raise :class:`NotSignedIn` if the person was removed, or their password changed, since they signed in.

    Must be called before a token is issued, in the same transaction. It locks the person's row, so a concurrent change
    of the password waits, and then also revokes the new token.
    """
    unchanged = (users.c.id == signed.id, users.c.password_hash == signed.password_hash)
    query = select(users.c.id).where(*unchanged, users.c.removed_at.is_(None)).with_for_update(read=True)
    if (await connection.execute(query)).first() is None:
        raise _refused()

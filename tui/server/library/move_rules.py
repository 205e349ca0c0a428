"""Putting documents and containers into a container: who may do so if that changes who sees them.

The security of a public object may be changed by its owner and, as with everything that inherits, by the owner of the
container that its security comes from (``inheritance.security_owner``). An action that makes someone else the latter,
or that changes who sees what others have put into a container, requires the right to secure everything it affects. So
no one gains the right to secure another person's document, even if several people combine their actions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action, Role
from ..accounts.users import Person
from ..database.tables import containers, documents
from . import rights
from .inheritance import inheriting, security_owner
from .problems import no_access


async def into(connection: AsyncConnection, person: Person, number: int, action: Action) -> Row[Any]:
    """A container that the person may put something into; its rule stays unchanged until the transaction ends.

    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    return await rights.container(connection, person, number, action, Role.DESTINATION, hold=True)


async def out_of(connection: AsyncConnection, person: Person, number: int, action: Action) -> None:
    """Raise :class:`NotFound` or :class:`NotAllowed` unless the person may take something out of a container."""
    await rights.container(connection, person, number, action, Role.PLACE, hold=True)


async def demand(
    connection: AsyncConnection, person: Person, action: Action, row: Row[Any], to: Row[Any]
) -> None:
    """Raise :class:`NotAllowed` if putting ``row`` into the container ``to`` changes who may see it or who decides
    that, and the person may not secure it with everything in it."""
    inherits = row.default_security == "inherit"
    changes = inherits and row.acl != to.acl
    rights.demand(to, person, action, Role.DESTINATION, changes_access=changes)
    givers = await _givers(connection, row, to) if inherits and row.acl == rights.PUBLIC else None
    if givers is None or givers.before in (givers.after, person.id):
        rights.demand(row, person, action, changes_access=changes)
        return
    owners = {person.id, givers.after}
    if "version" in row._fields:
        rights.demand(row, person, action, changes_access=changes or row.owner_id not in owners)
        return
    rights.demand(row, person, action, changes_access=changes)
    await _demand_contents(connection, row, owners)


async def demand_contents(connection: AsyncConnection, person: Person, row: Row[Any]) -> None:
    """Raise :class:`NotAllowed` if someone else decides the security of the container ``row``, and it holds objects
    that inherit and aren't the person's. Nothing is put into it until the transaction ends."""
    if row.acl != rights.PUBLIC or row.default_security != "inherit":
        return
    if await security_owner(connection, row.number) != person.id:
        await _demand_contents(connection, row, {person.id})


@dataclass(frozen=True, slots=True)
class _Givers:
    """Who decides who sees a moved object: ``before``, and ``after`` (``None``: no one new, or unknown)."""

    before: str | None
    after: str | None


async def _givers(connection: AsyncConnection, row: Row[Any], to: Row[Any]) -> _Givers:
    after = await security_owner(connection, to.number) if to.acl == rights.PUBLIC else None
    return _Givers(await security_owner(connection, row.parent), after)


async def _demand_contents(
    connection: AsyncConnection, row: Row[Any], owners: Collection[str | None]
) -> None:
    """Raise :class:`NotAllowed` unless the container and everything in it that inherits belong to ``owners``."""
    tree = inheriting(row.number)
    # Locked, so that nothing is added unchecked.
    lock = select(containers.c.number).where(containers.c.number.in_(tree))
    await connection.execute(lock.with_for_update())
    inside: tuple[tuple[Table, ColumnElement[bool]], ...] = (
        (containers, and_(containers.c.number.in_(tree), containers.c.deleted_at.is_(None))),
        (documents, and_(documents.c.parent.in_(tree), documents.c.default_security == "inherit")),
    )
    known = [owner for owner in owners if owner is not None]
    for table, condition in inside:
        others = or_(table.c.owner_id.is_(None), table.c.owner_id.not_in(known))
        if (await connection.execute(select(table.c.number).where(condition, others).limit(1))).first():
            raise no_access(
                "It holds something of others, perhaps deleted, and you can't change who sees that. "
                "Move that elsewhere first."
            )

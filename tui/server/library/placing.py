"""Putting documents and containers into a place: who may, where it changes who sees them.

What is everyone's is secured by whose it is; and with all else that inherits, by whose the container is that gives it
its security (``inheritance.giver``). What makes somebody else that, or changes who sees what others have put into a
container, takes the right to secure all that it concerns. So nobody comes to secure a document of another's, however
many put their acts together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action, Role
from ..database.tables import containers, documents
from ..people import Person
from . import rights
from .inheritance import giver, inheriting
from .problems import no_access


async def into(connection: AsyncConnection, person: Person, number: int, action: Action) -> Row[Any]:
    """A container that the person may put something into, whose rule stays what it is until the transaction ends.

    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    return await rights.container(connection, person, number, action, Role.DESTINATION, hold=True)


async def out_of(connection: AsyncConnection, person: Person, number: int, action: Action) -> None:
    """Raises :class:`NotFound`, :class:`NotAllowed` unless the person may take something out of a container."""
    await rights.container(connection, person, number, action, Role.PLACE, hold=True)


async def demand(
    connection: AsyncConnection, person: Person, action: Action, row: Row[Any], to: Row[Any]
) -> None:
    """Raises :class:`NotAllowed` where putting ``row`` into the container ``to`` changes who may see it, or say who
    may, and the person may not secure it with all that is in it."""
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
    """Raises :class:`NotAllowed` where the security of the container ``row`` is another's to say, and things are in it
    that inherit and are not the person's. None is put into it until the transaction ends."""
    if row.acl != rights.PUBLIC or row.default_security != "inherit":
        return
    if await giver(connection, row.number) != person.id:
        await _demand_contents(connection, row, {person.id})


@dataclass(frozen=True, slots=True)
class _Givers:
    """Who says who sees what is put elsewhere: ``before``, and ``after`` (``None``: nobody new, or not known)."""

    before: str | None
    after: str | None


async def _givers(connection: AsyncConnection, row: Row[Any], to: Row[Any]) -> _Givers:
    after = await giver(connection, to.number) if to.acl == rights.PUBLIC else None
    return _Givers(await giver(connection, row.parent), after)


async def _demand_contents(
    connection: AsyncConnection, row: Row[Any], owners: Collection[str | None]
) -> None:
    """Raises :class:`NotAllowed` unless all that inherits in the container, and itself, is of ``owners``."""
    tree = inheriting(row.number)
    # Nothing is put in that was not looked at.
    held = select(containers.c.number).where(containers.c.number.in_(tree))
    await connection.execute(held.with_for_update())
    inside: tuple[tuple[Table, ColumnElement[bool]], ...] = (
        (containers, and_(containers.c.number.in_(tree), containers.c.deleted_at.is_(None))),
        (documents, and_(documents.c.parent.in_(tree), documents.c.default_security == "inherit")),
    )
    known = [owner for owner in owners if owner is not None]
    for table, there in inside:
        others = or_(table.c.owner_id.is_(None), table.c.owner_id.not_in(known))
        if (await connection.execute(select(table.c.number).where(there, others).limit(1))).first():
            raise no_access(
                "Others have put something into it, maybe deleted by now, and who sees that is not yours to say; "
                "move it elsewhere first."
            )

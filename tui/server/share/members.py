"""Members of a folder, who can see everything in it and change nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...rules.errors import Conflict, InvalidValue, NotFound
from ...rules.state import Event
from ...rules.text import printable
from ...wire.folders import Member, Members
from .. import audit
from ..accounts.users import find_person
from ..database.tables import folders, members, users
from .caller import Caller, folder_of

#: Maximum members of one folder, and folders that one person can be a member of.
MAX_MEMBERS = 500
MAX_MEMBERSHIPS = 1000


async def _listed(connection: AsyncConnection, folder_id: str) -> Members:
    query = (
        select(users.c.name, members.c.added_at)
        .join(users, users.c.id == members.c.user_id)
        .where(members.c.folder_id == folder_id)
        .order_by(users.c.name)
    )
    rows = await connection.execute(query)
    return Members(members=[Member(id=row.name, name=row.name, added_at=row.added_at) for row in rows])


async def listing(by: Caller, folder_id: str) -> Members:
    """The members of a folder, for its owner and for members. Raises :class:`NotFound`."""
    async with by.context.database.read() as connection:
        await folder_of(by, connection, folder_id, Action.READ_FOLDER)
        return await _listed(connection, folder_id)


async def _person(connection: AsyncConnection, name: str) -> Row[Any]:
    """The person of that name. Raises :class:`NotFound`."""
    person = await find_person(connection, name)
    if person is None:
        raise NotFound("user.unknown", f"There is no person called {printable(name)}.")
    return person


async def _count(connection: AsyncConnection, where: Any) -> int:
    return int(
        (await connection.execute(select(func.count()).select_from(members).where(where))).scalar_one()
    )


async def add(by: Caller, folder_id: str, name: str) -> Members:
    """Add a person, who then sees everything in the folder; no effect if they are a member already.

    Raises :class:`NotFound` for folder or person, :class:`NotAllowed`, :class:`InvalidValue` for the owner.
    """
    context = by.context
    async with context.database.write() as connection:
        folder = await folder_of(by, connection, folder_id, Action.CHANGE_MEMBERS)
        # Another request may be adding the same person, or the last one that there is room for.
        await connection.execute(select(folders.c.id).where(folders.c.id == folder_id).with_for_update())
        person = await _person(connection, name)
        user_id = person.id
        if user_id == folder.owner_id:
            raise InvalidValue("member.owner", "You own this folder; choose someone else.", "name")
        membership = select(members).where(members.c.folder_id == folder_id, members.c.user_id == user_id)
        if (await connection.execute(membership)).first() is None:
            if await _count(connection, members.c.folder_id == folder_id) >= MAX_MEMBERS:
                raise Conflict("member.too_many", f"A folder can have {MAX_MEMBERS:,} members at most.")
            if await _count(connection, members.c.user_id == user_id) >= MAX_MEMBERSHIPS:
                raise Conflict("member.too_many", f"{person.name} is a member of too many folders already.")
            await connection.execute(
                insert(members).values(folder_id=folder_id, user_id=user_id, added_at=context.clock())
            )
            await audit.append(
                context,
                connection,
                audit.subject("folder", folder_id),
                Event.MEMBER_ADDED,
                **by.origin,
                details={"folder": folder.name, "member": person.name},
            )
        return await _listed(connection, folder_id)


async def remove(by: Caller, folder_id: str, name: str) -> Members:
    """Remove a member, effective at once; no effect if the person isn't a member.

    Raises :class:`NotFound` for folder or person, :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        folder = await folder_of(by, connection, folder_id, Action.CHANGE_MEMBERS)
        person = await _person(connection, name)
        user_id = person.id
        removed = await connection.execute(
            delete(members)
            .where(members.c.folder_id == folder_id, members.c.user_id == user_id)
            .returning(members.c.user_id)
        )
        if removed.first() is not None:
            await note_removed(by, connection, folder_id, folder.name, person.name)
        return await _listed(connection, folder_id)


async def note_removed(
    by: Caller, connection: AsyncConnection, folder_id: str, folder: str, member: str
) -> None:
    """Write to the folder's audit that a person is no longer a member."""
    await audit.append(
        by.context,
        connection,
        audit.subject("folder", folder_id),
        Event.MEMBER_REMOVED,
        **by.origin,
        details={"folder": folder, "member": member},
    )

"""Changing containers that are there: their names, their place, and their end, with all that is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, and_, delete, select, text, update

from ...rules import names
from ...rules.authorization import Action
from ..database.tables import containers, counters, documents, versions
from . import index, placing, rights, security
from .actions import NOT_CHECKED_OUT, Act, note_all
from .counts import add_counts
from .inheritance import subtree
from .problems import checked_out_by, invalid_profile, no_access

_ALONE = 7_326_683_111


async def changeable(act: Act, number: int, action: Action) -> Row[Any]:
    """A container that the person may do ``action`` to, held until the transaction ends.

    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    held = select(containers.c.number).where(containers.c.number == number).with_for_update()
    await act.connection.execute(held)
    return await rights.container(act.connection, act.person, number, action)


async def change(act: Act, row: Row[Any], values: Mapping[str, Any]) -> None:
    """Changes the name or description of a container."""
    changed = dict(values)
    if "name" in changed:
        changed["name_key"] = names.key(changed["name"])
    if changed:
        changed["edited_at"] = act.context.clock()
        here = containers.c.number == row.number
        await act.connection.execute(update(containers).where(here).values(**changed))


async def alone(act: Act) -> None:
    """Waits for whoever changes a whole tree: of two folders that are moved at once, none comes to be in the other
    while that comes to be in it, and nobody waits for each other."""
    if not act.context.database.sqlite:
        await act.connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ALONE})


async def move(act: Act, row: Row[Any], place: Row[Any]) -> None:
    """Moves a folder with all that is in it into ``place``; what inherits has another rule then.

    Raises :class:`BadRequest` for a workspace and for a place within the folder, :class:`NotAllowed`.
    """
    if row.kind != "folder" or row.parent is None:
        raise invalid_profile("folder", "A workspace stands by itself; only folders are moved.")
    if place.number == row.parent:
        return
    tree = subtree(row.number)
    inside = select(containers.c.number).where(
        containers.c.number == place.number, containers.c.number.in_(tree)
    )
    if (await act.connection.execute(inside)).first() is not None:
        raise invalid_profile("destination_id", "A folder cannot be moved into itself.")
    await placing.out_of(act.connection, act.person, row.parent, Action.MOVE_FOLDER)
    await placing.demand(act.connection, act.person, Action.MOVE_FOLDER, row, place)
    acl = place.acl if row.default_security == "inherit" else row.acl
    await security.follow(act, row, acl)
    here = containers.c.number == row.number
    await act.connection.execute(update(containers).where(here).values(parent=place.number))
    workspace = place.workspace or place.number
    if workspace != row.workspace:
        spaces = update(containers).where(containers.c.number.in_(tree)).values(workspace=workspace)
        await act.connection.execute(spaces)
    await add_counts(act.context, act.connection, row.parent, acl, -1, 0)
    await add_counts(act.context, act.connection, place.number, acl, 1, 0)


async def remove(act: Act, row: Row[Any]) -> None:
    """Removes a container; the documents in it go to the trash.

    Raises :class:`NotAllowed` where it holds what is not the person's to change, :class:`Conflict` where somebody
    has one of its documents checked out.
    """
    if row.kind == "workspace":
        rights.demand(row, act.person, Action.REMOVE_WORKSPACE)
    tree = subtree(row.number)
    # Whoever is putting something in is waited for, and then whoever does so into what has come meanwhile.
    for _ in range(2):
        held = select(containers.c.number).where(containers.c.number.in_(tree)).with_for_update()
        await act.connection.execute(held)
    await _check(act, tree)
    now = act.context.clock()
    within = and_(documents.c.parent.in_(tree), documents.c.deleted_at.is_(None))
    papers = select(documents.c.number).where(within)
    there = and_(versions.c.number.in_(papers), versions.c.deleted_at.is_(None))
    await note_all(act, there, "DELETE")
    await index.forget(act.context, act.connection, papers)
    gone = {"deleted_at": now, "deleted_by": act.person.name, **NOT_CHECKED_OUT}
    await act.connection.execute(update(versions).where(there).values(**gone))
    await act.connection.execute(update(documents).where(within).values(deleted_at=now))
    await act.connection.execute(delete(counters).where(counters.c.parent.in_(tree)))
    await add_counts(act.context, act.connection, row.parent or 0, row.acl, -1, 0)
    places = and_(containers.c.number.in_(tree), containers.c.deleted_at.is_(None))
    await act.connection.execute(update(containers).where(places).values(deleted_at=now))


async def _check(act: Act, tree: Select[Any]) -> None:
    inner = and_(containers.c.number.in_(tree), containers.c.deleted_at.is_(None))
    papers = and_(documents.c.parent.in_(tree), documents.c.deleted_at.is_(None))
    for table, there in ((containers, inner), (documents, papers)):
        query = select(table.c.number).where(there, rights.unwritable(table.c.acl, act.person)).limit(1)
        if (await act.connection.execute(query)).first() is not None:
            raise no_access("It holds something that is not yours to delete.")
    query = select(versions.c.checked_out_by).where(
        versions.c.checked_out_id != act.person.id,
        versions.c.number.in_(select(documents.c.number).where(papers)),
    )
    if (by := (await act.connection.execute(query.limit(1))).scalar()) is not None:
        raise checked_out_by(by)

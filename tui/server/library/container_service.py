"""Changing existing containers: renaming them, and moving and removing them with everything in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, and_, delete, select, text, update

from ...rules import names
from ...rules.authorization import Action
from ..database.tables import containers, counters, documents, versions
from . import index, move_rules, rights, security
from .actions import NOT_CHECKED_OUT, ActingPerson, note_all
from .counts import add_counts
from .inheritance import subtree
from .problems import checked_out_by, invalid_profile, no_access

_TREE_LOCK = 7_326_683_111


async def changeable(act: ActingPerson, number: int, action: Action) -> Row[Any]:
    """A container that the person may perform ``action`` on, locked until the transaction ends.

    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    lock = select(containers.c.number).where(containers.c.number == number).with_for_update()
    await act.connection.execute(lock)
    return await rights.container(act.connection, act.person, number, action)


async def change(act: ActingPerson, row: Row[Any], values: Mapping[str, Any]) -> None:
    """Change the name or description of a container."""
    changed = dict(values)
    if "name" in changed:
        changed["name_key"] = names.key(changed["name"])
    if changed:
        changed["edited_at"] = act.context.clock()
        this_container = containers.c.number == row.number
        await act.connection.execute(update(containers).where(this_container).values(**changed))


async def lock_trees(act: ActingPerson) -> None:
    """Wait for other changes to whole trees to finish. So two folders that are moved at the same time can't end up
    inside each other, and the transactions don't deadlock."""
    if not act.context.database.sqlite:
        await act.connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _TREE_LOCK})


async def move(act: ActingPerson, row: Row[Any], destination: Row[Any]) -> None:
    """Move a folder with everything in it into ``destination``; what inherits gets the rule there.

    Raises :class:`BadRequest` for a workspace and for a destination within the folder, and :class:`NotAllowed`.
    """
    if row.kind != "folder" or row.parent is None:
        raise invalid_profile("folder", "Only folders can be moved, not workspaces.")
    if destination.number == row.parent:
        return
    tree = subtree(row.number)
    inside = select(containers.c.number).where(
        containers.c.number == destination.number, containers.c.number.in_(tree)
    )
    if (await act.connection.execute(inside)).first() is not None:
        raise invalid_profile("destination_id", "A folder can't be moved into itself.")
    await move_rules.out_of(act.connection, act.person, row.parent, Action.MOVE_FOLDER)
    await move_rules.demand(act.connection, act.person, Action.MOVE_FOLDER, row, destination)
    acl = destination.acl if row.default_security == "inherit" else row.acl
    await security.follow(act, row, acl)
    this_container = containers.c.number == row.number
    await act.connection.execute(update(containers).where(this_container).values(parent=destination.number))
    workspace = destination.workspace or destination.number
    if workspace != row.workspace:
        update_workspaces = (
            update(containers).where(containers.c.number.in_(tree)).values(workspace=workspace)
        )
        await act.connection.execute(update_workspaces)
    await add_counts(act.context, act.connection, row.parent, acl, -1, 0)
    await add_counts(act.context, act.connection, destination.number, acl, 1, 0)


async def remove(act: ActingPerson, row: Row[Any]) -> None:
    """Remove a container; the documents in it go to the trash.

    Raises :class:`NotAllowed` if it holds something that the person may not change, :class:`Conflict` if someone else
    has one of its documents checked out.
    """
    if row.kind == "workspace":
        rights.demand(row, act.person, Action.REMOVE_WORKSPACE)
    tree = subtree(row.number)
    # Waits for others to finish adding to the tree, and then for those who add to what was just added.
    for _ in range(2):
        lock = select(containers.c.number).where(containers.c.number.in_(tree)).with_for_update()
        await act.connection.execute(lock)
    await _check(act, tree)
    now = act.context.clock()
    documents_inside = and_(documents.c.parent.in_(tree), documents.c.deleted_at.is_(None))
    document_numbers = select(documents.c.number).where(documents_inside)
    versions_inside = and_(versions.c.number.in_(document_numbers), versions.c.deleted_at.is_(None))
    await note_all(act, versions_inside, "DELETE")
    await index.forget(act.context, act.connection, document_numbers)
    deletion = {"deleted_at": now, "deleted_by": act.person.name, **NOT_CHECKED_OUT}
    await act.connection.execute(update(versions).where(versions_inside).values(**deletion))
    await act.connection.execute(update(documents).where(documents_inside).values(deleted_at=now))
    await act.connection.execute(delete(counters).where(counters.c.parent.in_(tree)))
    await add_counts(act.context, act.connection, row.parent or 0, row.acl, -1, 0)
    containers_inside = and_(containers.c.number.in_(tree), containers.c.deleted_at.is_(None))
    await act.connection.execute(update(containers).where(containers_inside).values(deleted_at=now))


async def _check(act: ActingPerson, tree: Select[Any]) -> None:
    containers_inside = and_(containers.c.number.in_(tree), containers.c.deleted_at.is_(None))
    documents_inside = and_(documents.c.parent.in_(tree), documents.c.deleted_at.is_(None))
    for table, condition in ((containers, containers_inside), (documents, documents_inside)):
        query = select(table.c.number).where(condition, rights.unwritable(table.c.acl, act.person)).limit(1)
        if (await act.connection.execute(query)).first() is not None:
            raise no_access("It holds something that you can't delete.")
    query = select(versions.c.checked_out_by).where(
        versions.c.checked_out_id != act.person.id,
        versions.c.number.in_(select(documents.c.number).where(documents_inside)),
    )
    if (by := (await act.connection.execute(query.limit(1))).scalar()) is not None:
        raise checked_out_by(by)

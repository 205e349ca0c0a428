"""Secure Sent Links folders: the current one of each user, its rules (one transaction each), and its end.

A folder's current state has a generation that rises with every change. A client reads it before it looks at the
shortcuts in Work and names it when it asks for a folder; where it is no longer the present one, somebody else was
faster, and the client looks again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import Conflict, NotFound
from ...rules.folder import Step, dated_name, folder_name, step
from ...rules.state import Act, State
from ...wire.share import CurrentFolder, Folder, FolderDeleted
from ..database.tables import (
    containers,
    current_folders,
    folders,
    members,
    sent_documents,
    users,
)
from ..keys import new_id
from ..library.ids import container_id
from . import links, present
from .acts import apply
from .caller import Caller, documents_query, folder_of
from .policy import load as load_policy
from .policy import zone_of

#: Folders of one person that are not deleted; more are refused.
MAX_FOLDERS = 1000
#: Documents that are moved to the trash in one transaction.
_BATCH = 200


async def counts(connection: AsyncConnection, folder_ids: list[str]) -> dict[str, tuple[int, int]]:
    """For each folder: its documents without the trash, and those that are published."""
    rows = await connection.execute(
        select(sent_documents.c.folder_id, sent_documents.c.state, func.count())
        .where(
            sent_documents.c.folder_id.in_(folder_ids),
            sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
        )
        .group_by(sent_documents.c.folder_id, sent_documents.c.state)
    )
    found: dict[str, tuple[int, int]] = {}
    for folder_id, state, number in rows:
        total, published = found.get(folder_id, (0, 0))
        found[folder_id] = (total + number, published + (number if state == State.PUBLISHED else 0))
    return found


def _with_owner() -> Any:
    return select(folders, users.c.name.label("owner")).join(users, users.c.id == folders.c.owner_id)


# ---------------------------------------------------------------- the current folder


async def _hold_current(by: Caller, connection: AsyncConnection) -> Row[Any]:
    """The caller's row of ``current_folders``, held until the transaction ends."""
    dialect: Any = sqlite if by.context.database.sqlite else postgresql
    row = {"user_id": by.id, "folder_id": None, "generation": 0}
    await connection.execute(dialect.insert(current_folders).values(**row).on_conflict_do_nothing())
    held = select(current_folders).where(current_folders.c.user_id == by.id).with_for_update()
    return (await connection.execute(held)).one()


async def current(by: Caller, connection: AsyncConnection) -> CurrentFolder:
    """What is known of the caller's current folder; generation 0 where there never was one."""
    row = (
        await connection.execute(select(current_folders).where(current_folders.c.user_id == by.id))
    ).first()
    if row is None or row.folder_id is None:
        return CurrentFolder(generation=row.generation if row else 0, folder=None, confirmed=False)
    found = (await connection.execute(_with_owner().where(folders.c.id == row.folder_id))).one()
    if found.deleted_at is not None:
        gone = container_id(found.container)
        return CurrentFolder(generation=row.generation, folder=None, confirmed=False, gone_work_id=gone)
    documents, published = (await counts(connection, [found.id])).get(found.id, (0, 0))
    shown = present.folder(found, owner=True, current=True, documents=documents, published=published)
    return CurrentFolder(generation=row.generation, folder=shown, confirmed=found.confirmed_at is not None)


async def _present_folder(connection: AsyncConnection, folder_id: str | None) -> Row[Any] | None:
    """The folder where it is not deleted."""
    if folder_id is None:
        return None
    query = select(folders).where(folders.c.id == folder_id, folders.c.deleted_at.is_(None))
    return (await connection.execute(query)).first()


async def ensure(
    by: Caller, connection: AsyncConnection, generation: int, shortcut: bool, zone_offset: int
) -> CurrentFolder:
    """The folder that a send goes to, made where the four cases of ``rules.folder.step`` say so.

    Raises :class:`Conflict` ``folder.changed`` where ``generation`` is not the present one.
    """
    held = await _hold_current(by, connection)
    if generation != held.generation:
        raise _changed()
    folder = await _present_folder(connection, held.folder_id)
    confirmed = folder is not None and folder.confirmed_at is not None
    action = step(shortcut, folder is not None, confirmed)
    if action is not Step.USE:
        await make(by, connection, zone_offset, dated=action is not Step.MAKE)
    elif folder is not None and shortcut and not confirmed:
        await _confirm(by, connection, folder.id)
    return await current(by, connection)


def _changed() -> Conflict:
    return Conflict("folder.changed", "The folder was changed by somebody else just now; look again.")


async def confirm(by: Caller, connection: AsyncConnection, folder_id: str, generation: int) -> CurrentFolder:
    """Notes that the current folder's shortcut was seen; what is noted already stays so.

    Raises :class:`NotFound`, and :class:`Conflict` where the folder is no longer the current one or
    ``generation`` is not the present one.
    """
    await folder_of(by, connection, folder_id, Action.CONFIRM_FOLDER, deleted=True)
    held = await _hold_current(by, connection)
    folder = await _present_folder(connection, held.folder_id)
    if folder is None or folder.id != folder_id:
        raise _changed()
    if folder.confirmed_at is None:
        if generation != held.generation:
            raise _changed()
        await _confirm(by, connection, folder_id)
    return await current(by, connection)


async def _confirm(by: Caller, connection: AsyncConnection, folder_id: str) -> None:
    await connection.execute(
        update(folders).where(folders.c.id == folder_id).values(confirmed_at=by.context.clock())
    )
    await _raise_generation(by, connection)


async def _raise_generation(by: Caller, connection: AsyncConnection, **values: Any) -> None:
    await connection.execute(
        update(current_folders)
        .where(current_folders.c.user_id == by.id)
        .values(generation=current_folders.c.generation + 1, **values)
    )


async def make(by: Caller, connection: AsyncConnection, zone_offset: int, *, dated: bool) -> str:
    """Makes a folder and its container in Work, makes it the current one, and answers its id.

    The caller holds its row of ``current_folders``. The name is dated where ``dated`` says so, or where another
    folder of the caller's has the plain one.
    """
    now = by.context.clock()
    rows = await connection.execute(
        select(folders.c.name, folders.c.deleted_at).where(folders.c.owner_id == by.id)
    )
    ever, there = set(), set()
    for row in rows:
        ever.add(names.key(row.name))
        if row.deleted_at is None:
            there.add(names.key(row.name))
    if len(there) >= MAX_FOLDERS:
        raise Conflict(
            "folder.too_many", f"You have {MAX_FOLDERS:,} folders; delete some that are no longer used."
        )
    name = folder_name(by.person.name, (await load_policy(connection)).base_folder_name)
    if dated or names.key(name) in there:
        made = now.astimezone(zone_of(zone_offset))
        name = dated_name(name, made, lambda candidate: names.key(candidate) in ever)
    folder_id = new_id()
    container = await connection.execute(
        insert(containers)
        .values(
            kind="folder",
            name=name,
            name_key=names.key(name),
            owner_id=by.id,
            owner=by.person.name,
            default_security="private",
            view_type="imanage_share",
            share_id=folder_id,
            created_at=now,
            edited_at=now,
        )
        .returning(containers.c.number)
    )
    await connection.execute(
        insert(folders).values(
            id=folder_id, owner_id=by.id, name=name, container=container.scalar_one(), created_at=now
        )
    )
    await _raise_generation(by, connection, folder_id=folder_id)
    return folder_id


# ---------------------------------------------------------------- all folders


async def listing(by: Caller, connection: AsyncConnection) -> list[Folder]:
    """The caller's folders and those that they are a member of: the current one, then the newest first."""
    shared = select(members.c.folder_id).where(members.c.user_id == by.id)
    query = (
        _with_owner()
        .where(folders.c.deleted_at.is_(None), (folders.c.owner_id == by.id) | folders.c.id.in_(shared))
        .order_by(folders.c.created_at.desc(), folders.c.id)
    )
    rows = (await connection.execute(query)).all()
    numbers = await counts(connection, [row.id for row in rows])
    own = select(current_folders.c.folder_id).where(current_folders.c.user_id == by.id)
    current_id = (await connection.execute(own)).scalar()
    shown = []
    for row in rows:
        documents, published = numbers.get(row.id, (0, 0))
        shown.append(
            present.folder(
                row,
                owner=row.owner_id == by.id,
                current=row.id == current_id,
                documents=documents,
                published=published,
            )
        )
    shown.sort(key=lambda folder: not folder.current)
    return shown


async def delete(by: Caller, folder_id: str) -> FolderDeleted:
    """Deletes a folder as a whole: its documents go to the trash, and their links stop.

    Large folders take several transactions; whatever was moved stays a proper trash if it is cut off, and the
    folder itself goes with the last of its documents. What is deleted already stays so. Raises
    :class:`NotFound`, :class:`NotAllowed`.
    """
    moved = 0
    while True:
        async with by.context.database.write() as connection:
            folder = await folder_of(by, connection, folder_id, Action.DELETE_FOLDER, deleted=True)
            if folder.deleted_at is not None:
                return FolderDeleted(deleted=moved)
            await hold(connection, folder_id)
            await links.settle_due(by.context, connection, sent_documents.c.folder_id == folder_id)
            rows = (
                await connection.execute(
                    documents_query()
                    .where(
                        sent_documents.c.folder_id == folder_id,
                        sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
                    )
                    .order_by(sent_documents.c.id)
                    .limit(_BATCH)
                    .with_for_update(of=sent_documents)
                )
            ).all()
            for row in rows:
                await apply(by, connection, row, Act.DELETE, {"with_folder": folder.name})
            moved += len(rows)
            if len(rows) < _BATCH:
                await _remove(by, connection, folder)
                return FolderDeleted(deleted=moved)


async def _remove(by: Caller, connection: AsyncConnection, folder: Row[Any]) -> None:
    now = by.context.clock()
    await connection.execute(update(folders).where(folders.c.id == folder.id).values(deleted_at=now))
    await connection.execute(
        update(containers).where(containers.c.number == folder.container).values(deleted_at=now)
    )
    held = await _hold_current(by, connection)
    if held.folder_id == folder.id:
        await _raise_generation(by, connection)


async def folder_for_restored(
    by: Caller, connection: AsyncConnection, folder_id: str, zone_offset: int
) -> str:
    """Where a document from the trash goes: its folder, the current one where that is gone, or a new one."""
    if await _present_folder(connection, folder_id) is not None:
        return folder_id
    held = await _hold_current(by, connection)
    if await _present_folder(connection, held.folder_id) is not None:
        return str(held.folder_id)
    return await make(by, connection, zone_offset, dated=False)


async def hold(connection: AsyncConnection, folder_id: str) -> Row[Any]:
    """A folder that is not deleted, held until the transaction ends, so that nothing is put into one that goes.

    Raises :class:`NotFound`.
    """
    query = select(folders).where(folders.c.id == folder_id, folders.c.deleted_at.is_(None))
    row = (await connection.execute(query.with_for_update())).first()
    if row is None:
        raise NotFound("folder.unknown", "There is no such folder.")
    return row

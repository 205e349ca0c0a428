"""Secure Sent Links folders: each user's current one, the rules for using it (one transaction each), and deletion.

A user's current folder has a generation that rises with every change. A client reads it before it looks at the
shortcuts in Work, and passes it when it requests a folder. If the generation is outdated by then, another client
was faster, and the client has to look again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import Conflict, NotFound
from ...rules.folder import Step, dated_name, folder_name, step
from ...rules.missing import NO_FOLDER
from ...rules.state import Act, State
from ...wire.folders import CurrentFolder, Folder, FolderDeleted
from ..base.keys import new_id
from ..database.tables import (
    containers,
    current_folders,
    folders,
    members,
    sent_documents,
    users,
)
from ..library.ids import container_id
from . import damaged_rows, expiry, serializers
from .caller import Caller, documents_query, folder_of
from .link_settings import zone_of
from .policy import load as load_policy
from .transitions import apply_some

#: Maximum number of undeleted folders of one person.
MAX_FOLDERS = 1000
#: Documents moved to the trash in one transaction: others who write wait for its end.
_BATCH = 25


async def counts(connection: AsyncConnection, folder_ids: list[str]) -> dict[str, tuple[int, int]]:
    """For each folder: the number of its documents without the trash, and of those that are published."""
    rows = await connection.execute(
        select(sent_documents.c.folder_id, sent_documents.c.state, func.count())
        .where(
            sent_documents.c.folder_id.in_(folder_ids),
            sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
        )
        .group_by(sent_documents.c.folder_id, sent_documents.c.state)
    )
    totals: dict[str, tuple[int, int]] = {}
    for folder_id, state, number in rows:
        total, published = totals.get(folder_id, (0, 0))
        totals[folder_id] = (total + number, published + (number if state == State.PUBLISHED else 0))
    return totals


def _folders_with_owner() -> Any:
    return select(folders, users.c.name.label("owner")).join(users, users.c.id == folders.c.owner_id)


# ---------------------------------------------------------------- the current folder


async def _lock_current_row(by: Caller, connection: AsyncConnection) -> Row[Any]:
    """The caller's row of ``current_folders``, locked until the transaction ends."""
    row = {"user_id": by.id, "folder_id": None, "generation": 0}
    await connection.execute(
        by.context.database.insert(current_folders).values(**row).on_conflict_do_nothing()
    )
    query = select(current_folders).where(current_folders.c.user_id == by.id).with_for_update()
    return (await connection.execute(query)).one()


async def current(by: Caller, connection: AsyncConnection) -> CurrentFolder:
    """The caller's current folder; generation 0 if there has never been one."""
    row = (
        await connection.execute(select(current_folders).where(current_folders.c.user_id == by.id))
    ).first()
    if row is None or row.folder_id is None:
        return CurrentFolder(generation=row.generation if row else 0, folder=None, confirmed=False)
    folder_row = (await connection.execute(_folders_with_owner().where(folders.c.id == row.folder_id))).one()
    if folder_row.deleted_at is not None:
        deleted_work_id = container_id(folder_row.container)
        return CurrentFolder(
            generation=row.generation, folder=None, confirmed=False, gone_work_id=deleted_work_id
        )
    documents, published = (await counts(connection, [folder_row.id])).get(folder_row.id, (0, 0))
    folder = serializers.folder(
        folder_row, owner=True, current=True, documents=documents, published=published
    )
    return CurrentFolder(
        generation=row.generation, folder=folder, confirmed=folder_row.confirmed_at is not None
    )


async def _undeleted_folder(connection: AsyncConnection, folder_id: str | None) -> Row[Any] | None:
    """The folder, unless it is deleted."""
    if folder_id is None:
        return None
    query = select(folders).where(folders.c.id == folder_id, folders.c.deleted_at.is_(None))
    return (await connection.execute(query)).first()


async def ensure(
    by: Caller, connection: AsyncConnection, generation: int, shortcut: bool, zone_offset: int
) -> CurrentFolder:
    """The folder that a send goes to, created if the four cases of ``rules.folder.step`` call for it.

    Raises :class:`Conflict` ``folder.changed`` if ``generation`` is outdated.
    """
    current_row = await _lock_current_row(by, connection)
    if generation != current_row.generation:
        raise _folder_changed()
    folder = await _undeleted_folder(connection, current_row.folder_id)
    confirmed = folder is not None and folder.confirmed_at is not None
    action = step(shortcut, folder is not None, confirmed)
    if action is not Step.USE:
        await make(by, connection, zone_offset, dated=action is not Step.MAKE)
    elif folder is not None and shortcut and not confirmed:
        await _mark_confirmed(by, connection, folder.id)
    return await current(by, connection)


def _folder_changed() -> Conflict:
    return Conflict("folder.changed", "Another client has just changed the folder. Try again.")


async def confirm(by: Caller, connection: AsyncConnection, folder_id: str, generation: int) -> CurrentFolder:
    """Note that the current folder's shortcut was seen; no effect if that is noted already.

    Raises :class:`NotFound`, and :class:`Conflict` if the folder is no longer the current one or ``generation`` is
    outdated.
    """
    await folder_of(by, connection, folder_id, Action.CONFIRM_FOLDER, deleted=True)
    current_row = await _lock_current_row(by, connection)
    folder = await _undeleted_folder(connection, current_row.folder_id)
    if folder is None or folder.id != folder_id:
        raise _folder_changed()
    if folder.confirmed_at is None:
        if generation != current_row.generation:
            raise _folder_changed()
        await _mark_confirmed(by, connection, folder_id)
    return await current(by, connection)


async def _mark_confirmed(by: Caller, connection: AsyncConnection, folder_id: str) -> None:
    await connection.execute(
        update(folders).where(folders.c.id == folder_id).values(confirmed_at=by.context.clock())
    )
    await _increment_generation(by, connection)


async def _increment_generation(by: Caller, connection: AsyncConnection, **values: Any) -> None:
    await connection.execute(
        update(current_folders)
        .where(current_folders.c.user_id == by.id)
        .values(generation=current_folders.c.generation + 1, **values)
    )


async def make(by: Caller, connection: AsyncConnection, zone_offset: int, *, dated: bool) -> str:
    """Create a folder and its container in Work, and make it the current one. Returns its id.

    The calling function has locked the user's row of ``current_folders``. The name gets a date if ``dated`` is set, or
    if another folder of theirs has the plain name.
    """
    now = by.context.clock()
    rows = await connection.execute(
        select(folders.c.name, folders.c.deleted_at).where(folders.c.owner_id == by.id)
    )
    all_names, undeleted_names = set(), set()
    for row in rows:
        all_names.add(names.key(row.name))
        if row.deleted_at is None:
            undeleted_names.add(names.key(row.name))
    if len(undeleted_names) >= MAX_FOLDERS:
        raise Conflict(
            "folder.too_many",
            f"You have {MAX_FOLDERS:,} folders, the maximum. Delete some you no longer use.",
        )
    name = folder_name(by.person.name, (await load_policy(connection)).base_folder_name)
    if dated or names.key(name) in undeleted_names:
        local_time = now.astimezone(zone_of(zone_offset))
        name = dated_name(name, local_time, lambda candidate: names.key(candidate) in all_names)
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
    await _increment_generation(by, connection, folder_id=folder_id)
    return folder_id


# ---------------------------------------------------------------- all folders


async def listing(by: Caller, connection: AsyncConnection) -> list[Folder]:
    """The caller's folders and those they are a member of: the current one, then the others, newest first."""
    shared = select(members.c.folder_id).where(members.c.user_id == by.id)
    query = (
        _folders_with_owner()
        .where(folders.c.deleted_at.is_(None), (folders.c.owner_id == by.id) | folders.c.id.in_(shared))
        .order_by(folders.c.created_at.desc(), folders.c.id)
    )
    rows = (await connection.execute(query)).all()
    folder_counts = await counts(connection, [row.id for row in rows])
    current_query = select(current_folders.c.folder_id).where(current_folders.c.user_id == by.id)
    current_id = (await connection.execute(current_query)).scalar()
    listed = []
    for row in rows:
        documents, published = folder_counts.get(row.id, (0, 0))
        listed.append(
            serializers.folder(
                row,
                owner=row.owner_id == by.id,
                current=row.id == current_id,
                documents=documents,
                published=published,
            )
        )
    listed.sort(key=lambda folder: not folder.current)
    return listed


async def delete(by: Caller, folder_id: str) -> FolderDeleted:
    """Delete a folder with everything in it: its documents go to the trash, and their links stop working.

    Large folders take several transactions. If this is interrupted, documents already moved are in the trash as
    usual; the folder itself is deleted with the last of its documents. No effect if the folder is deleted already.
    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    moved = 0
    while True:
        async with by.context.database.write() as connection:
            folder = await folder_of(by, connection, folder_id, Action.DELETE_FOLDER, deleted=True)
            if folder.deleted_at is not None:
                return FolderDeleted(deleted=moved)
            await lock_folder(connection, folder_id)
            await expiry.settle_due(by.context, connection, sent_documents.c.folder_id == folder_id)
            query = (
                documents_query()
                .where(
                    sent_documents.c.folder_id == folder_id,
                    sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
                )
                .order_by(sent_documents.c.id)
                .limit(_BATCH)
                .with_for_update(of=sent_documents)
            )
            rows = await damaged_rows.fetch(by.context, connection, query)
            done = await apply_some(by, connection, rows, Act.DELETE, {"with_folder": folder.name})
            moved += done
            if done == len(rows) < _BATCH:
                await _mark_deleted(by, connection, folder)
                return FolderDeleted(deleted=moved)


async def _mark_deleted(by: Caller, connection: AsyncConnection, folder: Row[Any]) -> None:
    now = by.context.clock()
    await connection.execute(update(folders).where(folders.c.id == folder.id).values(deleted_at=now))
    await connection.execute(
        update(containers).where(containers.c.number == folder.container).values(deleted_at=now)
    )
    current_row = await _lock_current_row(by, connection)
    if current_row.folder_id == folder.id:
        await _increment_generation(by, connection)


async def folder_for_restored(
    by: Caller, connection: AsyncConnection, folder_id: str, zone_offset: int
) -> str:
    """The folder to restore a document to: its own, the current one if that is deleted, or a new one."""
    if await _undeleted_folder(connection, folder_id) is not None:
        return folder_id
    current_row = await _lock_current_row(by, connection)
    if await _undeleted_folder(connection, current_row.folder_id) is not None:
        return str(current_row.folder_id)
    return await make(by, connection, zone_offset, dated=False)


_LOCKED = (
    select(folders)
    .where(folders.c.id == bindparam("folder"), folders.c.deleted_at.is_(None))
    .with_for_update()
)


async def lock_folder(connection: AsyncConnection, folder_id: str) -> Row[Any]:
    """An undeleted folder, locked until the transaction ends, so that nothing is added to it while it is being deleted.

    Raises :class:`NotFound`.
    """
    row = (await connection.execute(_LOCKED, {"folder": folder_id})).first()
    if row is None:
        raise NotFound("folder.unknown", NO_FOLDER)
    return row

"""Routes of folders, their members and their document lists."""

from __future__ import annotations

from fastapi import APIRouter

from ...wire.audit import AuditEvents
from ...wire.folders import (
    AddMember,
    ConfirmShortcut,
    CurrentFolder,
    EnsureFolder,
    FolderDeleted,
    Folders,
    Members,
)
from ...wire.share import Documents
from ..database.tables import sent_documents
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import audits, documents, folders, members
from .answers import PREFIX, SIGNED_IN, problems
from .caller import CallerDep
from .paging import DEFAULT_LIMIT, Cursor, Limit, SortedBy
from .sent_filters import Wanted

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)


@router.get("/folder", responses=problems(401))
async def current_folder(by: CallerDep) -> CurrentFolder:
    """The caller's current folder, and the generation to pass in requests that change it."""
    await documents.settle(by.context, sent_documents.c.owner_id == by.id)
    async with by.context.database.read() as connection:
        return await folders.current(by, connection)


@router.post("/folder", responses=problems(401, 409, 413, 422))
async def ensure_folder(by: CallerDep, body: EnsureFolder) -> CurrentFolder:
    """The folder that a send goes to, created if there is none. 409 `folder.changed` for an old generation."""
    async with by.context.database.write() as connection:
        return await folders.ensure(by, connection, body.generation, body.shortcut, body.zone_offset)


@router.post("/folder/confirm", responses=problems(401, 404, 409, 413, 422))
async def confirm_shortcut(by: CallerDep, body: ConfirmShortcut) -> CurrentFolder:
    """Confirm that the current folder's shortcut was seen in Work. 409 `folder.changed` for an old generation."""
    async with by.context.database.write() as connection:
        return await folders.confirm(by, connection, body.folder, body.generation)


@router.get("/folders", responses=problems(401))
async def all_folders(by: CallerDep) -> Folders:
    """The caller's folders and those that they were added to."""
    await documents.settle(by.context)
    async with by.context.database.read() as connection:
        return Folders(folders=await folders.listing(by, connection))


@router.delete("/folders/{folder_id}", responses=problems(401, 403, 404))
@in_lane(Lane.EXPENSIVE)
async def delete_folder(by: CallerDep, folder_id: str) -> FolderDeleted:
    """Delete a folder with everything in it: its documents go to the trash, and their links stop working."""
    return await folders.delete(by, folder_id)


@router.get("/folders/{folder_id}/documents", responses=problems(401, 404, 422))
async def folder_documents(
    by: CallerDep,
    folder_id: str,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
    sort: SortedBy = "-sent_at",
) -> Documents:
    """A page of a folder's documents, most recently sent first unless `sort` says otherwise."""
    return await documents.in_folder(by, folder_id, sort, cursor, limit, wanted)


@router.get("/folders/{folder_id}/members", responses=problems(401, 404))
async def folder_members(by: CallerDep, folder_id: str) -> Members:
    """Whom the owner has added to a folder; for both."""
    return await members.listing(by, folder_id)


@router.post("/folders/{folder_id}/members", responses=problems(401, 403, 404, 409, 413, 422))
async def add_member(by: CallerDep, folder_id: str, body: AddMember) -> Members:
    """Add a member, who then sees everything in the folder: individual documents can't be hidden from them."""
    return await members.add(by, folder_id, body.name)


@router.delete("/folders/{folder_id}/members/{name}", responses=problems(401, 403, 404))
async def remove_member(by: CallerDep, folder_id: str, name: str) -> Members:
    """Remove a member, effective at once."""
    return await members.remove(by, folder_id, name)


@router.get("/folders/{folder_id}/audit", responses=problems(401, 404, 422))
async def folder_audit(
    by: CallerDep, folder_id: str, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> AuditEvents:
    """The events of the folder itself, newest first: members added and removed."""
    return await audits.of_folder(by, folder_id, cursor, limit)

"""Changing a workspace or folder: its profile, who may see it, moving it and removing it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from ...rules.authorization import Action
from ...rules.errors import NotFound
from ..library import container_service, move_rules, rights
from ..library.ids import container_of
from ..library.problems import no_record
from ..library.routing import LanedRoute
from ..library.security import secure_container
from . import profile, serializers
from .call import SCOPE, Call, CallDep, answer
from .document_routes import destination

router = APIRouter(route_class=LanedRoute)


@router.patch(SCOPE + "/workspaces/{workspace}")
async def patch_workspace(call: CallDep, workspace: str) -> Response:
    """Change a workspace's name, description and security; what the body omits stays unchanged."""
    return await _patch(call, container_of(workspace), "workspace")


@router.patch(SCOPE + "/folders/{folder}")
async def patch_folder(call: CallDep, folder: str) -> Response:
    """Change a folder's (or a workspace's) name, description and security."""
    return await _patch(call, container_of(folder), None)


@router.delete(SCOPE + "/workspaces/{workspace}")
async def remove_workspace(call: CallDep, workspace: str) -> Response:
    """Remove a workspace; the documents in it go to the trash."""
    return await _remove(call, container_of(workspace), "workspace")


@router.delete(SCOPE + "/folders/{folder}")
async def remove_folder(call: CallDep, folder: str) -> Response:
    """Remove a folder with everything in it; the documents go to the trash."""
    return await _remove(call, container_of(folder), None)


@router.post(SCOPE + "/folders/{folder}/move")
async def move_folder(call: CallDep, folder: str) -> Response:
    """Move a folder into ``destination_folder_id`` (or ``destination_id``)."""
    number, target = container_of(folder), destination(await call.body())
    async with call.acting() as act:
        await container_service.lock_trees(act)
        row = await container_service.changeable(act, number, Action.MOVE_FOLDER)
        into = await move_rules.into(act.connection, act.person, target, Action.MOVE_FOLDER)
        await container_service.move(act, row, into)
    return await _shown(call, number)


@router.get(SCOPE + "/workspaces/{container}/security")
@router.get(SCOPE + "/folders/{container}/security")
async def container_security(call: CallDep, container: str) -> Response:
    """Who may see a container: its ``default_security`` and its trustees."""
    async with call.reading() as connection:
        row = await rights.container(connection, call.person, container_of(container))
        return answer(await serializers.trustees(connection, row), default_security=row.default_security)


async def _patch(call: Call, number: int, kind: str | None) -> Response:
    body = await call.body()
    values: dict[str, Any] = {}
    if "name" in body:
        values["name"] = profile.name(body)
    if isinstance(body.get("description"), str):
        values["description"] = profile.text(body, "description", profile.MAX_COMMENT)
    security = profile.security(body, "") if profile.text(body, "default_security") else None
    async with call.acting() as act:
        trustees = await profile.trustees_given(act.connection, body)
        if security is not None:
            await container_service.lock_trees(act)
        row = await container_service.changeable(act, number, Action.CHANGE_CONTAINER)
        if kind not in (None, row.kind):
            raise no_record()
        await container_service.change(act, row, values)
        await secure_container(act, row, security, trustees)
    return await _shown(call, number)


async def _remove(call: Call, number: int, kind: str | None) -> Response:
    async with call.acting() as act:
        await container_service.lock_trees(act)
        row = await container_service.changeable(act, number, Action.REMOVE_FOLDER)
        if kind not in (None, row.kind):
            raise no_record()
        await container_service.remove(act, row)
    return Response(status_code=204)


async def _shown(call: Call, number: int) -> Response:
    async with call.reading() as connection:
        try:
            row = await rights.container(connection, call.person, number)
        except NotFound:
            # The change was made, though the caller has just lost access.
            return Response(status_code=204)
        return answer(serializers.container(row, await call.facts(connection, [row])))

"""Libraries, workspaces and folders."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers
from ..library import rights
from ..library.actions import create_folder, create_workspace, people
from ..library.ids import LIBRARY, container_of
from ..library.problems import no_record
from ..library.routing import LanedRoute
from . import operations, profile, serializers
from .call import SCOPE, Call, CallDep, answer, listing, overflowing, whole
from .children import FolderPart, parts_of, workspaces
from .filters import Filter, for_containers, for_documents, leaves_folders_out
from .pages import FoundRows, Order, page_of
from .parameters import Paging, Parameters, posted

router = APIRouter(route_class=LanedRoute)

_OLDEST = re.compile(r"api/v2/.*/libraries/")

_LIBRARY = {
    "id": LIBRARY,
    "alias": LIBRARY,
    "display_name": LIBRARY,
    "type": "worksite",
    "is_hidden": False,
}


@router.get(SCOPE + "/libraries")
async def libraries(call: CallDep) -> Response:
    """The one library."""
    return await whole(call, [_LIBRARY])


@router.get(SCOPE)
async def one_library(call: CallDep) -> Response:
    """A library by its id. Raises :class:`NotFound` if none is named."""
    if "/libraries/" not in call.request.path_params["scope"]:
        raise no_record()
    return answer(_LIBRARY)


# ---------------------------------------------------------------- workspaces


@router.get(SCOPE + "/workspaces")
async def list_workspaces(call: CallDep) -> Response:
    """All workspaces by name, or those that match the filters."""

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _workspaces(call, connection, call.parameters, call.parameters.paging)
        return await listing(await _all_shown(call, connection, found), found, results=True)

    return await call.run_in_lane(read_page)


@router.get(SCOPE + "/workspaces/search")
async def search_workspaces(call: CallDep) -> Response:
    """The same at another path, as a simple list."""

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _workspaces(call, connection, call.parameters, call.parameters.paging)
        return await listing(await _all_shown(call, connection, found), found)

    return await call.run_in_lane(read_page)


@router.post(SCOPE + "/workspaces/search")
async def post_workspaces(call: CallDep) -> Response:
    """The same search with its filters in the body; ``overflow`` says whether there are more than ``limit``."""
    parameters = posted(await call.body())

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _workspaces(call, connection, parameters, Paging(parameters.paging.limit))
        return await overflowing(await _all_shown(call, connection, found), found)

    return await call.run_in_lane(read_page)


async def _workspaces(
    call: Call, connection: AsyncConnection, parameters: Parameters, paging: Paging
) -> FoundRows:
    order = Order.parse(parameters.text("sort"))
    return await page_of(await workspaces(connection, call.person, order, for_containers(parameters)), paging)


async def _all_shown(call: Call, connection: AsyncConnection, found: FoundRows) -> Iterator[serializers.Json]:
    facts = await call.facts(connection, found.rows)
    return (serializers.container(row, facts) for row in found.rows)


@router.post(SCOPE + "/workspaces")
async def new_workspace(call: CallDep) -> Response:
    """Create a workspace owned by the caller, public unless the body says otherwise."""
    body = await call.body()
    name, description = profile.name(body), profile.text(body, "description", profile.MAX_COMMENT)
    security = profile.security(body, "public")
    async with call.acting() as act:
        trustees = await profile.trustees(act.connection, body)
        number = await create_workspace(
            act, name, description=description, security=security, trustees=trustees
        )
    return await _shown(call, number, 201)


@router.get(SCOPE + "/workspaces/{workspace}")
async def one_workspace(call: CallDep, workspace: str) -> Response:
    """A workspace's profile."""
    return await _shown(call, await _workspace(call, workspace))


@router.get(SCOPE + "/workspaces/{workspace}/children")
async def workspace_children(call: CallDep, workspace: str) -> Response:
    """The contents of a workspace; ``children_type=folders`` omits its own documents, ``tabs`` omits everything."""
    return await _children(call, await _workspace(call, workspace))


@router.get(SCOPE + "/workspaces/{workspace}/documents")
async def workspace_documents(call: CallDep, workspace: str) -> Response:
    """The latest versions of a workspace's own documents."""
    return await _children(call, await _workspace(call, workspace), documents_only=True)


@router.get(SCOPE + "/workspaces/{workspace}/operations")
async def workspace_operations(call: CallDep, workspace: str) -> Response:
    """What the caller may do with a workspace."""
    return await _operations(call, await _workspace(call, workspace))


@router.post(SCOPE + "/workspaces/{workspace}/folders")
async def new_folder_of_workspace(call: CallDep, workspace: str) -> Response:
    """Create a folder in a workspace."""
    return await _new_folder(call, await _workspace(call, workspace))


async def _workspace(call: Call, text: str) -> int:
    """The number of a workspace that the caller may see. Raises :class:`NotFound`, also for a folder."""
    async with call.reading() as connection:
        row = await rights.container(connection, call.person, container_of(text))
    if row.kind != "workspace":
        raise no_record()
    return int(row.number)


# ---------------------------------------------------------------- folders


@router.get(SCOPE + "/folders")
async def list_folders(call: CallDep) -> Response:
    """The folders that match the filters, by name; with ``container_id``, those in that container. Clients of the
    oldest base path expect a library's folders as a simple list."""
    return await _listed(call, results=not _OLDEST.match(call.request.path_params["scope"]))


@router.get(SCOPE + "/folders/search")
async def search_folders(call: CallDep) -> Response:
    """The same at another path."""
    return await _listed(call, results=True)


async def _listed(call: Call, *, results: bool) -> Response:

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _folders(call, connection, call.parameters, call.parameters.paging)
        return await listing(await _all_shown(call, connection, found), found, results=results)

    return await call.run_in_lane(read_page)


@router.post(SCOPE + "/folders/search")
async def post_folders(call: CallDep) -> Response:
    """The same search with its filters in the body; ``overflow`` says whether there are more than ``limit``."""
    parameters = posted(await call.body())

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _folders(call, connection, parameters, Paging(parameters.paging.limit))
        return await overflowing(await _all_shown(call, connection, found), found)

    return await call.run_in_lane(read_page)


async def _folders(
    call: Call, connection: AsyncConnection, parameters: Parameters, paging: Paging
) -> FoundRows:
    chosen = for_containers(parameters)
    query = rights.containers_query(call.person).where(containers.c.kind == "folder", *chosen.conditions)
    if text := parameters.text("container_id"):
        query = query.where(containers.c.parent == container_of(text))
    if text := parameters.text("include_ids"):
        query = query.where(containers.c.number.in_([container_of(one.strip()) for one in text.split(",")]))
    keys = (containers.c.name_key, containers.c.number)
    part = FolderPart(connection, query, Order.parse("name"), keys, chosen.test)
    return await page_of([part], paging)


@router.get(SCOPE + "/folders/{folder}")
async def one_folder(call: CallDep, folder: str) -> Response:
    """A folder's or a workspace's profile."""
    return await _shown(call, container_of(folder))


@router.get(SCOPE + "/folders/{folder}/children")
async def folder_children(call: CallDep, folder: str) -> Response:
    """The contents of a folder or workspace: folders first, then the latest versions of its documents."""
    return await _children(call, container_of(folder))


@router.get(SCOPE + "/folders/{folder}/documents")
async def folder_documents(call: CallDep, folder: str) -> Response:
    """The latest versions of a folder's documents."""
    return await _children(call, container_of(folder), documents_only=True)


@router.get(SCOPE + "/folders/{folder}/operations")
async def folder_operations(call: CallDep, folder: str) -> Response:
    """What the caller may do with a folder."""
    return await _operations(call, container_of(folder))


@router.get(SCOPE + "/folders/{folder}/path")
async def folder_path(call: CallDep, folder: str) -> Response:
    """The containers on the path to a folder, outermost first: a single path, whereas a document can have several."""
    async with call.reading() as connection:
        row = await rights.container(connection, call.person, container_of(folder))
        path = await rights.way_to(connection, call.person, row.parent)
        facts = await call.facts(connection, path)
        return answer([serializers.container(step, facts) for step in path])


@router.get(SCOPE + "/folders/{container}/name-value-pairs")
@router.get(SCOPE + "/workspaces/{container}/name-value-pairs")
async def container_pairs(call: CallDep, container: str) -> Response:
    """A container's name-value pairs: always none, since this library keeps them for documents only."""
    async with call.reading() as connection:
        await rights.container(connection, call.person, container_of(container))
    return answer({})


@router.post(SCOPE + "/folders/{folder}/subfolders")
async def new_subfolder(call: CallDep, folder: str) -> Response:
    """Create a folder in a folder."""
    return await _new_folder(call, container_of(folder))


# ---------------------------------------------------------------- both


async def _shown(call: Call, number: int, status: int = 200) -> Response:
    async with call.reading() as connection:
        row = await rights.container(connection, call.person, number)
        shown = serializers.container(row, await call.facts(connection, [row]))
        if call.parameters.flag("include_operations"):
            shown["operations"] = operations.of_container(row, call.person)
        return answer(shown, status)


async def _operations(call: Call, number: int) -> Response:
    async with call.reading() as connection:
        row = await rights.container(connection, call.person, number)
        return answer(operations.of_container(row, call.person))


async def _children(call: Call, number: int, *, documents_only: bool = False) -> Response:
    parameters = call.parameters
    kind = (parameters.text("children_type") or "all").lower()
    order = Order.parse(parameters.text("sort"))

    async def read_page(connection: AsyncConnection) -> Response:
        parent = await rights.container(connection, call.person, number)
        names = await people(connection) if parameters.text("anywhere") else {}
        folder_filter: Filter | None = for_containers(parameters)
        document_filter: Filter | None = for_documents(parameters, names, children=True)
        if (
            documents_only
            or kind == "tabs"
            or parameters.flag("exclude_folders")
            or leaves_folders_out(parameters)
        ):
            folder_filter = None
        if kind in ("folders", "tabs") or parameters.flag("exclude_docs"):
            document_filter = None
        parts = await parts_of(connection, call.person, parent, order, folder_filter, document_filter)
        found = await page_of(parts, parameters.paging)
        facts = await call.facts(connection, found.rows)
        return await listing(serializers.mixed(found.rows, facts), found)

    return await call.run_in_lane(read_page)


async def _new_folder(call: Call, parent: int) -> Response:
    body = await call.body()
    name, description = profile.name(body), profile.text(body, "description", profile.MAX_COMMENT)
    security = profile.security(body, "inherit")
    async with call.acting() as act:
        trustees = await profile.trustees(act.connection, body)
        number = await create_folder(
            act, parent, name, description=description, security=security, trustees=trustees
        )
    return await _shown(call, number, 201)

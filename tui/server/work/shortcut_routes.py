"""The routes of My Favorites (each person's shortcuts) and of My Matters (each person's workspaces, to which those that
they create are added automatically), with the categories that hold them.

The calls that read them are confirmed by public clients; those that change them are guessed from these.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Depends, params
from fastapi.responses import Response

from ..library.problems import no_record
from ..library.routing import LanedRoute
from .call import SCOPE, CallDep
from .shortcuts import Shortcuts

router = APIRouter(route_class=LanedRoute)


async def _own_list(call: CallDep, user: str) -> None:
    """Raise :class:`NotFound` for another person's list, which only they may see."""
    if user.upper() != call.person.name:
        raise no_record()


def _add_routes(root: str, shortcuts: Shortcuts, dependencies: Sequence[params.Depends] = ()) -> None:
    routes = APIRouter(prefix=root, route_class=LanedRoute, dependencies=dependencies)

    @routes.get("/children")
    async def read(call: CallDep) -> Response:
        """The caller's shortcuts and categories by name, except those within categories."""
        return await shortcuts.listed(call)

    @routes.get("/categories/{category}/children")
    async def read_category(call: CallDep, category: str) -> Response:
        """The contents of one of the caller's categories."""
        return await shortcuts.listed(call, category)

    @routes.post("/children")
    async def add(call: CallDep) -> Response:
        """Add a shortcut to ``target_id``, in the category ``parent_id`` if given."""
        return await shortcuts.add(call)

    @routes.post("/categories")
    async def add_category(call: CallDep) -> Response:
        """Create a category called ``name``."""
        return await shortcuts.add_category(call)

    @routes.patch("/children/{shortcut}")
    async def change(call: CallDep, shortcut: str) -> Response:
        """Rename a shortcut or category (``name``), or change a shortcut's target (``target_id``)."""
        return await shortcuts.change(call, shortcut)

    @routes.delete("/children/{shortcut}")
    async def remove(call: CallDep, shortcut: str) -> Response:
        """Remove a shortcut, or a category with everything in it; the targets of shortcuts stay."""
        return await shortcuts.remove(call, shortcut)

    router.routes.extend(routes.routes)


_add_routes(
    SCOPE + "/my-favorites", Shortcuts("my_favorites", "My Favorites", ("workspace", "folder", "document"))
)
_add_routes(
    SCOPE + "/users/{user}/my-matters",
    Shortcuts("my_matters", "My Matters", ("workspace",)),
    [Depends(_own_list)],
)

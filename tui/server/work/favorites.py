"""My Favorites: each person's shortcuts, and the categories that hold them.

The calls that read them are confirmed by public clients; those that change them are guessed from these.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ..library.routing import LanedRoute
from .call import SCOPE, CallDep
from .shortcuts import Shortcuts

router = APIRouter(route_class=LanedRoute)

_LIST = Shortcuts("my_favorites", "My Favorites", ("workspace", "folder", "document"))
_ROOT = SCOPE + "/my-favorites"


@router.get(_ROOT + "/children")
async def read(call: CallDep) -> Response:
    """The caller's shortcuts and categories by name, except those within categories."""
    return await _LIST.listed(call)


@router.get(_ROOT + "/categories/{category}/children")
async def read_category(call: CallDep, category: str) -> Response:
    """The contents of one of the caller's categories."""
    return await _LIST.listed(call, category)


@router.post(_ROOT + "/children")
async def add(call: CallDep) -> Response:
    """Add a shortcut to ``target_id``, in the category ``parent_id`` if given."""
    return await _LIST.add(call)


@router.post(_ROOT + "/categories")
async def add_category(call: CallDep) -> Response:
    """Create a category called ``name``."""
    return await _LIST.add_category(call)


@router.patch(_ROOT + "/children/{favorite}")
async def change(call: CallDep, favorite: str) -> Response:
    """Rename a shortcut or category (``name``), or change a shortcut's target (``target_id``)."""
    return await _LIST.change(call, favorite)


@router.delete(_ROOT + "/children/{favorite}")
async def remove(call: CallDep, favorite: str) -> Response:
    """Remove a shortcut, or a category with everything in it; the targets of shortcuts stay."""
    return await _LIST.remove(call, favorite)

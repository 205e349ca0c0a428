"""My Matters: each person's workspaces. Those that they create are added automatically.

The calls that read them are confirmed by public clients; those that change them are guessed, as with My Favorites.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ..library.problems import no_record
from ..library.routing import LanedRoute
from .call import SCOPE, Call, CallDep
from .shortcuts import Shortcuts

router = APIRouter(route_class=LanedRoute)

_LIST = Shortcuts("my_matters", "My Matters", ("workspace",))
_ROOT = SCOPE + "/users/{user}/my-matters"


def _check(call: Call, user: str) -> None:
    """Raise :class:`NotFound` for another person's list, which only they may see."""
    if user.upper() != call.person.name:
        raise no_record()


@router.get(_ROOT + "/children")
async def read(call: CallDep, user: str) -> Response:
    """The caller's workspaces and categories by name, except those within categories."""
    _check(call, user)
    return await _LIST.listed(call)


@router.get(_ROOT + "/categories/{category}/children")
async def read_category(call: CallDep, user: str, category: str) -> Response:
    """The contents of one of the caller's categories."""
    _check(call, user)
    return await _LIST.listed(call, category)


@router.post(_ROOT + "/children")
async def add(call: CallDep, user: str) -> Response:
    """Add a shortcut to the workspace ``target_id``, in the category ``parent_id`` if given."""
    _check(call, user)
    return await _LIST.add(call)


@router.post(_ROOT + "/categories")
async def add_category(call: CallDep, user: str) -> Response:
    """Create a category called ``name``."""
    _check(call, user)
    return await _LIST.add_category(call)


@router.patch(_ROOT + "/children/{shortcut}")
async def change(call: CallDep, user: str, shortcut: str) -> Response:
    """Rename a shortcut or category."""
    _check(call, user)
    return await _LIST.change(call, shortcut)


@router.delete(_ROOT + "/children/{shortcut}")
async def remove(call: CallDep, user: str, shortcut: str) -> Response:
    """Remove a shortcut, or a category with everything in it; the workspaces stay."""
    _check(call, user)
    return await _LIST.remove(call, shortcut)

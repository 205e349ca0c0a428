"""My Matters: each person's workspaces. Those that one makes are in it by themselves.

Reading them is confirmed by public clients; the calls that change them are guessed, as with My Favorites.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ..library.problems import no_record
from .call import SCOPE, Asks, Call
from .shortcuts import Shortcuts

router = APIRouter()

_LIST = Shortcuts("my_matters", "My Matters", ("workspace",))
_ROOT = SCOPE + "/users/{user}/my-matters"


def _check(call: Call, user: str) -> None:
    """Raises :class:`NotFound` for another person's, which is nobody else's to see."""
    if user.upper() != call.person.name:
        raise no_record()


@router.get(_ROOT + "/children")
async def read(call: Asks, user: str) -> Response:
    """The caller's workspaces and categories by name, those within categories aside."""
    _check(call, user)
    return await _LIST.listed(call)


@router.get(_ROOT + "/categories/{category}/children")
async def read_category(call: Asks, user: str, category: str) -> Response:
    """What is in one of the caller's categories."""
    _check(call, user)
    return await _LIST.listed(call, category)


@router.post(_ROOT + "/children")
async def add(call: Asks, user: str) -> Response:
    """Adds a shortcut to the workspace ``target_id``, in the category ``parent_id`` where it is given."""
    _check(call, user)
    return await _LIST.add(call)


@router.post(_ROOT + "/categories")
async def add_category(call: Asks, user: str) -> Response:
    """Makes a category called ``name``."""
    _check(call, user)
    return await _LIST.add_category(call)


@router.patch(_ROOT + "/children/{shortcut}")
async def change(call: Asks, user: str, shortcut: str) -> Response:
    """Renames a shortcut or category."""
    _check(call, user)
    return await _LIST.change(call, shortcut)


@router.delete(_ROOT + "/children/{shortcut}")
async def remove(call: Asks, user: str, shortcut: str) -> Response:
    """Removes a shortcut, or a category with all that is in it; the workspaces stay."""
    _check(call, user)
    return await _LIST.remove(call, shortcut)

"""My Favorites: each person's shortcuts and the categories they stand in.

Reading them is confirmed by public clients; the calls that change them are guessed from the read ones.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from .call import SCOPE, Asks
from .shortcuts import Shortcuts

router = APIRouter()

_LIST = Shortcuts("my_favorites", "My Favorites", ("workspace", "folder", "document"))
_ROOT = SCOPE + "/my-favorites"


@router.get(_ROOT + "/children")
async def read(call: Asks) -> Response:
    """The caller's shortcuts and categories by name, those within categories aside."""
    return await _LIST.listed(call)


@router.get(_ROOT + "/categories/{category}/children")
async def read_category(call: Asks, category: str) -> Response:
    """What is in one of the caller's categories."""
    return await _LIST.listed(call, category)


@router.post(_ROOT + "/children")
async def add(call: Asks) -> Response:
    """Adds a shortcut to ``target_id``, in the category ``parent_id`` where it is given."""
    return await _LIST.add(call)


@router.post(_ROOT + "/categories")
async def add_category(call: Asks) -> Response:
    """Makes a category called ``name``."""
    return await _LIST.add_category(call)


@router.patch(_ROOT + "/children/{favorite}")
async def change(call: Asks, favorite: str) -> Response:
    """Renames a shortcut or category (``name``), and makes a shortcut lead elsewhere (``target_id``)."""
    return await _LIST.change(call, favorite)


@router.delete(_ROOT + "/children/{favorite}")
async def remove(call: Asks, favorite: str) -> Response:
    """Removes a shortcut, or a category with all that is in it; what shortcuts lead to stays."""
    return await _LIST.remove(call, favorite)

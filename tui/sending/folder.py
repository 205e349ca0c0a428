"""Keeping the folder that a send goes to and its shortcut in My Favorites consistent.

Share and Work know nothing of each other here: this module reads both, lets Share decide in one transaction
(``rules/folder.py`` has the four cases), and updates the shortcut to match. If Share's generation shows that the
data is outdated, everything is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ..clients.share import ShareClient
from ..rules.errors import Conflict, NotFound, Problem
from ..wire.folders import CurrentFolder, Folder

if TYPE_CHECKING:
    from ..clients.work import WorkClient
    from ..wire.work import Shortcut

#: Each failed attempt means that another send changed the folder first.
TRIES = 12


class FoundFolder(NamedTuple):
    """Share's folder, and the shortcuts in My Favorites; ``None`` if Work has no My Favorites."""

    current: CurrentFolder
    favorites: list[Shortcut] | None


async def look(share: ShareClient, work: WorkClient | None) -> FoundFolder:
    """Read what :func:`ensure` goes by. Raises :class:`Problem` if Share can't be asked."""
    # The folder first: if a shortcut is created after that, the generation shows it.
    current, _ = await asyncio.gather(share.current_folder(), _discover(work))
    if work is not None and current.folder is None and current.gone_work_id is None:
        # There has never been anything that a shortcut could lead to.
        return FoundFolder(current, [])
    return FoundFolder(current, await _favorites(work))


def usable(found: FoundFolder) -> Folder | None:
    """The folder, if Share would only answer that it is to be used as it is; ``None`` if Share must decide."""
    current, favorites = found
    is_settled = current.confirmed and favorites is not None and _has_shortcut(favorites, current)
    return current.folder if is_settled else None


async def ensure(
    share: ShareClient, work: WorkClient | None, zone_offset: int = 0, found: FoundFolder | None = None
) -> Folder:
    """Return the folder to send to, creating it and its shortcut in My Favorites if needed.

    There is no shortcut if ``work`` is ``None`` or has no My Favorites. ``zone_offset`` is the user's offset from UTC
    in minutes. ``found`` is what :func:`look` has just returned, if it was called. Raises :class:`Problem` if Share
    can't provide a folder.
    """
    for _ in range(TRIES):
        (current, favorites), found = found or await look(share, work), None
        try:
            ensured = await share.ensure_folder(
                current.generation, _has_shortcut(favorites, current), zone_offset
            )
            folder = ensured.folder
            if folder is None:
                continue
            if work is not None and favorites is not None and not ensured.confirmed:
                old = _shortcuts_to(favorites, current.gone_work_id)
                if await _make_shortcut(work, folder, old):
                    await share.confirm_shortcut(folder.id, ensured.generation)
            return folder
        except Conflict as problem:
            if problem.code != "folder.changed":
                raise
    raise Conflict(
        "folder.changed",
        "Other sends keep changing the Secure Sent Links folder; try again when they are done.",
    )


def _has_shortcut(favorites: list[Shortcut] | None, current: CurrentFolder) -> bool:
    """Whether to report to Share that the shortcut exists."""
    if favorites is None:
        # An unreadable shortcut must neither create a second folder nor count as confirmed.
        return current.folder is not None and current.confirmed
    target = current.folder.work_id if current.folder is not None else current.gone_work_id
    return bool(_shortcuts_to(favorites, target))


async def _discover(work: WorkClient | None) -> None:
    """Have Work's addresses ready; whatever goes wrong shows when they are used."""
    if work is not None:
        with suppress(Problem):
            await work.discover()


async def _favorites(work: WorkClient | None) -> list[Shortcut] | None:
    """The shortcuts in My Favorites and its categories; ``None`` if Work has no My Favorites."""
    if work is None:
        return None
    try:
        return await work.shortcuts()
    except Problem:
        return None


def _shortcuts_to(favorites: Iterable[Shortcut], target: str | None) -> list[Shortcut]:
    """The shortcuts to ``target``, the oldest first."""
    return sorted((f for f in favorites if f.target is not None and f.target.id == target), key=_number)


def _number(favorite: Shortcut) -> int:
    digits = favorite.id.rpartition("!")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


async def _make_shortcut(work: WorkClient, folder: Folder, old: list[Shortcut]) -> bool:
    """Create a shortcut to the folder, reusing an ``old`` one if there is one. Returns whether it exists now."""
    try:
        if old:
            await _repoint(work, old[0], folder)
        else:
            await work.add_favorite(folder.work_id, folder.name)
        # Two concurrent sends may both have created one: each keeps the oldest, so exactly one remains.
        shortcuts = _shortcuts_to(await _favorites(work) or [], folder.work_id)
        for extra in shortcuts[1:]:
            await _remove(work, extra)
    except Problem:
        # Work rejects it, or doesn't know the folder: send without a shortcut.
        return False
    return bool(shortcuts)


async def _repoint(work: WorkClient, old: Shortcut, folder: Folder) -> None:
    renamed = await work.rename_favorite(old.id, folder.name, folder.work_id)
    if renamed.target is None or renamed.target.id != folder.work_id:
        # This Work server can only rename it.
        await work.add_favorite(folder.work_id, folder.name)
        await _remove(work, old)


async def _remove(work: WorkClient, favorite: Shortcut) -> None:
    try:
        await work.remove_favorite(favorite.id)
    except NotFound:
        pass  # Another send was faster.

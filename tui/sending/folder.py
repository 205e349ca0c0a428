"""The folder that a send goes to, and its shortcut in My Favorites, brought into step.

Share and Work know nothing of each other here: this module reads both, lets Share decide in one transaction
(``rules/folder.py`` has the four cases), and makes the shortcut agree. Share's generation tells when what was read
is no longer so; then everything is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..clients.share import ShareClient
from ..rules.errors import Conflict, NotFound, Problem
from ..wire.share import CurrentFolder, Folder

if TYPE_CHECKING:
    from ..clients.work import WorkClient
    from ..wire.work import Shortcut

#: Each try that fails means that another send got further meanwhile.
TRIES = 12


async def ensure(share: ShareClient, work: WorkClient | None, zone_offset: int = 0) -> Folder:
    """The folder to send to, made where there is none, with its shortcut in My Favorites.

    Where ``work`` is ``None`` or has no My Favorites to offer, it goes without the shortcut. ``zone_offset`` is the
    user's offset from UTC in minutes. Raises :class:`Problem` where Share cannot give one.
    """
    for _ in range(TRIES):
        # In this order: a shortcut that was made after the folder was read is told by the generation.
        current = await share.current_folder()
        favorites = await _favorites(work)
        try:
            ensured = await share.ensure_folder(
                current.generation, _has_shortcut(favorites, current), zone_offset
            )
            folder = ensured.folder
            if folder is None:
                continue
            if work is not None and favorites is not None and not ensured.confirmed:
                old = _leading_to(favorites, current.gone_work_id)
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
    """What Share is told about the shortcut."""
    if favorites is None:
        # That it cannot be seen must not make a second folder, nor confirm what nobody saw.
        return current.folder is not None and current.confirmed
    target = current.folder.work_id if current.folder is not None else current.gone_work_id
    return bool(_leading_to(favorites, target))


async def _favorites(work: WorkClient | None) -> list[Shortcut] | None:
    """My Favorites with what is in its categories; ``None`` where Work has none to offer."""
    if work is None:
        return None
    try:
        return await work.shortcuts()
    except Problem:
        return None


def _leading_to(favorites: Iterable[Shortcut], target: str | None) -> list[Shortcut]:
    """The shortcuts to ``target``, the one made first first."""
    return sorted((f for f in favorites if f.target is not None and f.target.id == target), key=_number)


def _number(favorite: Shortcut) -> int:
    digits = favorite.id.rpartition("!")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


async def _make_shortcut(work: WorkClient, folder: Folder, old: list[Shortcut]) -> bool:
    """Makes a shortcut to the folder, out of an ``old`` one where there is one; whether it is there now."""
    try:
        if old:
            await _lead_on(work, old[0], folder)
        else:
            await work.add_favorite(folder.work_id, folder.name)
        # Two sends at once may both have made one: each leaves the first alone, and so one stays.
        there = _leading_to(await _favorites(work) or [], folder.work_id)
        for extra in there[1:]:
            await _remove(work, extra)
    except Problem:
        # Work does not take it, or does not know the folder: the send does without.
        return False
    return bool(there)


async def _lead_on(work: WorkClient, old: Shortcut, folder: Folder) -> None:
    renamed = await work.rename_favorite(old.id, folder.name, folder.work_id)
    if renamed.target is None or renamed.target.id != folder.work_id:
        # This Work can rename it only.
        await work.add_favorite(folder.work_id, folder.name)
        await _remove(work, old)


async def _remove(work: WorkClient, favorite: Shortcut) -> None:
    try:
        await work.remove_favorite(favorite.id)
    except NotFound:
        pass  # The other send was faster.

"""My Favorites, as last loaded from Work."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..locations.kinds import kind_of
from ..rules.errors import NotFound

if TYPE_CHECKING:
    from ..locations.kind import Servers
    from ..locations.location import Location
    from ..wire.work import Shortcut


class Favorites:
    """The user's shortcuts."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.shortcuts: list[Shortcut] = []
        #: Counts the requests for them and the changes of them, and says which of these the present ones are from.
        self._count = self._number = 0
        #: Of shortcuts that were removed and added again: what was their id, and what it is now.
        self._renewed: dict[str, str] = {}

    async def locations(self) -> list[Location]:
        """Load the contents of My Favorites that can be opened. Raises :class:`Problem`."""
        from ..locations.work_kinds import shortcut_location

        await self._servers.load_folders()
        self._count += 1
        number = self._count
        found = list(await self._servers.work.favorites())
        if number > self._number:
            self._number, self.shortcuts = number, found
        locations = (shortcut_location(shortcut, self._servers.folders) for shortcut in found)
        return [location for location in locations if location is not None]

    def _target_of(self, location: Location) -> str:
        folder = self._servers.folder(location)
        return folder.work_id if folder is not None else location.id

    def shortcut_of(self, location: Location) -> str:
        """Return the id of the shortcut that a location is, or has in My Favorites; empty if it has none."""
        if location.shortcut or not kind_of(location).offers("places.add_favorite"):
            return location.shortcut
        target = self._target_of(location)
        return next((f.id for f in self.shortcuts if f.target is not None and f.target.id == target), "")

    def name_of(self, shortcut: str) -> str:
        """Return the name of a shortcut; empty if it isn't known."""
        ident = self._id_now(shortcut)
        return next((each.name for each in self.shortcuts if each.id == ident), "")

    def _id_now(self, shortcut: str) -> str:
        while shortcut in self._renewed:
            shortcut = self._renewed[shortcut]
        return shortcut

    async def add(self, location: Location, *, again: str = "") -> str:
        """Add a shortcut to a folder, workspace or document. Returns its id. Raises :class:`Problem`.

        ``again`` is the id of one that was removed, and is there again then: what is done to that id is done to it.
        """
        if kind_of(location).is_share_folder and self._servers.folder(location) is None:
            await self._servers.load_folders()
        added = await self._servers.work.add_favorite(self._target_of(location), location.name)
        self._set([*self.shortcuts, added])
        self._renewed.pop(added.id, None)
        if again and (before := self._id_now(again)) != added.id:
            self._renewed[before] = added.id
        return added.id

    async def rename(self, shortcut: str, name: str) -> None:
        """Rename a shortcut. Raises :class:`Problem`."""
        await self._servers.work.rename_favorite(self._id_now(shortcut), name)

    async def remove(self, shortcut: str) -> None:
        """Remove a shortcut, if it still exists; what it leads to stays. Raises :class:`Problem`."""
        ident = self._id_now(shortcut)
        with suppress(NotFound):
            await self._servers.work.remove_favorite(ident)
        self._set([each for each in self.shortcuts if each.id != ident])

    def clear(self) -> None:
        """Forget them: another user has signed in."""
        self._set([])

    def _set(self, shortcuts: list[Shortcut]) -> None:
        """Set the shortcuts; responses to requests made before this are older, and are ignored."""
        self._count += 1
        self._number, self.shortcuts = self._count, shortcuts

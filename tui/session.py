"""The app's connection to its server, and what is known of the user's own there.

Clients are imported when the session is opened, in a thread: the first screen is painted before that.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .locations.kind import BRANCHES
from .locations.kinds import WORKLIST_ROOT, kind_of
from .locations.location import Location
from .rules.errors import Failed, NotFound, Problem, Unreachable

if TYPE_CHECKING:
    import httpx

    from .clients.patience import Patience
    from .clients.share import ShareClient
    from .clients.target import Target, WorkTarget
    from .clients.work import WorkClient
    from .first import FirstPage
    from .local import Running
    from .locations.rows import Row
    from .rules.policy import Policy
    from .sending.journal import Journal
    from .sending.resuming import Standing
    from .wire.share import Folder, Me
    from .wire.work import Shortcut

NOT_OPEN = "The server has not answered yet."


def _import_clients() -> None:
    # httpx would bring a command line of its own along, and for that a highlighter: 3 MB that nobody needs here.
    modules: dict[str, Any] = sys.modules
    own = modules.setdefault("httpx._main", None)
    import httpx  # noqa: F401

    if own is None:
        # Somebody who presses f5 early has two of these under way.
        modules.pop("httpx._main", None)
    from .clients import beside, files  # noqa: F401
    from .sending import job, resuming  # noqa: F401


class Session:
    """What is known of the server once :meth:`open` has returned."""

    me: Me
    http: httpx.AsyncClient
    share: ShareClient
    work: WorkClient

    def __init__(
        self,
        target: Target,
        *,
        demo: bool = False,
        state: Path | None = None,
        work_target: WorkTarget | None = None,
        first: Future[FirstPage | None] | None = None,
        keep_sign_in: Callable[[str, str], None] | None = None,
        start_server: Callable[[], Running] | None = None,
    ) -> None:
        """``work_target`` is a Work server of its own; without one, ``target`` has both sides. ``first`` is the first
        page, asked for before the app was imported. ``keep_sign_in`` keeps the name and the token of a sign-in for the
        next start. ``start_server`` starts the server where it does not run; only a local one can be started."""
        self.target = target
        self.work_target = work_target
        self._connection = AsyncExitStack()
        self._keep_sign_in = keep_sign_in
        self._start_server = start_server
        self._first = first
        self.demo = demo
        #: Where the last links are kept.
        self.state = state
        self.opened = False
        #: The journals of sends that are held while the program runs.
        self._held: list[Journal] = []
        #: How far the server's clock is ahead of this machine's.
        self._ahead = timedelta(0)
        #: The user's folders in Share, by the id that Work lists them under.
        self.folders: dict[str, Folder] = {}
        #: My Favorites as they were last read.
        self.favorites: list[Shortcut] = []
        #: How often they were asked for or changed, and which of these they are as of.
        self._favorites_asked = self._favorites_of = 0

    def early_page(self) -> FirstPage | None:
        """The first page, where it was asked for early and is there by now: to be shown until the session is open."""
        first = self._first
        if first is None or not first.done():
            return None
        self._first = None
        return first.result()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What is asked of the server before it has answered is a failure that can be told."""
            if name in ("me", "share", "work"):
                raise Unreachable("server.unanswered", NOT_OPEN)
            raise AttributeError(name)

    async def first_page(self) -> FirstPage | None:
        """The same, waited for."""
        first, self._first = self._first, None
        return None if first is None else await asyncio.wrap_future(first)

    async def open(self) -> None:
        """Connects. Raises :class:`Problem` where the server cannot be reached or does not know the token."""
        await asyncio.to_thread(_import_clients)
        await asyncio.to_thread(self._forget_old_links)
        if not hasattr(self, "http"):
            await self._connect()
        self._met(await self.share.me())

    @property
    def user(self) -> str:
        """Who is signed in; empty as long as that is not known."""
        return self.me.user if self.opened else ""

    @property
    def starts_server(self) -> bool:
        """Whether a server that does not run any more can be started from here."""
        return self._start_server is not None

    async def start_server(self) -> None:
        """Starts the server where it is a local one and does not run any more. Raises :class:`Problem`."""
        if self._start_server is not None:
            running = await asyncio.to_thread(self._start_server)
            if running.socket != str(self.target.socket):
                told = "The local server runs again, but is reached another way; quit, and start this program again."
                raise Failed("local.moved", told)
            if running.url != self.target.url:
                from dataclasses import replace

                self.target = replace(self.target, url=running.url)

    def _met(self, me: Me) -> None:
        """The server has said who the user is, and what the time is."""
        self.me = me
        self._ahead = me.now - datetime.now(UTC)
        self.opened = True

    async def sign_in(self, name: str, password: str) -> None:
        """Signs in and goes on as that person; their token is kept. Raises :class:`Problem`."""
        await asyncio.to_thread(_import_clients)
        from dataclasses import replace

        from .clients.beside import clients_over
        from .clients.connection import TokenAuth, open_http
        from .clients.people import PeopleClient
        from .clients.share import ShareClient

        async with open_http(replace(self.target, token=None)) as http:
            signed = await PeopleClient(http).login(name, password, "app")
        target = replace(self.target, token=signed.token)
        # All that may fail, or be given up, is done before anything is another person's.
        async with open_http(target) as http:
            me = await ShareClient(http).me()
        if self._keep_sign_in is not None:
            await asyncio.to_thread(self._keep_sign_in, signed.user, signed.token)
        self.target = target
        if hasattr(self, "http"):
            # Over the same connection: dialogs that are open have clients of before, and go on as this person.
            self.http.auth = TokenAuth(signed.token, self.http.base_url)
            self.share, self.work = clients_over(self.http, self.work.http, self.work_target)
        else:
            await self._connect()
        self._met(me)
        self.folders = {}
        self._have_favorites([])

    def _forget_old_links(self) -> None:
        from .terminal.clipboard import forget_old

        if self.state is not None:
            forget_old(self.state, datetime.now(UTC))

    # ------------------------------------------------------------ sends that are not done

    def journal(self) -> Journal | None:
        """What keeps a new send until it is done and its links were shown."""
        if self.state is None:
            return None
        from .sending.journal import Journal, server_of

        return self._hold(Journal(self.state, server_of(self.target), self.me.user))

    def _hold(self, journal: Journal) -> Journal:
        """Until the program ends. The links come into the file of the last links besides."""
        assert self.state is not None
        from .terminal.clipboard import LinkFile

        links = LinkFile(self.state)
        journal.on_published = lambda document: links.add(document.url or "")
        self._held.append(journal)
        return journal

    async def interrupted(self) -> list[Standing]:
        """The sends that no process works on, and that are not done or whose links nobody has seen."""
        if self.state is None:
            return []
        from .sending.journal import left, server_of
        from .sending.resuming import as_told, standing

        server, now = server_of(self.target), datetime.now(UTC)
        found = []
        for each in await asyncio.to_thread(left, self.state, server, self.me.user, now):
            if each.running:
                continue
            try:
                stands = await standing(self.share, each.contents)
            except Problem:
                stands = as_told(each.contents)
            if stands.unseen or stands.missing:
                found.append(stands)
            else:
                # Nothing of it is to be sent, and none of its links works.
                # Another process may be at it at this moment.
                with suppress(Problem):
                    self.take(stands).remove()
        return found

    def patience(self) -> Patience:
        """How a send waits for the server: for a day. A local one that has ended is started again meanwhile."""
        from .clients.patience import IN_THE_APP, Patience

        async def sleep(seconds: float) -> None:
            with suppress(Problem):
                await self.start_server()
            await asyncio.sleep(seconds)

        return Patience(IN_THE_APP, sleep=sleep)

    def take(self, stands: Standing) -> Journal:
        """Holds a send that was interrupted. Raises :class:`Conflict` where another process has it by now."""
        assert self.state is not None
        from .sending.journal import Journal

        return self._hold(Journal.take(self.state, stands.contents))

    async def _connect(self) -> None:
        from .clients.beside import connected

        clients = connected(self.target, self.work_target)
        self.share, self.work = await self._connection.enter_async_context(clients)
        self.http = self.share.http

    async def close(self) -> None:
        for held in self._held:
            held.release()
        await self._connection.aclose()

    def now(self) -> datetime:
        """The present moment by the server's clock, in UTC: what counts for an expiry."""
        return datetime.now(UTC) + self._ahead

    async def policy(self) -> Policy:
        from .rules.policy import Policy

        return Policy.of((await self.share.policy()).model_dump())

    # ------------------------------------------------------------ the tree

    async def places(self, place: Location) -> list[Location]:
        """The locations below one, for the tree: the first :data:`BRANCHES` of them. Raises :class:`Problem`."""
        return (await kind_of(place).branches(self, place))[:BRANCHES]

    async def favorite_locations(self) -> list[Location]:
        """What is in My Favorites, as far as it can be opened. Raises :class:`Problem`."""
        from .locations.work_kinds import shortcut_location

        await self.load_folders()
        self._favorites_asked += 1
        number = self._favorites_asked
        found = list(await self.work.favorites())
        if number > self._favorites_of:
            self._favorites_of, self.favorites = number, found
        locations = (shortcut_location(shortcut, self.folders) for shortcut in found)
        return [location for location in locations if location is not None]

    async def load_folders(self) -> list[Folder]:
        """The user's folders in Share, and those of others that they were added to."""
        folders = await self.share.folders()
        self.folders = {folder.work_id: folder for folder in folders}
        return folders

    def folder(self, location: Location | None) -> Folder | None:
        """What is known of the Secure Sent Links folder that a location is."""
        if location is None or not kind_of(location).is_share_folder:
            return None
        return next((folder for folder in self.folders.values() if folder.id == location.id), None)

    # ------------------------------------------------------------ My Favorites

    def _target_of(self, place: Location) -> str:
        folder = self.folder(place)
        return folder.work_id if folder is not None else place.id

    def shortcut_of(self, place: Location) -> str:
        """The id of the shortcut that a place is, or has in My Favorites; empty where it has none."""
        if place.shortcut or not kind_of(place).offers("places.add_favorite"):
            return place.shortcut
        target = self._target_of(place)
        return next((f.id for f in self.favorites if f.target is not None and f.target.id == target), "")

    async def add_favorite(self, place: Location) -> None:
        """Makes a shortcut to a folder, workspace or document. Raises :class:`Problem`."""
        if kind_of(place).is_share_folder and self.folder(place) is None:
            await self.load_folders()
        added = await self.work.add_favorite(self._target_of(place), place.name)
        self._have_favorites([*self.favorites, added])

    async def rename_favorite(self, shortcut: str, name: str) -> None:
        """Gives a shortcut another name. Raises :class:`Problem`."""
        await self.work.rename_favorite(shortcut, name)

    async def remove_favorite(self, shortcut: str) -> None:
        """Removes a shortcut, if it is there still; what it led to stays. Raises :class:`Problem`."""
        with suppress(NotFound):
            await self.work.remove_favorite(shortcut)
        self._have_favorites([favorite for favorite in self.favorites if favorite.id != shortcut])

    def _have_favorites(self, favorites: list[Shortcut]) -> None:
        """Whatever was asked before, and is answered later, is older."""
        self._favorites_asked += 1
        self._favorites_of, self.favorites = self._favorites_asked, favorites

    def asks_work(self, place: Location) -> bool:
        """Whether it is Work's server (which may be the only one) that tells what is in a location."""
        server = kind_of(place).server
        return server == "work" or (server != "" and self.work_target is None)

    async def missing_rows(self, location: Location, rows: Sequence[Row]) -> list[bool]:
        """Of each row, whether it is not in its location any more. Raises :class:`Problem`."""
        from .sending.several import several

        return await several([self._is_missing(location, row) for row in rows])

    async def _is_missing(self, location: Location, row: Row) -> bool:
        try:
            return not await kind_of(location).has(self, location, row)
        except NotFound:
            return True

    # ------------------------------------------------------------ where to begin

    async def first_place(self) -> Location:
        """In the demo a workspace's folder, else the worklist, else the files of this machine."""
        if self.demo:
            for place in await self.favorite_locations():
                if kind_of(place).is_container:
                    return place
            for workspace in await self.places(Location("workspaces", "")):
                folders = await self.places(workspace)
                return folders[0] if folders else workspace
        if await self._has_worklist():
            return WORKLIST_ROOT
        return Location("local", Path.cwd().name or "/", str(Path.cwd()))

    async def _has_worklist(self) -> bool:
        try:
            return bool((await self.work.recent(limit=1)).items)
        except Problem:
            # That a Work server of its own does not answer is told where its documents would be.
            if not self.work.apart:
                raise
            return True

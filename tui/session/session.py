"""The app's connection to its server: who is signed in, the time there, and the user's folders.

Clients are imported when the session is opened, in a thread: the first screen is painted before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..locations.kind import BRANCHES
from ..locations.kinds import WORKLIST_ROOT, kind_of
from ..locations.local_files import current_folder
from ..locations.location import Location
from ..rules.errors import Failed, NotFound, NotSignedIn, Problem, Unreachable
from .favorites import Favorites
from .journals import Journals

if TYPE_CHECKING:
    import httpx

    from ..clients.first_page import FirstPage
    from ..clients.share import ShareClient
    from ..clients.target import Target
    from ..clients.work import WorkClient
    from ..clients.work_target import WorkTarget
    from ..local_server.local_server import Running
    from ..locations.rows import Row
    from ..sending.carried import CarriedReports
    from ..wire.folders import Folder
    from ..wire.policy import MailTemplates
    from ..wire.share import Me
    from .previews import Previews
    from .sends import Sends

NOT_OPEN = "The server hasn't responded yet."


def _import_clients() -> None:
    from ..clients import files, two_servers  # noqa: F401
    from ..sending import resuming  # noqa: F401


class Session:
    """What is known of the server after :meth:`open` has returned."""

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
        """``work_target`` is a separate Work server; without one, ``target`` serves both sides. ``first`` is the first
        page, requested before the app was imported. ``keep_sign_in`` saves the name and the token of a sign-in for the
        next start. ``start_server`` starts the server if it isn't running; only a local one can be started."""
        self.target = target
        self.work_target = work_target
        self._connection = AsyncExitStack()
        self._keep_sign_in = keep_sign_in
        self._start_server = start_server
        self._first = first
        self.demo = demo
        #: Whether nothing is copied to the clipboard, as while the app plays by itself.
        self.leaves_clipboard = False
        #: Where journals and the last links are kept.
        self.state = state
        #: Whether there are clients for the servers; ``opened`` says whether one has responded.
        self.is_connected = False
        self.opened = False
        #: The administrator's templates of the e-mail, once they are loaded.
        self.mail_templates: MailTemplates | None = None
        self.journals = Journals(self)
        #: Access tokens that a later sign-in has replaced; empty for none.
        self._replaced_tokens: set[str] = set()
        #: How far the server's clock is ahead of this machine's.
        self._clock_offset = timedelta(0)
        #: The user's folders in Share, by the ids under which Work lists them.
        self.folders: dict[str, Folder] = {}
        self.favorites = Favorites(self)

    @cached_property
    def sends(self) -> Sends:
        """What sends need of the session; imported when the first one is asked for."""
        from .sends import Sends

        return Sends(self)

    @cached_property
    def carried(self) -> CarriedReports:
        """What documents carry; imported when the first one is looked into."""
        from ..inspection.inspector import Inspector
        from ..sending.carried import CarriedReports

        return CarriedReports(Inspector())

    @cached_property
    def previews(self) -> Previews:
        """What documents say; imported when the first one is looked at."""
        from .previews import Previews

        return Previews(self)

    def early_page(self) -> FirstPage | None:
        """Return the first page if it was requested early and has arrived; it is shown until the session is open."""
        first = self._first
        if first is None or not first.done():
            return None
        self._first = None
        return first.result()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Raise an expected error for attributes that aren't known before the server has responded."""
            if name in ("me", "share", "work"):
                raise Unreachable("server.unanswered", NOT_OPEN)
            raise AttributeError(name)

    async def first_page(self) -> FirstPage | None:
        """Wait for the first page, if it was requested early."""
        first, self._first = self._first, None
        return None if first is None else await asyncio.wrap_future(first)

    async def open(self) -> None:
        """Connect. Raises :class:`Problem` if the server can't be reached or doesn't know the token."""
        await asyncio.to_thread(_import_clients)
        await asyncio.to_thread(self._forget_old)
        if not self.is_connected:
            await self._connect()
        self._set_user(await self.share.me())

    @property
    def user(self) -> str:
        """Who is signed in; empty as long as that isn't known."""
        return self.me.user if self.opened else ""

    @property
    def starts_server(self) -> bool:
        """Whether a server that is no longer running can be started from here."""
        return self._start_server is not None

    async def start_server(self) -> None:
        """Start the server if it is a local one and no longer running. Raises :class:`Problem`."""
        if self._start_server is not None:
            running = await asyncio.to_thread(self._start_server)
            if running.socket != str(self.target.socket):
                message = "The local server has a new address. Quit, and start this program again."
                raise Failed("local.moved", message)
            if running.url != self.target.url:
                self.target = self.target._replace(url=running.url)

    def _set_user(self, me: Me) -> None:
        """Note who the user is and what the time is, as the server reports it."""
        self.me = me
        self.note_time(me)
        self.opened = True

    def note_time(self, me: Me) -> None:
        """Note the server's time."""
        self._clock_offset = me.now - datetime.now(UTC)

    async def sign_in(self, name: str, password: str) -> None:
        """Sign in and continue as that user; the token is saved. Raises :class:`Problem`."""
        await asyncio.to_thread(_import_clients)
        from ..clients.connection import TokenAuth, open_http
        from ..clients.people import PeopleClient
        from ..clients.share import ShareClient
        from ..clients.two_servers import clients_over

        async with open_http(self.target._replace(token=None)) as http:
            signed = await PeopleClient(http).login(name, password, "app")
        target = self.target._replace(token=signed.token)
        # Everything that may fail or be cancelled is done before anything belongs to another user.
        async with open_http(target) as http:
            me = await ShareClient(http).me()
        if self._keep_sign_in is not None:
            await asyncio.to_thread(self._keep_sign_in, signed.user, signed.token)
        self._replaced_tokens.add(self.target.token or "")
        self._replaced_tokens.discard(signed.token)
        self.target = target
        if self.is_connected:
            # Over the same connection: open dialogs have the previous clients, and continue as this user.
            self.http.auth = TokenAuth(signed.token, self.http.base_url)
            self.share, self.work = clients_over(self.http, self.work.http, self.work_target)
        else:
            await self._connect()
        self._set_user(me)
        self.folders = {}
        self.favorites.clear()

    def has_signed_in_since(self, problem: Problem) -> bool:
        """Whether what was refused carried an access token that a later sign-in has replaced."""
        return isinstance(problem, NotSignedIn) and problem.token in self._replaced_tokens

    def _forget_old(self) -> None:
        """Delete the links that earlier runs have left on this machine."""
        from ..mail.temporary import sweep
        from ..terminal.kept_links import forget_old

        sweep()
        if self.state is not None:
            forget_old(self.state, datetime.now(UTC))

    async def _connect(self) -> None:
        from ..clients.two_servers import connected

        clients = connected(self.target, self.work_target)
        self.share, self.work = await self._connection.enter_async_context(clients)
        self.http, self.is_connected = self.share.http, True

    async def close(self) -> None:
        """Release the journals and close the connections. What is still asked fails."""
        self.journals.release()
        if "carried" in self.__dict__:
            self.carried.close()
        await self._connection.aclose()

    def now(self) -> datetime:
        """Return the present moment by the server's clock, in UTC: it is what counts for an expiry."""
        return datetime.now(UTC) + self._clock_offset

    async def load_mail_templates(self) -> None:
        """Load the administrator's templates of the e-mail. Without them, the built-in ones will do."""
        if self.mail_templates is None:
            with suppress(Problem):
                self.mail_templates = await self.share.mail_templates()

    # ------------------------------------------------------------ the tree

    async def places(self, location: Location) -> list[Location]:
        """Load the locations below one, for the tree: the first :data:`BRANCHES` of them. Raises :class:`Problem`."""
        return (await kind_of(location).branches(self, location))[:BRANCHES]

    async def load_folders(self) -> list[Folder]:
        """Load the user's folders in Share, and those of others that the user is a member of."""
        folders = await self.share.folders()
        self.folders = {folder.work_id: folder for folder in folders}
        return folders

    def folder(self, location: Location | None) -> Folder | None:
        """Return what is known of a location that is a Secure Sent Links folder."""
        if location is None or not kind_of(location).is_share_folder:
            return None
        return next((folder for folder in self.folders.values() if folder.id == location.id), None)

    def asks_work(self, location: Location) -> bool:
        """Return whether it is Work's server (which may be the only one) that lists a location."""
        server = kind_of(location).server
        return server == "work" or (server != "" and self.work_target is None)

    async def missing_rows(self, location: Location, rows: Sequence[Row]) -> list[bool]:
        """Return for each row whether it is no longer in its location. Raises :class:`Problem`."""
        from ..sending.gather_limited import gather_limited

        return await gather_limited([self._is_missing(location, row) for row in rows])

    async def _is_missing(self, location: Location, row: Row) -> bool:
        try:
            return not await kind_of(location).has(self, location, row)
        except NotFound:
            return True

    # ------------------------------------------------------------ the first location

    async def first_place(self) -> Location:
        """Return a workspace's folder in the demo, else the worklist, else the files of this machine."""
        if self.demo:
            for location in await self.favorites.locations():
                if kind_of(location).is_container:
                    return location
            for workspace in await self.places(Location("workspaces", "")):
                folders = await self.places(workspace)
                return folders[0] if folders else workspace
        if await self._has_worklist():
            return WORKLIST_ROOT
        here = current_folder()
        return Location("local", here.name or "/", str(here))

    async def _has_worklist(self) -> bool:
        try:
            return bool((await self.work.recent(limit=1)).items)
        except Problem:
            # If a separate Work server doesn't respond, that is reported where its documents would be.
            if not self.work.apart:
                raise
            return True

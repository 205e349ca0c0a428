"""The start of the main screen, for the user who is signed in."""

from __future__ import annotations

import asyncio
import gc
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.worker import Worker, WorkerError

from ...commands.lookup import spelled
from ...locations.kinds import kind_of
from ...locations.location import Location
from ...locations.work_kinds import document_row
from ...rules.errors import Unreachable
from ...rules.text import printable
from ..base.hints import changes_hint, first_hint, kept_draft_hint
from ..base.screen_commands import NOT_OPEN
from ..base.workers import worker_action
from ..textual_patches.keys import is_over
from ..widgets.heading import Heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...clients.first_page import FirstPage
    from ..actions.document_changes import DocumentChanges
    from ..base.host import Host
    from .list_pane import ListPane
    from .live import Live
    from .tree_loader import Branches


#: The workers that the list of a new session waits for.
_STARTING = ("connect", "load", "refresh")
#: Said when the session is open, to whoever has pressed a key before that.
_AGAIN = "The server has responded: press the key again."


class StartUp:
    """Opens the session and shows the first location."""

    def __init__(
        self,
        main: Host,
        pane: ListPane,
        branches: Branches,
        live: Live,
        changes: DocumentChanges,
        offer_unfinished: Callable[[], Worker[None]],
    ) -> None:
        self.main, self.screen = main, main.screen
        self._pane = pane
        self._branches = branches
        self._live = live
        self._changes = changes
        self._offer_unfinished = offer_unfinished
        #: The first location that was shown, if it is known.
        self.home: Location | None = None

    def begin(self) -> None:
        """Show what has arrived by now, as part of the first paint, and connect."""
        # What has arrived by now is part of the first paint.
        self.connect(self._show_preview(self.main.session.early_page()))

    @worker_action(exclusive=True, group="connect")
    async def connect(self, preview: Location | None = None) -> None:
        """Open the session and show the first location; ``preview`` is one that is already shown."""
        main, session = self.main, self.main.session
        preview = preview or self._show_preview(await session.first_page())
        if preview is None and main.browser.list.is_preview:
            preview = main.browser.location
        painted = asyncio.Event()
        main.screen.call_after_refresh(painted.set)
        await painted.wait()
        collect_from_now_on()
        try:
            await session.open()
        except Unreachable:
            # The feed notices when the server is back.
            self._live.follow()
            raise
        # Otherwise it would look as if the key had done nothing.
        was_early = main.status.text == NOT_OPEN
        hint = _AGAIN if was_early else spelled(await first_hint(session), main.screen.app)
        self._begin(preview or await session.first_place(), preview is not None)
        if problem := main.screen.app.colours.problem:
            main.say(problem, "bad")
        else:
            main.say(_plain_hint() or hint, "dim")
        self._tell_changes(self._offer_unfinished())
        # Most was imported only to open the session. It stays, too: looking through all of it would hold up keys.
        gc.freeze()

    async def list_is_there(self) -> bool:
        """Wait until the session is open and what the list shows is more than a preview. Returns whether it is; not if
        the server can't be reached, or the list not be loaded. Call this from a worker."""
        while not self.main.ready:
            if (worker := self._starting) is None:
                return False
            # Whoever no longer wants to wait must not end what is waited for.
            await asyncio.shield(_ended(worker))
        return True

    @property
    def is_starting(self) -> bool:
        """Whether the session is being opened, or the list loaded that takes the place of a preview."""
        return not self.main.ready and self._starting is not None

    @property
    def _starting(self) -> Worker[object] | None:
        workers = self.screen.workers
        return next((each for each in workers if each.group in _STARTING and not is_over(each)), None)

    @worker_action(group="changes")
    async def _tell_changes(self, offered: Worker[None]) -> None:
        """Say that an e-mail was kept, or once after an upgrade what is new. If anything else is said or shown, even a
        send that was interrupted, it is left for the next start."""
        with suppress(WorkerError):
            await offered.wait()
        key = spelled("{folder.write_mail}", self.screen.app)
        if self._is_quiet and (kept := await kept_draft_hint(self.main.session, key)):
            self.main.say(kept, "warn")
        if self._is_quiet and (hint := await changes_hint(self.main.session)) and self._is_quiet:
            self.main.say(spelled(hint, self.screen.app), "dim")

    @property
    def _is_quiet(self) -> bool:
        return self.screen.app.screen is self.screen and not self.main.status.text

    def _begin(self, place: Location, keep: bool) -> None:
        main, self.home = self.main, place
        self.show_user()
        # A user who has gone to the local files in the meantime stays there, and may have selected some.
        shows_nothing_else = not main.browser.navigator.path or main.browser.list.is_preview
        if keep or main.browser.location == place:
            main.reload()
        elif main.browser.pending is None and shows_nothing_else:
            main.open_place(place)
        self._branches.unfold()
        self._live.follow()

    def show_user(self) -> None:
        """Show who is signed in, and on which server."""
        self.screen.query_one(Heading).show(self.main.session.me.user, *self._servers())

    def _servers(self) -> list[str]:
        """The servers in use, as text."""
        session = self.main.session
        share, work = session.target.url, session.work_target
        if session.demo:
            return ["demo"]
        return [share] if work is None else [_host(share), f"Work at {_host(work.target.url)}"]

    def _show_preview(self, page: FirstPage | None) -> Location | None:
        """Show the page that was requested early. Its rows can only be looked at until the session is open."""
        main = self.main
        if page is None or main.browser.navigator.path or main.browser.pending is not None:
            return None
        place = Location(page.kind, page.name, page.id)
        main.browser.show_preview([place], [document_row(document) for document in page.documents])
        return place

    @worker_action(exclusive=True, group="connect")
    async def signed_in(self, before: str, more: str = "") -> None:
        """Start over as the user who has signed in; ``more`` is added to the message. ``before`` is what the status
        line said before: a failure that is reported after that, of the previous user's change, stays to be read."""
        main = self.main
        self._changes.forget()
        self.forget()
        self.show_user()
        place = await main.session.first_place()
        failure = main.status.text if main.status.tone == "bad" and main.status.text != before else ""
        self._begin(place, False)
        if failure:
            main.say(failure, "bad")
        else:
            main.say(f"You are signed in as {printable(main.session.me.user)}.{more}", "good")
        self._offer_unfinished()

    def forget(self) -> None:
        """Show nothing and cancel what is loading: it all belonged to another user."""
        self._branches.forget()
        self._pane.close_filter()
        self.main.browser.forget()

    async def reload(self) -> None:
        """Reload everything; a local server that has ended is started first. Raises :class:`Problem`."""
        main, session = self.main, self.main.session
        shown = main.browser.pending or main.browser.location
        # Local files don't depend on the server.
        is_local = shown is not None and not kind_of(shown).server
        if is_local:
            main.browser.load_again()
        await session.start_server()
        if session.opened:
            self.show_user()
        if not session.opened or shown is None:
            self.connect()
            return
        if not is_local:
            main.browser.load_again()
        self._live.listen_again()
        self._branches.refill_all()


async def _ended(worker: Worker[object]) -> None:
    """Wait for the end of a worker, whatever that is."""
    with suppress(WorkerError):
        await worker.wait()


def _plain_hint() -> str:
    """What is said to users who want a plain terminal; empty for others."""
    if not os.environ.get("ACCESSIBLE"):
        return ""
    from ...terminal.plain import PLAIN_HINT, is_plain_terminal

    return PLAIN_HINT if is_plain_terminal() else ""


def _host(url: str) -> str:
    """An address without its scheme."""
    return url.partition("://")[2]


def collect_from_now_on() -> None:
    """Turn garbage collection on again, which the start had deferred; objects that exist by now are exempt."""
    gc.freeze()
    gc.enable()

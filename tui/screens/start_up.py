"""How the first screen begins, for whoever is signed in."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from ..commands import spelled
from ..locations.location import Location
from ..locations.work_kinds import document_row
from ..rules.errors import Unreachable
from ..rules.text import printable
from ..widgets.heading import Heading
from .hints import first_hint
from .workers import worker_action

if TYPE_CHECKING:
    from ..first import FirstPage
    from .main import MainScreen


class StartUp:
    """Opens the session, and shows the first place."""

    def __init__(self, main: MainScreen) -> None:
        self.main = self.screen = main

    def begin(self) -> None:
        # What has come by now is there at the first painting.
        self.connect(self._show_preview(self.main.session.early_page()))

    @worker_action(exclusive=True, group="connect")
    async def connect(self, early: Location | None = None) -> None:
        """Opens the session and shows the first place; ``early`` is the one that is shown already."""
        main, session = self.main, self.main.session
        early = early or self._show_preview(await session.first_page())
        if early is None and main.browser.list.is_preview:
            early = main.place
        painted = asyncio.Event()
        main.call_after_refresh(painted.set)
        await painted.wait()
        collect_from_now_on()
        try:
            await session.open()
        except Unreachable:
            # It is told when the server is there.
            main.live.follow()
            raise
        hint = spelled(await first_hint(session), main.app)
        self._begin(early or await session.first_place(), early is not None)
        main.say(hint, "dim")
        main.other_commands.interrupted.offer()

    def _begin(self, place: Location, keep: bool) -> None:
        main = self.main
        self.show_user()
        # Whoever has gone to the files of this machine meanwhile stays there.
        shows_nothing_else = not main.path or main.browser.list.is_preview or main.place == place
        if keep:
            main.reload()
        elif main.pending is None and shows_nothing_else:
            main.open_place(place)
        main.branches.unfold()
        main.live.follow()

    def show_user(self) -> None:
        """Says who is signed in, and where."""
        self.main.query_one(Heading).show(self.main.session.me.user, *self._servers())

    def _servers(self) -> list[str]:
        """The servers that are spoken with, in words."""
        session = self.main.session
        share, work = session.target.url, session.work_target
        if session.demo:
            return ["demo"]
        return [share] if work is None else [_host(share), f"Work at {_host(work.target.url)}"]

    def _show_preview(self, page: FirstPage | None) -> Location | None:
        """Shows the page that was asked for early; its rows can be looked at, and more once the session is open."""
        main = self.main
        if page is None or main.path or main.pending is not None:
            return None
        place = Location(page.kind, page.name, page.id)
        main.browser.show_preview([place], [document_row(document) for document in page.documents])
        return place

    @worker_action(exclusive=True, group="connect")
    async def signed_in(self, more: str = "") -> None:
        """Shows what is this person's; ``more`` is to be said beside."""
        main = self.main
        main.folder_commands.forget_undo()
        main.begin_anew()
        self.show_user()
        self._begin(await main.session.first_place(), False)
        main.say(f"You are signed in as {printable(main.session.me.user)}.{more}", "good")
        main.other_commands.interrupted.offer()


def _host(url: str) -> str:
    """An address without its scheme."""
    return url.partition("://")[2]


def collect_from_now_on() -> None:
    """Garbage is collected again, which the start had put off; what is there by now stays."""
    gc.freeze()
    gc.enable()

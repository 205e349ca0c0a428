"""Where the user is signed in: with what, since when, from where; and signing out there."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from ...locations.rows import moment_column
from ...override import override
from ...rules import accounts
from ...rules.display import counted, moment_text
from ...rules.errors import NotFound, Problem
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.menu import open_menu
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from ...clients.people import PeopleClient
    from ...session import Session
    from ...wire.people import Session as SignedIn

_COLUMNS = (
    Column("With", 14, flex=1, name=True),
    moment_column("Last used", rank=1),
    Column("From", 15, rank=2),
    moment_column("Since", rank=3),
)


class SessionsScreen(Dialog[None]):
    """One row per session, most recently used first."""

    PLACES = ("sessions",)
    ABOUT = (
        "Each row is one of your sign-ins: the app, the command line, or a program that acts for you. "
        "{sessions.end_session} signs out one that isn't yours, or that you no longer want; then change your password."
    )
    heading = "Sessions"
    opened_by = ("main.sessions",)
    DEFAULT_CSS = """
    SessionsScreen > .box { max-width: 96; }
    SessionsScreen Table { height: auto; min-height: 4; max-height: 14; }
    SessionsScreen Static { height: auto; margin-bottom: 1; }
    SessionsScreen StatusLine { margin-top: 1; }
    SessionsScreen .buttons { margin-top: 1; }
    SessionsScreen Button { margin-right: 1; }
    """

    def __init__(self, session: Session, sessions: Sequence[SignedIn]) -> None:
        super().__init__()
        self.session = session
        self._sessions = list(sessions)
        #: Makes requests wait for each other: each response is the list as it is then.
        self._one_by_one = Lock()

    @override
    def body(self) -> list[Widget]:
        return [
            Static(f"Sessions of {printable(self.session.user)}, most recently used first.", markup=False),
            Table(_COLUMNS, markers=False, id="sessions", empty="No sessions."),
            StatusLine(id="said", lines=2, marked=True),
            ButtonLine(
                Button("Sign out", id="end_session", compact=True),
                Button("Sign out all others", id="end_others", compact=True),
                Button("Close", id="close", compact=True, variant="primary"),
                classes="buttons",
            ),
        ]

    @property
    def table(self) -> Table:
        """The sessions, as last loaded."""
        return self.query_one("#sessions", Table)

    @property
    def _people(self) -> PeopleClient:
        from ...clients.people import PeopleClient

        return PeopleClient(self.session.http)

    @property
    def _chosen(self) -> SignedIn | None:
        row = self.table.current if self.is_mounted else None
        return row.data if row else None

    def target_snapshot(self) -> object:
        """The session under the cursor."""
        return self._chosen and self._chosen.id

    @override
    def on_mount(self) -> None:
        self.table.renderer.now = self.session.now
        self._show(self._sessions)
        self.table.focus()

    def _show(self, sessions: Sequence[SignedIn]) -> None:
        self._sessions = list(sessions)
        self.table.show([self._row(each) for each in sessions], keep=True)
        self.table.styles.height = min(max(len(sessions), 1) + 3, 14)
        self.refresh_bindings()

    @staticmethod
    def _row(each: SignedIn) -> Row:
        words = accounts.session_words(each.kind, each.client)
        used = "this one" if each.current else each.used_at
        cells = (words, used, each.address or "local", each.begun_at)
        return Row(each.id, cells, data=each)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "end_session": ScreenCommand(self._end_session, self._end_disabled_reason),
            "end_others": ScreenCommand(self._end_others, self._others_disabled_reason),
            "reload_sessions": ScreenCommand(self._reload),
        }

    def _end_disabled_reason(self) -> str | None:
        chosen = self._chosen
        if chosen is None:
            return "No session is selected."
        return "You are using this one. To end it, quit and run sentlinks logout." if chosen.current else None

    def _others_disabled_reason(self) -> str | None:
        return "There are no other sessions." if all(each.current for each in self._sessions) else None

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self.refresh_bindings()

    @worker_action(group="sessions", opens=True, command="end_session")
    async def _end_session(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        words = accounts.session_words(chosen.kind, chosen.client)
        where = f"from {chosen.address}" if chosen.address else "locally"
        detail = f"Signed in {moment_text(chosen.begun_at)}, last used {where}."
        if await self.confirm(f"Sign out {words}?", detail, yes="Sign out", no="Keep"):
            with self.changes.change():
                async with self._one_by_one:
                    with suppress(NotFound):
                        # It has already ended, as intended.
                        await self._people.end_session(chosen.id)
                    await self._show_without({chosen.id})
            self._report_change(f"{words[:1].upper()}{words[1:]} is signed out.")

    @worker_action(group="sessions", opens=True, command="end_others")
    async def _end_others(self) -> None:
        question = "Sign out everywhere but here?"
        if await self.confirm(
            question, "This also ends programs that act for you.", yes="Sign out", no="Keep"
        ):
            with self.changes.change():
                async with self._one_by_one:
                    ended = await self._people.end_other_sessions()
                    await self._show_without({each.id for each in self._sessions if not each.current})
            count = counted(len(ended), "session is", "sessions are")
            self._report_change(f"{count} signed out.")

    async def _show_without(self, ended: Collection[str]) -> None:
        """Show the server's list; if it can't be loaded, the known one without the sessions that have ``ended``, which
        is what the user wants to know."""
        try:
            sessions: Sequence[SignedIn] = await self._people.sessions()
        except Problem:
            sessions = [each for each in self._sessions if each.id not in ended]
        self._show(sessions)

    def _report_change(self, sentence: str) -> None:
        self.say(printable(sentence), "good")
        if self.changes.take_close():
            self.ask_to_close()

    @worker_action(group="sessions")
    async def _reload(self) -> None:
        async with self._one_by_one:
            self._show(await self._people.sessions())
        self.say("")

    @on(Table.MenuWanted)
    def _menu(self, event: Table.MenuWanted) -> None:
        event.stop()
        open_menu(self, event.target_text())

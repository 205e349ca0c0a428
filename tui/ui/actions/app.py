"""Commands that aren't about a document: activity, policy, sessions, settings, signing in."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from ...override import override
from ...rules.errors import InvalidValue, NotSignedIn
from ...rules.text import printable
from ..base.command_group import CommandGroup
from ..base.screen_commands import NOT_OPEN
from ..base.workers import clear_failures, worker_action

if TYPE_CHECKING:
    from ..base.host import Host
    from ..main.notice_board import NoticeBoard
    from ..main.start_up import StartUp
    from ..unfinished.interrupted_sends import InterruptedSends
    from .document_changes import DocumentChanges
    from .send import SendCommands


def share_id_typed(text: str) -> None:
    """Raise :class:`InvalidValue` if ``text`` isn't the ID of a sent document."""
    if re.fullmatch(r"[0-9a-f]{32}", text.strip()) is None:
        raise InvalidValue("id.invalid", "An ID has 32 digits and letters a to f.", "id")


class AppCommands(CommandGroup):
    """They also keep the interrupted sends that were found."""

    IDS = ("unseen_links", "show_notices", "audit", "policy", "stop_link", "sessions", "settings", "sign_in")

    def __init__(
        self,
        main: Host,
        changes: DocumentChanges,
        start: StartUp,
        sending: SendCommands,
        notices: Callable[[], NoticeBoard],
    ) -> None:
        """``notices`` gives the board that shows notices."""
        super().__init__(main)
        self._notices = notices
        self._changes = changes
        self._start = start
        self._sending = sending

    @cached_property
    def interrupted(self) -> InterruptedSends:
        """The sends of this user that were interrupted; created when it is first needed."""
        # Imported late: not needed for the first paint.
        from ..unfinished.interrupted_sends import InterruptedSends

        return InterruptedSends(self.main, self._changes, self._sending)

    @override
    def disabled_reason(self, ident: str) -> str | None:
        if ident == "sign_in" and self._changes.under_way:
            return "Documents are being changed; sign in when that is done."
        if (
            ident in ("unseen_links", "audit", "policy", "stop_link", "sessions")
            and not self.main.session.opened
        ):
            return NOT_OPEN
        if ident == "unseen_links" and not self.interrupted.found:
            return "No send is unfinished." if self.interrupted.looked else "Looking for unfinished sends…"
        if ident == "policy" and not self.main.session.me.admin:
            return "Only administrators can set the policy."
        if ident == "stop_link" and not self.main.session.me.admin:
            return "Only administrators can stop other people's links."
        return None

    @override
    def label_of(self, ident: str) -> str:
        return self.interrupted.label if ident == "unseen_links" and self.interrupted.found else ""

    def unseen_links(self) -> None:
        """Resume an interrupted send, or show its links."""
        self.interrupted.show()

    @worker_action(group="notices", opens=True, command="show_notices")
    async def show_notices(self) -> None:
        """Show the list of notices; what is in it is no longer new."""
        from ..dialogs.notices import NoticesScreen

        await self.main.show_dialog(NoticesScreen(self.main.session, self._notices()))

    @worker_action(group="audit", opens=True, command="audit")
    async def audit(self) -> None:
        """Show everything that happened to the user's documents, in Work and Share."""
        from ...clients.timeline import timeline
        from ..dialogs.timeline import TimelineScreen

        session, me = self.main.session, self.main.session.me.user
        await self.main.show_dialog(
            TimelineScreen(session, "All activity", lambda: timeline(session.share, session.work, me=me))
        )

    @worker_action(group="policy", opens=True, command="policy")
    async def policy(self) -> None:
        """Show the policy as it is now; administrators can change it."""
        from ..dialogs.policy import PolicyScreen

        body = await self.main.session.share.policy()
        if await self.main.show_dialog(PolicyScreen(self.main.session, body)):
            self.main.say("The policy now applies to everyone.", "good")

    @worker_action(group="stop link", opens=True, command="stop_link")
    async def stop_link(self) -> None:
        """Ask for the ID of a document, and unpublish it."""
        from ..base.prompt import Prompt

        hint = "The ID of its document: the history of the document in the library has it, and who sent it."
        ident = await self.main.show_dialog(
            Prompt("Stop a link", hint, keep="Stop", most=64, loses=False, check=share_id_typed)
        )
        if ident is None:
            return
        stopped = await self.main.session.share.stop(ident.strip())
        done = "Stopped the link" if stopped.published else "It was off already"
        self.main.say(f"{done}: a document of {printable(stopped.owner)}.", "good")

    @worker_action(group="sessions", opens=True, command="sessions")
    async def sessions(self) -> None:
        """Show where the user is signed in."""
        from ...clients.people import PeopleClient
        from ..dialogs.sessions import SessionsScreen

        found = await PeopleClient(self.main.session.http).sessions()
        await self.main.show_dialog(SessionsScreen(self.main.session, found))

    @worker_action(group="settings", opens=True, command="settings")
    async def settings(self) -> None:
        """Show the settings; each change applies at once, so that nothing is left to do after it."""
        from ..dialogs.settings import SettingsScreen

        await self.main.show_dialog(SettingsScreen())

    @worker_action(group="sign in")
    async def sign_in(self) -> None:
        """Ask for name and password, then start over as that user."""
        from ..dialogs.sign_in import SignInScreen

        if any(isinstance(screen, SignInScreen) for screen in self.screen.app.screen_stack):
            return
        before, said_before = self.main.session.user, self.main.status.text
        # Opens even over a dialog: nothing else works until the user has signed in.
        dialog = SignInScreen(self.main.session)
        self.screen.app.opens_unasked(dialog)
        if await self.screen.app.push_screen_wait(dialog):
            closed = ""
            # Open dialogs belong to the previous user.
            if before and self.main.session.user != before and self.screen.close_others():
                closed = f" Closed what {printable(before)} had open; what was sent stays sent."
            clear_failures(self.screen.app, NotSignedIn)
            # They belong to the previous user.
            self.interrupted.forget()
            if self.main.session.user != before:
                self._notices().forget()
            self._start.signed_in(said_before, closed)

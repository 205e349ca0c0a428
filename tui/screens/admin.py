"""Commands that aren't about a document: activity, policy, sessions, settings, signing in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..rules.errors import NotSignedIn
from ..rules.text import printable
from .screen_commands import NOT_OPEN, CommandGroup
from .workers import clear_failures, worker_action

if TYPE_CHECKING:
    from .interrupted_sends import InterruptedSends


class OtherCommands(CommandGroup):
    """They also keep the interrupted sends that were found."""

    IDS = ("unseen_links", "audit", "policy", "sessions", "settings", "sign_in")

    @cached_property
    def interrupted(self) -> InterruptedSends:
        # Imported late: not needed for the first paint.
        from .interrupted_sends import InterruptedSends

        return InterruptedSends(self.main)

    def disabled_reason(self, ident: str) -> str | None:
        if ident == "sign_in" and self.main.changing_documents:
            return "Documents are being changed; sign in when that is done."
        if ident in ("unseen_links", "audit", "policy", "sessions") and not self.main.session.opened:
            return NOT_OPEN
        if ident == "unseen_links" and not self.interrupted.found:
            return "No send is unfinished." if self.interrupted.looked else "Looking for unfinished sends…"
        if ident == "policy" and not self.main.session.me.admin:
            return "Only administrators can set the policy."
        return None

    def unseen_links(self) -> None:
        """Resume an interrupted send, or show its links."""
        self.interrupted.show()

    @worker_action(group="audit", opens=True, command="audit")
    async def audit(self) -> None:
        """Show everything that happened to the user's documents, in Work and Share."""
        from ..clients.timeline import timeline
        from .timeline import TimelineScreen

        session, me = self.main.session, self.main.session.me.user
        await self.main.show_dialog(
            TimelineScreen("Activity", lambda: timeline(session.share, session.work, me=me))
        )

    @worker_action(group="policy", opens=True, command="policy")
    async def policy(self) -> None:
        from .policy import PolicyScreen

        body = await self.main.session.share.policy()
        if await self.main.show_dialog(PolicyScreen(self.main.session, body)):
            self.main.say("The policy now applies to everyone.", "good")

    @worker_action(group="sessions", opens=True, command="sessions")
    async def sessions(self) -> None:
        """Show where the user is signed in."""
        from ..clients.people import PeopleClient
        from .sessions import SessionsScreen

        found = await PeopleClient(self.main.session.http).sessions()
        await self.main.show_dialog(SessionsScreen(self.main.session, found))

    @worker_action(group="settings", opens=True, command="settings")
    async def settings(self) -> None:
        from .settings import SettingsScreen

        await self.main.show_dialog(SettingsScreen())

    @worker_action(group="sign in")
    async def sign_in(self) -> None:
        """Ask for name and password, then start over as that user."""
        from .sign_in import SignInScreen

        if any(isinstance(screen, SignInScreen) for screen in self.main.app.screen_stack):
            return
        before, said_before = self.main.session.user, self.main.status.text
        # Opens even over a dialog: nothing else works until the user has signed in.
        if await self.main.app.push_screen_wait(SignInScreen(self.main.session)):
            closed = ""
            # Open dialogs belong to the previous user.
            if before and self.main.session.user != before and self.main.close_others():
                closed = f" Closed what {printable(before)} had open; what was sent stays sent."
            clear_failures(self.main.app, NotSignedIn)
            # They belong to the previous user.
            self.interrupted.forget()
            self.main.start.signed_in(said_before, closed)

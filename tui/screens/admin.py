"""What belongs to no document: the audit of all, the policy, the settings, signing in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..rules.errors import NotSignedIn
from ..rules.text import printable
from .screen_commands import HIDDEN, NOT_OPEN, CommandGroup
from .workers import is_over, worker_action

if TYPE_CHECKING:
    from .interrupted_sends import InterruptedSends


class OtherCommands(CommandGroup):
    """They know the sends that were interrupted."""

    IDS = ("unseen_links", "audit", "policy", "sessions", "settings", "sign_in")

    @cached_property
    def interrupted(self) -> InterruptedSends:
        # Nobody needs it before the first painting.
        from .interrupted_sends import InterruptedSends

        return InterruptedSends(self.main)

    def disabled_reason(self, ident: str) -> str | None:
        if ident == "unseen_links" and not (self.main.session.opened and self.interrupted.found):
            return HIDDEN
        if ident == "sign_in" and self.main.changing_documents:
            return "Documents are being changed; sign in when that is done."
        if ident in ("audit", "policy", "sessions") and not self.main.session.opened:
            return NOT_OPEN
        if ident == "policy" and not self.main.session.me.admin:
            return "Only an administrator sets the policy."
        return None

    def unseen_links(self) -> None:
        """Goes on with what was interrupted, or shows its links."""
        self.interrupted.show()

    @worker_action(group="audit", opens=True, command="audit")
    async def audit(self) -> None:
        """What happened to all that is the user's, on both sides."""
        from ..clients.timeline import timeline
        from .timeline import TimelineScreen

        session, me = self.main.session, self.main.session.me.user
        await self.main.show_dialog(
            TimelineScreen("Audit of all that is yours", lambda: timeline(session.share, session.work, me=me))
        )

    @worker_action(group="policy", opens=True, command="policy")
    async def policy(self) -> None:
        from .policy import PolicyScreen

        body = await self.main.session.share.policy()
        if await self.main.show_dialog(PolicyScreen(self.main.session, body)):
            self.main.say("The policy is in force for everybody.", "good")

    @worker_action(group="sessions", opens=True, command="sessions")
    async def sessions(self) -> None:
        """Where the user is signed in."""
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
        """Asks for name and password, and begins anew as that person."""
        from .sign_in import SignInScreen

        if any(isinstance(screen, SignInScreen) for screen in self.main.app.screen_stack):
            return
        before = self.main.session.user
        # Whatever lies over this screen: without it nothing else can be done.
        if await self.main.app.push_screen_wait(SignInScreen(self.main.session)):
            closed = ""
            # What is open was asked of, or filled in by, somebody else.
            if before and self.main.session.user != before and self.main.close_others():
                closed = f" What {printable(before)} had open is closed; what was sent stays sent."
            is_over(self.main.app, NotSignedIn)
            # Those are somebody else's.
            self.interrupted.forget()
            self.main.start.signed_in(closed)

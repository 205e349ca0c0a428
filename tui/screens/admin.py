"""What belongs to no document: the audit of all, the policy, the settings, signing in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..rules.errors import NotSignedIn
from ..rules.text import printable
from .errands import errand
from .screen_commands import HIDDEN, NOT_OPEN, CommandGroup

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

    @errand(group="audit", opens=True, command="audit")
    async def audit(self) -> None:
        """What happened to all that is the user's, on both sides."""
        from ..clients.timeline import timeline
        from .timeline import TimelineScreen

        session, me = self.main.session, self.main.session.me.user
        await self.main.answer_to(
            TimelineScreen("Audit of all that is yours", lambda: timeline(session.share, session.work, me=me))
        )

    @errand(group="policy", opens=True, command="policy")
    async def policy(self) -> None:
        from .policy import PolicyScreen

        body = await self.main.session.share.policy()
        if await self.main.answer_to(PolicyScreen(self.main.session, body)):
            self.main.say("The policy is in force for everybody.", "good")

    @errand(group="sessions", opens=True, command="sessions")
    async def sessions(self) -> None:
        """Where the user is signed in."""
        from ..clients.people import PeopleClient
        from .sessions import SessionsScreen

        found = await PeopleClient(self.main.session.http).sessions()
        await self.main.answer_to(SessionsScreen(self.main.session, found))

    @errand(group="settings", opens=True, command="settings")
    async def settings(self) -> None:
        from .settings import SettingsScreen

        await self.main.answer_to(SettingsScreen())

    @errand(group="sign in")
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
            self.main.is_over(NotSignedIn)
            # Those are somebody else's.
            self.interrupted.forget()
            self.main.start.signed_in(closed)

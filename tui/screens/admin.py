"""What belongs to no document: the audit of all, the policy, the settings, signing in."""

from __future__ import annotations

from ..rules.errors import NotSignedIn
from ..rules.text import printable
from .errands import errand
from .part import NOT_OPEN, MainPart


class OtherCommands(MainPart):
    """A part of the first screen."""

    def why_not(self, action: str) -> str | None:
        if action == "sign_in" and self.changing_documents:
            return "Documents are being changed; sign in when that is done."
        if action in ("audit", "policy") and not self.session.opened:
            return NOT_OPEN
        if action == "policy" and not self.session.me.admin:
            return "Only an administrator sets the policy."
        return super().why_not(action)

    @errand(group="audit", opens=True)
    async def action_audit(self) -> None:
        """What happened to all that is the user's, on both sides."""
        from ..clients.timeline import timeline
        from .timeline import TimelineScreen

        session, me = self.session, self.session.me.user
        await self.answer_to(
            TimelineScreen("Audit of all that is yours", lambda: timeline(session.share, session.work, me=me))
        )

    @errand(group="policy", opens=True)
    async def action_policy(self) -> None:
        from .policy import PolicyScreen

        body = await self.session.share.policy()
        if await self.answer_to(PolicyScreen(self.session, body)):
            self.say("The policy is in force for everybody.", "good")

    @errand(group="settings", opens=True)
    async def action_settings(self) -> None:
        from .settings import SettingsScreen

        await self.answer_to(SettingsScreen())

    def action_sign_in(self) -> None:
        self.sign_in()

    @errand(group="sign in")
    async def sign_in(self) -> None:
        """Asks for name and password, and begins anew as that person."""
        from .sign_in import SignInScreen

        if any(isinstance(screen, SignInScreen) for screen in self.app.screen_stack):
            return
        before = self.session.user
        # Whatever lies over this screen: without it nothing else can be done.
        if await self.app.push_screen_wait(SignInScreen(self.session)):
            closed = ""
            # What is open was asked of, or filled in by, somebody else.
            if before and self.session.user != before and self.close_others():
                closed = f" What {printable(before)} had open is closed; what was sent stays sent."
            self.is_over(NotSignedIn)
            self.signed_in(closed)

    def signed_in(self, more: str = "") -> object:
        """Shows what is this person's; ``more`` is to be said beside."""
        raise NotImplementedError

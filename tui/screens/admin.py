"""What belongs to no document: the audit of all, the policy, the settings, signing in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..commands import spelled
from ..rules.errors import NotSignedIn, Problem
from ..rules.text import printable
from .errands import errand
from .screen_commands import HIDDEN, NOT_OPEN, CommandGroup

if TYPE_CHECKING:
    from ..sending.resuming import Standing
    from .main import MainScreen


class OtherCommands(CommandGroup):
    """They know the links that nobody has seen yet."""

    IDS = ("unseen_links", "audit", "policy", "sessions", "settings", "sign_in")

    #: The sends that were interrupted.
    _interrupted: list[Standing]

    def __init__(self, main: MainScreen) -> None:
        super().__init__(main)
        self._interrupted = []

    def disabled_reason(self, ident: str) -> str | None:
        if ident == "unseen_links" and not self._interrupted:
            return HIDDEN
        if ident == "sign_in" and self.main.changing_documents:
            return "Documents are being changed; sign in when that is done."
        if ident in ("audit", "policy", "sessions") and not self.main.session.opened:
            return NOT_OPEN
        if ident == "policy" and not self.main.session.me.admin:
            return "Only an administrator sets the policy."
        return None

    @errand(exclusive=True, group="unseen")
    async def offer_unseen_links(self) -> None:
        """Offers what earlier sends have published before the program ended; nothing opens by itself."""
        if self._interrupted:
            return
        self._interrupted = found = await self.main.session.interrupted()
        if found:
            count = sum(len(stands.unseen) for stands in found)
            what, them = ("the link", "it") if count == 1 else (f"the {count} links", "them")
            told = f"You haven't seen {what} of your last send. {{main.unseen_links}} shows {them}."
            self.main.say(spelled(told, self.main.app), "warn")
            self.main.refresh_bindings()

    def unseen_links(self) -> None:
        """Shows them; they are offered until they have been seen."""
        found = self._interrupted
        if not found:
            return
        from .links import LinksScreen

        def seen() -> None:
            for stands in found:
                with suppress(Problem):
                    journal = self.main.session.take(stands)
                    stands.note(journal)
                    journal.shown()
                    journal.release()

        def closed(_: None) -> None:
            seen()
            self._forget_unseen_links()
            self.main.say("")

        documents = [document for stands in found for document in stands.unseen]
        self.main.open(LinksScreen(self.main.session, documents, seen=seen), closed)

    def _forget_unseen_links(self) -> None:
        if self._interrupted:
            self._interrupted = []
            self.main.refresh_bindings()

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
            self._forget_unseen_links()
            self.main.start.signed_in(closed)

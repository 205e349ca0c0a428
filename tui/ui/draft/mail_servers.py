"""Giving a draft to a mail server: into the Drafts folder of a mailbox, or to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from ...commands.lookup import spelled
from ...rules.display import counted
from ...rules.errors import Failed, InvalidValue, NotSignedIn, Problem
from ...rules.text import printable
from ..base.workers import in_own_thread

if TYPE_CHECKING:
    from ...config.mail import MailPreferences
    from ...mail.account import Account
    from ...mail.attempt import Attempt, Delivery
    from ...mail.draft import Draft
    from ...mail.launch import LaunchOutcome
    from ...mail.message import DraftText
    from ...mail.ways import MailTarget
    from .draft_view import DraftView

#: Between two updates of what is said about a server that takes its time.
_SECOND = 1.0
#: The rest of a question: recipients are named, and what naming them doesn't do.
WHO_CAN_OPEN = "Naming them protects nothing: the links work for anyone who has them."


def drop_typed(screen: DraftView) -> None:
    """Forget what was typed before a question is there to be read. Call this from a worker."""
    screen.app.type_ahead_finished(get_current_worker())


class MailServers:
    """Signs in with a password from a command, from the keyring, or typed, in this order."""

    def __init__(self, screen: DraftView) -> None:
        self.screen = screen
        #: Passwords typed for this draft, by account.
        self._typed: dict[str, str] = {}
        #: The drafts that were sent from here.
        self._sent: list[DraftText] = []
        #: Why a password that was typed isn't in the keyring.
        self._note = ""
        #: The task that waits for a server.
        self._waiting: asyncio.Task[str] | None = None

    def cancel(self) -> bool:
        """Stop waiting for a server. Returns whether one was waited for."""
        return self._waiting is not None and self._waiting.cancel()

    async def give(self, way: MailTarget, text: DraftText) -> LaunchOutcome | None:
        """Give the draft, edited as ``text``, to the server. ``None`` if the user decided against it.

        Raises :class:`Problem`.
        """
        account = way.account
        assert account is not None
        draft = replace(text.checked(self.screen.draft), from_address=self._own_address())
        self._note = ""
        outcome = await (
            self._put(account, draft) if way.id == "drafts" else self._submit(account, draft, text)
        )
        return outcome and replace(outcome, sentence=f"{outcome.sentence} {self._note}".rstrip())

    def _own_address(self) -> str:
        from ...rules.addresses import check_address

        own = self._mail.mail_from
        return check_address(own) if own else ""

    async def _put(self, account: Account, draft: Draft) -> LaunchOutcome | None:
        from ...mail import imap
        from ...mail.attempt import Delivery
        from ...mail.launch import LaunchOutcome
        from ...mail.message import to_sendable

        message, folder = to_sendable(draft), self._mail.mail_drafts_folder
        self._say_waiting(f"Putting the draft into the Drafts folder at {account.host}…")

        def put(secret: str, attempt: Attempt) -> str:
            return imap.put_in_drafts(account, secret, message, folder, attempt)

        found = await self._signed_in(account, Delivery.DRAFT, put)
        if found is None:
            return None
        return LaunchOutcome(
            f"The draft is in the folder {found} at {account.host}.", done=True, confirmed=True
        )

    async def _submit(self, account: Account, draft: Draft, text: DraftText) -> LaunchOutcome | None:
        from ...mail import smtp
        from ...mail.attempt import Delivery
        from ...mail.handed_over import HandOver
        from ...mail.launch import LaunchOutcome
        from ...mail.message import to_sendable
        from ...rules.addresses import split_address

        if not draft.to:
            raise InvalidValue("mail.no_recipient", "Give at least one recipient first.", "to")
        if not draft.from_address:
            key = spelled("{main.settings}", self.screen.app)
            raise InvalidValue(
                "mail.no_sender", f"Give your own e-mail address first, in the settings ({key} in the list)."
            )
        hand_over = HandOver(self.screen.app.session.state, draft)
        if not await self._confirm(account, draft, text, hand_over.found()):
            self.screen.say("Nothing was sent.")
            return None
        message = to_sendable(draft)
        sender = split_address(draft.from_address)[1]
        recipients = [split_address(each)[1] for each in draft.to]
        self._say_waiting("Sending the e-mail…")

        def send(secret: str, attempt: Attempt) -> str:
            attempt.note_with(hand_over.write)
            smtp.submit(account, secret, message, sender, recipients, attempt)
            return account.host

        with hand_over.told():
            if await self._signed_in(account, Delivery.E_MAIL, send) is None:
                return None
        self._sent.append(text)
        who = printable(draft.to[0]) if len(draft.to) == 1 else counted(len(draft.to), "recipient")
        accepted = f"{account.host} accepted the e-mail for {who}."
        copied = await self._copy(account, message)
        return LaunchOutcome(f"{accepted} {copied}".rstrip(), done=True, confirmed=True)

    async def _copy(self, submitted: Account, message: bytes) -> str:
        """Put a copy of what was sent into the mailbox. Returns a sentence about it; nothing is raised, since the
        e-mail has been sent in any case."""
        from ...mail import imap
        from ...mail.attempt import Delivery
        from ...mail.sent_copy import mailbox_for_copies, not_copied

        folder = self._mail.mail_sent_folder
        try:
            account = mailbox_for_copies(self._mail, submitted)
            if account is None:
                return ""
            self._say_waiting(f"The e-mail was sent. Putting a copy into the mailbox at {account.host}…")
            mailbox = account

            def put(secret: str, attempt: Attempt) -> str:
                return imap.put_in_sent(mailbox, secret, message, folder, attempt)

            found = await self._signed_in(account, Delivery.COPY, put)
        except Problem as problem:
            return not_copied(problem.message)
        if found is None:
            return not_copied("You didn't sign in to it.")
        return f"A copy is in the folder {found} at {account.host}."

    async def _confirm(self, account: Account, draft: Draft, text: DraftText, perhaps: str) -> bool:
        """``perhaps``: when a program that was killed may have sent it; empty if none has."""
        who = counted(len(draft.to), "recipient")
        again = ["You have sent this e-mail already."] if text in self._sent else []
        if perhaps:
            again.append(f"It may have been sent already, on {perhaps}: the program ended before the answer.")
        lines = [
            *again, *draft.to, f"From {draft.from_address}, through {account.host}.", WHO_CAN_OPEN,
        ]  # fmt: skip
        drop_typed(self.screen)
        return await self.screen.confirm(
            f"Send the e-mail to {who} now?", "\n".join(lines), yes="Send", no="Back"
        )

    # ------------------------------------------------------------ signing in

    async def _signed_in(
        self, account: Account, thing: Delivery, act: Callable[[str, Attempt], str]
    ) -> str | None:
        """Call ``act`` in a thread, with what the user signs in with. ``None`` if the user decided against it.

        A typed password that the server doesn't accept is asked for again, with the server's words.
        """
        if not account.user:
            return await self._call(account, act, "", thing)
        refusal = ""
        secret = await self._known_secret(account)
        while True:
            remember = False
            if secret is None:
                typed = await self._ask(account, refusal)
                if typed is None:
                    if refusal:
                        raise NotSignedIn("mail.rejected", refusal)
                    self.screen.say("")
                    return None
                secret, remember = typed
            try:
                found = await self._call(account, act, secret, thing)
            except NotSignedIn as problem:
                self._typed.pop(account.url, None)
                if account.oauth or self._command(account):
                    raise
                refusal, secret = problem.message, None
                continue
            self._typed[account.url] = secret
            if remember:
                await self._keep(account, secret)
            return found

    async def _call(
        self, account: Account, act: Callable[[str, Attempt], str], secret: str, thing: Delivery
    ) -> str:
        from ...mail.attempt import Attempt
        from ...mail.servers import waiting_text

        attempt = Attempt(thing)
        # From now on, keys are for the draft again, and one of them cancels.
        self.screen.app.nothing_opens(get_current_worker())

        def say_how_long() -> None:
            if text := waiting_text(account, attempt):
                self._say_waiting(f"{text}.")

        task = asyncio.create_task(in_own_thread(partial(act, secret, attempt)))
        self._waiting = task
        ticks = self.screen.set_interval(_SECOND, say_how_long)
        try:
            with self.screen.changes.change():
                return await task
        except asyncio.CancelledError:
            problem = attempt.cancel()
            if (current := asyncio.current_task()) is not None and current.cancelling():
                raise
            raise problem from None
        finally:
            ticks.stop()
            self._waiting = None

    def _say_waiting(self, text: str) -> None:
        self.screen.say(f"{text} {spelled('({dialogs.close} cancels)', self.screen.app)}")

    @property
    def _mail(self) -> MailPreferences:
        return self.screen.app.preferences.mail

    def _command(self, account: Account) -> str:
        return self._mail.password_command(account.protocol)

    async def _known_secret(self, account: Account) -> str | None:
        from ...mail.credentials import known_secret

        command = self._command(account)
        typed = None if command else self._typed.get(account.url)
        if typed is not None:
            return typed
        try:
            find = partial(known_secret, account, command, uses_keyring=self._uses_keyring)
            return await in_own_thread(find)
        except Failed as problem:
            if not problem.code.startswith("keyring."):
                raise
            # It can be typed instead.
            self.screen.say(problem.message, "warn")
            return None

    @property
    def _uses_keyring(self) -> bool:
        return self.screen.app.preferences.keyring and not self.screen.app.session.demo

    async def _ask(self, account: Account, refusal: str) -> tuple[str, bool] | None:
        from .mail_password import MailPassword

        drop_typed(self.screen)
        return await self.screen.show_dialog(MailPassword(account, refusal, can_keep=self._uses_keyring))

    async def _keep(self, account: Account, secret: str) -> None:
        from ...mail import credentials

        try:
            await asyncio.to_thread(credentials.keep_in_keyring, account, secret)
        except Problem as problem:
            self._note = f"The password wasn't kept. {problem.message}"

"""An interrupted send that ``sentlinks send`` resumes or discards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...rules.spoken_passwords import made_password
from ..base.common import CommandSession, need_terminal
from ..base.outcomes import Result
from ..base.progress import job_line, progress
from . import fields
from .interrupted import Interruptions, tell_damaged
from .recipients import keep_recipients, look_at_recipients
from .send_run import Run, SendOutcome
from .server_wait import Awaited

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.work import WorkClient


class Resumed:
    """An interrupted send that is resumed."""

    def __init__(
        self,
        session: CommandSession,
        ident: str,
        given: fields.Fields,
        awaits: Awaited,
        *,
        asks: bool = True,
    ) -> None:
        """``asks``: what the policy warns of is asked."""
        self._asks = asks
        self._session = session
        self._awaits = awaits
        self._id = ident
        self._given = given
        #: The password that was typed on the terminal.
        self._typed: str | None = None
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> SendOutcome:
        """Send what is missing. Raises :class:`Problem`; the journal is released then, and can be resumed again."""
        from ...sending.resuming import query_status, resumed, with_password

        me = await self._awaits.first(share.me)
        self.sender = me.sender
        odd = await look_at_recipients(self._session, share, self._given.recipients, asks=self._asks)
        journal = Interruptions(self._session, me.user).take(self._id)
        try:
            found = await self._awaits.ask(lambda: query_status(share, journal.contents))
            password = None
            if found.password_unknown:
                password = await self._new_password(share)
                found = await with_password(share, found, password)
            elif found.needs_password:
                password = await self._password(share)
            made = password is not None and password not in (self._given.password, self._typed)
            run = Run(self._session)
            with progress() as paint:

                def paint_job(_: int | None) -> None:
                    paint(lambda: job_line(job))
                    self._awaits.tell_of(job)

                patience = self._awaits.patience()
                job = await resumed(
                    share, work, journal, found, paint_job, password=password, patience=patience
                )
                await run.to_its_end(job)
        except BaseException:
            journal.release()
            raise
        outcome = run.outcome(job, {"password": password} if made and password else {})
        outcome.incomplete = journal.contents.damaged
        outcome.recipients_notes = odd
        outcome.results = await keep_recipients(share, outcome.results, self._given.recipients)
        outcome.documents = [result.document for result in outcome.results if result.document is not None]
        return outcome

    async def _new_password(self, share: ShareClient) -> str:
        """A password to replace one that was generated but never shown."""
        if self._given.password is not None:
            return self._given.password
        return made_password(await share.policy())

    async def _password(self, share: ShareClient) -> str:
        """The send's password, which isn't stored and so must be given again."""
        if self._given.password is None and not self._given.generate:
            need_terminal(
                "The send was interrupted before the server had its password. Enter it again with --password-stdin, "
                "or use --generate-password for a new one."
            )
            self._typed = fields.read_password()
            return self._typed
        return self._given.password or await self._new_password(share)


class Discarded:
    """An interrupted send that is discarded; what is published stays published, and is printed."""

    def __init__(self, session: CommandSession, ident: str, awaits: Awaited) -> None:
        self._session = session
        self._awaits = awaits
        self._id = ident
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> SendOutcome:
        """End the uploads on the server; the journal goes once the outcome was shown. Raises :class:`Problem`, with the
        journal kept."""
        from ...sending.resuming import end_uploads, query_status

        me = await self._awaits.first(share.me)
        self.sender = me.sender
        journal = Interruptions(self._session, me.user).take(self._id)
        try:
            found = await self._awaits.ask(lambda: query_status(share, journal.contents))
            await end_uploads(share, journal.contents)
        except BaseException:
            journal.release()
            raise
        documents = found.published
        return SendOutcome(
            [Result(d.id, d) for d in documents],
            documents,
            tell=lambda: tell_damaged(journal),
            shown=journal.remove,
        )

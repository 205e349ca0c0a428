"""A send as a job: the folder, the settings, the uploads, the publishing, row by row.

::

    job = SendJob(share, work, plan, LinkSettings(password="…"), on_change)
    await job.check()          # everything that can be checked before anything is sent
    await job.run()            # folder, open the send; upload and publish, three at a time; small documents in batches
    if job.unfinished:
        await job.run()        # retry the failed, cancelled and unstarted rows
    job.documents              # what succeeded, in the order of the plan

Everything runs on one event loop. ``on_change`` is called synchronously and often, and must be quick: with the index
of the row that changed, or with ``None`` if the job as a whole did (its phase). The caller reads ``job.rows[i]`` and
``job.progress`` when it paints.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from ...clients.retries import RetryPolicy, with_retries
from ...clients.share import ShareClient
from ...rules import names
from ...rules.common_passwords import common_passwords
from ...rules.errors import InvalidValue
from ...rules.link_settings import LinkSettings
from ...rules.policy import Policy
from ...wire.folders import Folder
from ...wire.share import BATCH_BYTES, Document, Me, Send
from ..journal.journal_contents import version_of
from ..local_files import check_all
from ..plan import Plan
from .context import SendContext
from .job_journal import JobJournal
from .meter import Progress
from .open_send import Opening
from .row_sender import RowSender
from .rows import JobRow, JobRows, RowState
from .server_wait import ServerWaits
from .transfer import Transfer, is_on_share_server

if TYPE_CHECKING:
    from ...clients.work import WorkClient
    from ..journal.journal import Journal
    from .look_ahead import LookAhead

__all__ = [
    "JobRow",
    "Phase",
    "Progress",
    "RowState",
    "SendJob",
]

OnChange = Callable[[int | None], None]


class Phase(StrEnum):
    """What the job as a whole is doing. ``FOLDER``: finding the folder and opening the send."""

    IDLE = "idle"
    CHECKING = "checking"
    FOLDER = "folder"
    SENDING = "sending"
    DONE = "done"


class SendJob:
    """A send; see the module. Without ``work`` there is no shortcut and no entry in Work's history.

    ``journal`` records the content and progress of the send until it is done and its links were shown. The password is
    dropped as soon as the send is open. ``ahead`` is what was read of the server by the time of the first check.
    """

    def __init__(
        self,
        share: ShareClient,
        work: WorkClient | None,
        plan: Plan,
        settings: LinkSettings,
        on_change: OnChange = lambda index: None,
        *,
        patience: RetryPolicy | None = None,
        journal: Journal | None = None,
        ahead: LookAhead | None = None,
    ) -> None:
        self.share = share
        self._ahead = ahead
        self.on_change = on_change
        self.journal = journal
        self.phase = Phase.IDLE
        record = JobJournal(journal)
        self._rows = JobRows(plan.rows, lambda index: self.on_change(index))
        self._context = SendContext(
            share,
            work,
            self._rows,
            [Transfer(row, partial(record.upload, i)) for i, row in enumerate(self._rows.all)],
            Opening(share, work, settings, journal),
            record,
            ServerWaits(patience or RetryPolicy(), lambda: self.on_change(None)),
        )
        self._sender = RowSender(self._context)
        self._checked = self._resumed = self._cancelling = False
        self._batch_bytes = BATCH_BYTES
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    # ---------------------------------------------------------------- state

    @property
    def rows(self) -> list[JobRow]:
        """In the order of the plan. Their states change while the job runs."""
        return self._rows.all

    @property
    def settings(self) -> LinkSettings:
        """The settings of the links; without the password as soon as the send is open."""
        return self._context.opening.settings

    @property
    def folder(self) -> Folder | None:
        """Where the links go; ``None`` until it was found."""
        return self._context.opening.folder

    @property
    def send(self) -> Send | None:
        """As the server has opened it; ``None`` before that."""
        return self._context.opening.send

    @property
    def documents(self) -> list[Document]:
        """The published documents, in the order of the rows."""
        return self._rows.documents

    @property
    def changed(self) -> list[Document]:
        """Those of them whose sources changed while they were sent."""
        return self._rows.changed

    def links_shown(self) -> None:
        """Note that the user has seen the links published so far: they needn't be kept for the next start."""
        self._context.journal.shown()

    @property
    def unfinished(self) -> list[int]:
        """The indexes of the rows that haven't succeeded."""
        return self._rows.unfinished

    @property
    def running(self) -> bool:
        """Whether :meth:`run` is under way."""
        return self.phase in (Phase.CHECKING, Phase.FOLDER, Phase.SENDING)

    @property
    def progress(self) -> Progress:
        """That of all rows together, except failed and cancelled ones."""
        return self._rows.progress(self.phase is Phase.SENDING)

    @property
    def waiting(self) -> int | None:
        """Seconds until an unreachable server is tried again; ``None`` if the job isn't waiting for the server."""
        return self._context.waits.left

    @property
    def _retry_policy(self) -> RetryPolicy:
        return self._context.retry_policy

    # ---------------------------------------------------------------- actions

    async def check(self) -> None:
        """Check everything that can be checked before anything is sent: sources, names, settings, the policy.

        Raises the first :class:`Problem` found. :meth:`run` does this if it wasn't done before.
        """
        if not self.rows:
            raise InvalidValue("send.empty", "There is nothing to send; choose a document.")
        for row in self.rows:
            names.validate(row.link_name, row.source.extension)
        names.check_distinct([row.link_name for row in self.rows])
        self.settings.check_values()
        unfinished = [self.rows[index] for index in self.unfinished]
        await check_all([row.source for row in unfinished])
        for row in unfinished:
            row.begin()
        ahead, self._ahead = self._ahead, None
        # At the same time, since each of them takes a round trip.
        me, policy, _ = await asyncio.gather(
            self._learn_about_server(ahead),
            self._policy(ahead),
            self._context.opening.look_ahead(ahead),
        )
        common = common_passwords() if isinstance(self.settings.password, str) else ()
        self.settings.check(policy, me.now, common)
        self._checked = True

    async def record(self) -> None:
        """Write the journal. :meth:`run` does this if it wasn't done before."""
        await self._context.journal.begin(self._context.transfers, self.settings)

    async def run(self) -> None:
        """Send every row that hasn't succeeded. Returns when each has succeeded, failed or been cancelled.

        A problem of a single document is that row's ``error``. A problem of the whole send (the check, the folder,
        opening the send) is raised as a :class:`Problem` and leaves the rows as they were: nothing was sent, and the
        job can be run again.
        """
        if self.running:
            raise RuntimeError("the job is running")
        self._cancelling = self._sender.keeps_uploads = False
        self._ended.clear()
        self._enter(Phase.CHECKING)
        self._task = asyncio.create_task(self._run())
        try:
            await self._task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if not self._cancelling or (current is not None and current.cancelling()):
                raise
        finally:
            await self._context.background.finish()
            sent = self.send is not None or self.documents
            if not sent and not self._sender.keeps_uploads:
                # There is nothing to resume.
                self._context.journal.end_if_begun()
            self._enter(Phase.DONE if sent else Phase.IDLE)
            self._ended.set()

    def cancel(self, *, keep: bool = False) -> None:
        """Stop the transfer immediately: rows in progress and pending become cancelled, and :meth:`run` returns.

        ``keep`` leaves uploads in progress on the server, and the journal, so that the send can be resumed from there.

        Documents that are published by then stay published and are in ``documents`` when :meth:`run` has returned. A
        row that the server is publishing right now may still succeed, within seconds.
        """
        if not self.running or self._task is None:
            return
        self._cancelling, self._sender.keeps_uploads = True, keep
        stopped = [i for i, transfer in enumerate(self._context.transfers) if not transfer.publishing]
        self._rows.cancel(stopped, (RowState.PENDING, RowState.IN_PROGRESS))
        self._task.cancel()

    async def leave(self) -> None:
        """Cancel the transfer so that another process can continue it from the journal, which stays held.

        Uploads in progress stay on the server. If the journal can't be written, it isn't ``held`` afterwards.
        """
        self.cancel(keep=True)
        await self.ended()
        await self.record()

    async def ended(self) -> None:
        """Wait until :meth:`run` has returned. For callers that cancel it from another task."""
        if self.running:
            await self._ended.wait()

    # ---------------------------------------------------------------- the run

    def _enter(self, phase: Phase) -> None:
        if phase is not self.phase:
            self.phase = phase
            self.on_change(None)

    async def _run(self) -> None:
        if not self._checked:
            await self.check()
        elif self._resumed:
            await self._learn_about_server()
        unfinished = self.unfinished
        if not unfinished:
            return
        await self.record()
        self._enter(Phase.FOLDER)
        seconds = await self._context.opening.open(None, self._retry_policy)
        if seconds is not None:
            self._context.chunk_sizer.answered(seconds)
        self._rows.are_pending(unfinished)
        self._enter(Phase.SENDING)
        await self._sender.send(unfinished, self._batch_bytes)

    async def _policy(self, ahead: LookAhead | None) -> Policy:
        known = None if ahead is None else await ahead.policy()
        return await with_retries(self.share.policy, self._retry_policy) if known is None else known

    async def _learn_about_server(self, ahead: LookAhead | None = None) -> Me:
        """Note how much it takes in one request, and which rows are versions stored there: they need no upload, unless
        one was begun."""
        known = None if ahead is None else ahead.me
        me = await with_retries(self.share.me, self._retry_policy) if known is None else known
        self._batch_bytes = me.batch_bytes
        for row, transfer in zip(self.rows, self._context.transfers, strict=True):
            row.on_server = me.versions and transfer.upload_id is None and is_on_share_server(row)
        return me

    def resume(self, send: Send | None, known: Mapping[str, Document], offsets: Mapping[str, int]) -> None:
        """Resume the send of the journal; to be called before the first :meth:`run`.

        ``send`` is the opened send, if there is one. ``known`` are the documents already published, by their keys.
        ``offsets`` are the bytes that the server has of each upload, by upload id.
        """
        assert self.journal is not None
        newly_published = []
        for index, entry in enumerate(self.journal.contents.entries):
            transfer = self._context.transfers[index]
            transfer.key = entry.key
            size, version = entry.source["size"], version_of(entry.source.get("version"))
            self.rows[index].began_as = size, version
            document = known.get(entry.key) or entry.document
            if document is not None:
                self._rows.was_published(index, document, changed=entry.changed)
                if entry.document is None:
                    newly_published.append((index, document))
            elif entry.upload is not None:
                transfer.begun_before(entry.upload)
                self.rows[index].acknowledged = offsets.get(entry.upload.id, 0)
        changed = [index for index, _ in newly_published if self.rows[index].changed]
        self._context.journal.published(newly_published, changed)
        if send is not None:
            self._context.opening.resume(send)
        # The sources aren't checked: one that has a problem by now must only fail its own row.
        self._checked = self._resumed = True

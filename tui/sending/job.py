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
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ..clients.chunk_sizer import ChunkSizer
from ..clients.retries import RetryPolicy, with_retries
from ..clients.share import ShareClient
from ..rules import names
from ..rules.common_passwords import common_passwords
from ..rules.errors import Conflict, Failed, InvalidValue, NotFound, Problem
from ..rules.link_settings import LinkSettings
from ..rules.policy import Policy
from ..wire.share import Document, Folder, Me, Send
from . import together, work_history
from .background_tasks import BackgroundTasks, shielded_briefly
from .gather_limited import gather_limited
from .meter import Meter, Progress
from .opening import Opening
from .plan import Plan
from .rows import JobRow, RowState, progress
from .sources import source_record
from .together import NotTogether, Waiting
from .transfer import SendGone, Transfer, is_on_share_server, is_published, is_send_lost, retry_if_changed
from .waits import Waits

if TYPE_CHECKING:
    from ..clients.work import WorkClient
    from .journal import Journal, Upload

__all__ = [
    "JobRow",
    "Phase",
    "Progress",
    "RowState",
    "SendJob",
]

T = TypeVar("T")
OnChange = Callable[[int | None], None]

#: Documents that are sent at the same time.
AT_ONCE = 3


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
    dropped as soon as the send is open.
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
    ) -> None:
        self.share = share
        self.work = work
        self.on_change = on_change
        self.patience = patience or RetryPolicy()
        self.journal = journal
        self.rows = [JobRow(r.source, r.link_name, r.source.size) for r in plan.rows]
        self.phase = Phase.IDLE
        self._transfers = [Transfer(row, partial(self._on_begin, i)) for i, row in enumerate(self.rows)]
        self._meter = Meter()
        self._chunk_sizer = ChunkSizer()
        self._checked = self._resumed = False
        #: Whether this job began the journal, rather than resuming it.
        self._journal_begun = False
        self._cancelling = False
        #: Whether the cancelled run leaves its uploads on the server, and its journal.
        self._keeping = False
        self._opening = Opening(share, work, settings, journal)
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._background = BackgroundTasks()
        self._waits = Waits(lambda: self.on_change(None))

    # ---------------------------------------------------------------- state

    @property
    def settings(self) -> LinkSettings:
        """The settings of the links; without the password as soon as the send is open."""
        return self._opening.settings

    @property
    def folder(self) -> Folder | None:
        return self._opening.folder

    @property
    def send(self) -> Send | None:
        return self._opening.send

    @property
    def documents(self) -> list[Document]:
        """The published documents, in the order of the rows."""
        return [row.document for row in self.rows if row.document is not None]

    def links_shown(self) -> None:
        """Note that the user has seen the links published so far: they needn't be kept for the next start."""
        if self.journal is not None:
            self.journal.shown()

    @property
    def unfinished(self) -> list[int]:
        """The indexes of the rows that haven't succeeded."""
        return [i for i, row in enumerate(self.rows) if row.state is not RowState.SUCCEEDED]

    @property
    def running(self) -> bool:
        return self.phase in (Phase.CHECKING, Phase.FOLDER, Phase.SENDING)

    @property
    def progress(self) -> Progress:
        return progress(self.rows, self._meter, self.phase is Phase.SENDING)

    @property
    def waiting(self) -> int | None:
        """Seconds until an unreachable server is tried again; ``None`` if the job isn't waiting for the server."""
        return self._waits.left

    @property
    def _retry_policy(self) -> RetryPolicy:
        return self._waits.patience(self.patience)

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
        for index in self.unfinished:
            row = self.rows[index]
            await row.source.check()
            row.size = row.source.size
        me, policy = await asyncio.gather(
            self._find_server_versions(), with_retries(self.share.policy, self._retry_policy)
        )
        common = common_passwords() if isinstance(self.settings.password, str) else ()
        self.settings.check_send(Policy.of(policy.model_dump()), me.now, common)
        self._checked = True

    async def run(self) -> None:
        """Send every row that hasn't succeeded. Returns when each has succeeded, failed or been cancelled.

        A problem of a single document is that row's ``error``. A problem of the whole send (the check, the folder,
        opening the send) is raised as a :class:`Problem` and leaves the rows as they were: nothing was sent, and the
        job can be run again.
        """
        if self.running:
            raise RuntimeError("the job is running")
        self._cancelling = self._keeping = False
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
            await self._background.finish()
            if self._journal_begun and self.send is None and not self.documents and not self._keeping:
                # Nothing was sent, so there is nothing to resume. The journal of a resumed send stays as it was.
                self._end_journal()
            sent = self.send is not None or self.documents
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
        self._cancelling, self._keeping = True, keep
        for index, transfer in enumerate(self._transfers):
            if self.rows[index].state in (RowState.PENDING, RowState.IN_PROGRESS) and not transfer.publishing:
                self._set(index, RowState.CANCELLED)
        self._task.cancel()

    async def leave(self) -> None:
        """Cancel the transfer so that another process can continue it from the journal, which stays held.

        Uploads in progress stay on the server. If the journal can't be written, it isn't ``held`` afterwards.
        """
        self.cancel(keep=True)
        await self.ended()
        await self._begin_journal()

    async def ended(self) -> None:
        """Wait until :meth:`run` has returned. For callers that cancel it from another task."""
        if self.running:
            await self._ended.wait()

    # ---------------------------------------------------------------- the run

    def _enter(self, phase: Phase) -> None:
        if phase is not self.phase:
            self.phase = phase
            self.on_change(None)

    def _set(self, index: int, state: RowState, error: Problem | None = None) -> None:
        row = self.rows[index]
        row.state, row.error = state, error
        self.on_change(index)

    async def _run(self) -> None:
        if not self._checked:
            await self.check()
        elif self._resumed:
            await self._find_server_versions()
        unfinished = self.unfinished
        if not unfinished:
            return
        await self._begin_journal()
        self._enter(Phase.FOLDER)
        await self._opening.open(None, self._retry_policy)
        for index in unfinished:
            self._set(index, RowState.PENDING)
        self._meter.start()
        self._enter(Phase.SENDING)
        queue = Waiting(self.rows, unfinished, self._chunk_sizer)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(unfinished))):
                group.create_task(self._send_from(queue))

    async def _find_server_versions(self) -> Me:
        """Mark the rows that are versions on the publishing server: they need no upload, unless one was begun."""
        me = await with_retries(self.share.me, self._retry_policy)
        for row, transfer in zip(self.rows, self._transfers, strict=True):
            row.on_server = me.versions and transfer.upload_id is None and is_on_share_server(row)
        return me

    async def _begin_journal(self) -> None:
        if self.journal is not None and not self.journal.held and not self.documents:
            self._journal_begun = True
            keys = [transfer.key for transfer in self._transfers]
            rows = [
                (source_record(r.source), r.link_name, key) for r, key in zip(self.rows, keys, strict=True)
            ]
            await asyncio.to_thread(self.journal.begin, rows, self.settings, datetime.now(UTC))

    def _end_journal(self) -> None:
        assert self.journal is not None
        self._journal_begun = False
        self.journal.remove()

    def _on_begin(self, index: int, upload: Upload) -> None:
        if self.journal is not None:
            self.journal.upload(index, upload)

    def resume(self, send: Send | None, known: Mapping[str, Document], offsets: Mapping[str, int]) -> None:
        """Resume the send of the journal; to be called before the first :meth:`run`.

        ``send`` is the opened send, if there is one. ``known`` are the documents already published, by their keys.
        ``offsets`` are the bytes that the server has of each upload, by upload id.
        """
        assert self.journal is not None
        newly_published = []
        for index, entry in enumerate(self.journal.contents.entries):
            row, transfer = self.rows[index], self._transfers[index]
            transfer.key = entry.key
            document = known.get(entry.key) or entry.document
            if document is not None:
                row.document, row.state, row.acknowledged = document, RowState.SUCCEEDED, row.size
                if entry.document is None:
                    newly_published.append((index, document))
            elif entry.upload is not None:
                transfer.begun_before(entry.upload)
                row.acknowledged = offsets.get(entry.upload.id, 0)
        self.journal.published(newly_published)
        if send is not None:
            self._opening.resume(send)
        # The sources aren't checked: one that has a problem by now must only fail its own row.
        self._checked = self._resumed = True

    async def _send_from(self, queue: Waiting) -> None:
        while indexes := queue.take():
            for index in indexes:
                self._set(index, RowState.IN_PROGRESS)
            try:
                single_indexes = await self._send_small(queue, indexes) if len(indexes) > 1 else indexes
                for index in single_indexes:
                    await self._send_single(index)
            except asyncio.CancelledError:
                for index in indexes:
                    if self.rows[index].state is RowState.IN_PROGRESS:
                        self._set(index, RowState.CANCELLED)
                raise
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # Publishing was shielded and has finished, so the cancellation is passed on here.
                raise asyncio.CancelledError

    async def _send_single(self, index: int) -> None:
        try:
            await retry_if_changed(lambda: self._send_row(index))
        except Problem as problem:
            self._set(index, RowState.FAILED, problem)
        except asyncio.CancelledError:
            if not self._keeping:
                self._background.start(self._transfers[index].discard(self.share))
            raise

    # ---------------------------------------------------------------- many in one request

    async def _send_small(self, queue: Waiting, indexes: list[int]) -> list[int]:
        """Send small documents in one request. Returns the indexes of those that must be sent singly."""
        single_indexes = [
            index for index in await gather_limited(map(self._make_ready, indexes)) if index is not None
        ]
        ready = [i for i in indexes if i not in single_indexes and self.rows[i].state is RowState.IN_PROGRESS]
        try:
            if ready:
                await self._publish_together(ready)
        except NotTogether:
            queue.together = False
            return sorted([*single_indexes, *ready])
        except Problem as problem:
            for index in ready:
                self._set(index, RowState.FAILED, problem)
        finally:
            for index in ready:
                self._transfers[index].ready = None
        return single_indexes

    async def _make_ready(self, index: int) -> int | None:
        """Read a small document. Returns its index if it is no longer small."""
        transfer = self._transfers[index]

        async def read() -> None:
            transfer.ready = await together.make_ready(transfer.row, transfer.key)

        try:
            await retry_if_changed(lambda: with_retries(read, self._retry_policy))
        except Problem as problem:
            self._set(index, RowState.FAILED, problem)
            return None
        return index if transfer.ready is None else None

    async def _publish_together(self, indexes: list[int]) -> None:
        for is_last_attempt in (False, True):
            send = self.send
            assert send is not None
            try:
                results = await self._publish_shielded(self._request_together(send, indexes), indexes)
                break
            except (NotFound, Conflict) as problem:
                if is_last_attempt or not is_send_lost(problem):
                    raise
                await self._opening.open(send, self._retry_policy)
        notes = []
        for index, result in zip(indexes, results, strict=True):
            row = self.rows[index]
            if isinstance(result, Problem):
                self._set(index, RowState.FAILED, result)
                continue
            row.document, row.acknowledged = result, row.size
            self._meter.moved(row.size, 1)
            self._set(index, RowState.SUCCEEDED)
            if self.work is not None and work_history.wanted(row):
                notes.append(work_history.note(self.work, row, result))
        if notes:
            self._background.start(gather_limited(notes))

    async def _request_together(self, send: Send, indexes: list[int]) -> list[Document | Problem]:
        transfers = [self._transfers[index] for index in indexes]
        ready = [transfer.ready for transfer in transfers if transfer.ready is not None]
        rows = [transfer.row for transfer in transfers]
        began = monotonic()
        results = await with_retries(
            lambda: together.publish(self.share, send, rows, ready), self._retry_policy
        )
        self._waits.reached()
        self._chunk_sizer.took(sum(len(one.content) for one in ready), monotonic() - began)
        known: Mapping[str, Document] = {}
        if any(is_published(result) for result in results):
            known = await self._published_by_key(send)
        found = [known.get(t.key, result) for t, result in zip(transfers, results, strict=True)]
        self._record_published(
            [(i, d) for i, d in zip(indexes, found, strict=True) if isinstance(d, Document)]
        )
        return found

    async def _published_by_key(self, send: Send) -> dict[str, Document]:
        """The documents of the send that the server has published, by their keys."""
        state = await with_retries(lambda: self.share.sends.state(send.id), self._retry_policy)
        return {each.key: each.document for each in state.documents if each.key and each.document}

    def _record_published(self, documents: list[tuple[int, Document]]) -> None:
        if self.journal is not None:
            self.journal.published(documents)

    # ---------------------------------------------------------------- one by itself

    async def _send_row(self, index: int) -> None:
        row, transfer = self.rows[index], self._transfers[index]
        if transfer.upload_id is None:
            row.acknowledged = 0

        def moved(count: int) -> None:
            self._waits.reached()
            self._meter.moved(count)
            self.on_change(index)

        for is_last_attempt in (False, True):
            send = self.send
            assert send is not None
            try:
                if not row.on_server:
                    await transfer.upload(self.share, send, self._chunk_sizer, self._retry_policy, moved)
                document = await self._publish_shielded(self._publish(index, send), [index])
                break
            except SendGone:
                if is_last_attempt:
                    raise Failed("send.gone", "The server keeps losing this send; start it again.") from None
                await self._opening.open(send, self._retry_policy)
        row.document = document
        self._meter.moved(0, 1)
        self._set(index, RowState.SUCCEEDED)
        if self.work is not None and work_history.wanted(row):
            self._background.start(work_history.note(self.work, row, document))

    async def _publish_shielded(self, publishing: Coroutine[Any, Any, T], indexes: list[int]) -> T:
        """Publish rows, protecting them from being cancelled while the request is pending."""
        for index in indexes:
            self._transfers[index].publishing = True
        try:
            return await shielded_briefly(publishing)
        finally:
            for index in indexes:
                self._transfers[index].publishing = False

    async def _publish(self, index: int, send: Send) -> Document:
        transfer = self._transfers[index]
        publish = transfer.publish_version if transfer.row.on_server else transfer.publish
        try:
            document = await publish(self.share, send, self._retry_policy)
        except Problem as problem:
            known = await self._published_by_key(send) if is_published(problem) else {}
            if transfer.key not in known:
                raise
            document = known[transfer.key]
        self._record_published([(index, document)])
        return document

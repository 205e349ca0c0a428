"""A send as a job: the folder, the settings, the uploads, the publishing, row by row.

::

    job = SendJob(share, work, plan, SendSettings(password="…"), on_change)
    await job.check()          # everything that can be known before anything is sent
    await job.run()            # folder, open the send, upload three at once, publish each as it is done
    if job.unfinished:
        await job.retry()      # the failed, cancelled and never begun rows again
    job.documents              # what succeeded, in the order of the plan

All of it happens on one event loop. ``on_change`` is called synchronously, often, and must be quick: with the
index of the row that changed, or with ``None`` where the whole did (its phase). The caller reads ``job.rows[i]``
and ``job.progress`` when it paints.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

from ..clients.share import ShareClient
from ..clients.uploads import Pace, Patience
from ..rules import names, options
from ..rules.errors import Failed, Interrupted, InvalidValue, Problem
from ..wire.share import Document, Folder, Send
from . import folder as folders
from . import history
from .plan import Plan
from .rows import JobRow, Meter, Progress, RowState, progress
from .settings import Default, SendSettings, policy_of, zone_offset
from .transfer import SendGone, Transfer, patiently

if TYPE_CHECKING:
    from ..clients.work import WorkClient

__all__ = [
    "Default",
    "JobRow",
    "Phase",
    "Progress",
    "RowState",
    "SendJob",
    "SendSettings",
    "zone_offset",
]

OnChange = Callable[[int | None], None]

#: Documents that are sent at the same time.
AT_ONCE = 3
# So long a cancelled job waits for the answer to what it had asked to be published, and tidies up.
_LAST_SECONDS = 5.0


class Phase(StrEnum):
    """What the whole job is doing. ``FOLDER``: the folder is looked for, and the send opened."""

    IDLE = "idle"
    CHECKING = "checking"
    FOLDER = "folder"
    SENDING = "sending"
    DONE = "done"


class SendJob:
    """See the module. ``work`` may be ``None``: then there is no shortcut, and no note in Work's history.

    The password is forgotten as soon as the send is open.
    """

    def __init__(
        self,
        share: ShareClient,
        work: WorkClient | None,
        plan: Plan,
        settings: SendSettings,
        on_change: OnChange = lambda index: None,
        *,
        patience: Patience | None = None,
    ) -> None:
        self.share = share
        self.work = work
        self.settings = settings
        self.on_change = on_change
        self.patience = patience or Patience()
        self.rows = [JobRow(r.source, r.link_name, r.source.size) for r in plan.rows]
        self.phase = Phase.IDLE
        #: Known from the moment that they are.
        self.folder: Folder | None = None
        self.send: Send | None = None
        self._transfers = [Transfer(row) for row in self.rows]
        self._meter = Meter()
        self._pace = Pace()
        self._checked = False
        self._cancelling = False
        self._opening = asyncio.Lock()
        self._key = uuid4().hex
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._aside: set[asyncio.Task[None]] = set()

    # ---------------------------------------------------------------- what there is to see

    @property
    def documents(self) -> list[Document]:
        """What was published, in the order of the rows."""
        return [row.document for row in self.rows if row.document is not None]

    @property
    def unfinished(self) -> list[int]:
        """The indexes of the rows that have not succeeded."""
        return [i for i, row in enumerate(self.rows) if row.state is not RowState.SUCCEEDED]

    @property
    def running(self) -> bool:
        return self.phase in (Phase.CHECKING, Phase.FOLDER, Phase.SENDING)

    @property
    def progress(self) -> Progress:
        return progress(self.rows, self._meter, self.phase is Phase.SENDING)

    # ---------------------------------------------------------------- what can be done

    async def check(self) -> None:
        """Everything that can be known before anything is sent: sources, names, settings, the policy.

        Raises the :class:`Problem` of the first that is wrong. :meth:`run` does it where it was not done before.
        """
        if not self.rows:
            raise InvalidValue("send.empty", "There is nothing to send; choose a document.")
        for row in self.rows:
            names.validate(row.link_name, row.source.extension)
        names.check_distinct([row.link_name for row in self.rows])
        if self.settings.password is not None:
            options.check_password(self.settings.password)
        if isinstance(self.settings.downloads_permitted, int):
            options.check_downloads(self.settings.downloads_permitted)
        for index in self.unfinished:
            row = self.rows[index]
            await row.source.check()
            row.size = row.source.size
        me, policy = await asyncio.gather(self.share.me(), self.share.policy())
        self.settings.check(policy_of(policy), me.now)
        self._checked = True

    async def run(self) -> None:
        """Sends every row that has not succeeded, and returns when each has succeeded, failed or been cancelled.

        What concerns one document only is that row's ``error``. What concerns all of them (the check, the folder,
        opening the send) is raised as a :class:`Problem`, with the rows as they were: nothing was sent, and the job
        can be run again.
        """
        if self.running:
            raise RuntimeError("the job is running")
        self._cancelling = False
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
            await self._tidy()
            self._enter(Phase.DONE if self.send is not None else Phase.IDLE)
            self._ended.set()

    async def retry(self) -> None:
        """Sends the failed, cancelled and pending rows again, under the same send; raises as :meth:`run` does."""
        await self.run()

    def cancel(self) -> None:
        """Ends the transfer at once: rows under way and not begun become cancelled, and :meth:`run` returns.

        What is published by then stays so, and is in ``documents`` when :meth:`run` has returned: a row that the
        server is publishing at this moment may still succeed, within seconds.
        """
        if not self.running or self._task is None:
            return
        self._cancelling = True
        for index, transfer in enumerate(self._transfers):
            if self.rows[index].state in (RowState.PENDING, RowState.IN_PROGRESS) and not transfer.publishing:
                self._set(index, RowState.CANCELLED)
        self._task.cancel()

    async def ended(self) -> None:
        """Waits until :meth:`run` has returned; for whoever cancels it from elsewhere."""
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
        self._enter(Phase.FOLDER)
        await self._open(None)
        waiting = self.unfinished
        for index in waiting:
            self._set(index, RowState.PENDING)
        self._meter.start()
        self._enter(Phase.SENDING)
        queue = iter(waiting)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(waiting))):
                group.create_task(self._work_through(queue))

    async def _work_through(self, queue: Iterator[int]) -> None:
        for index in queue:
            self._set(index, RowState.IN_PROGRESS)
            try:
                await self._send_row(index)
            except Problem as problem:
                self._set(index, RowState.FAILED, problem)
            except asyncio.CancelledError:
                if self.rows[index].state is RowState.IN_PROGRESS:
                    self._set(index, RowState.CANCELLED)
                self._begin(self._transfers[index].discard(self.share))
                raise
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # The row was being published, and so came to its end all the same.
                raise asyncio.CancelledError

    async def _send_row(self, index: int) -> None:
        row, transfer = self.rows[index], self._transfers[index]
        if transfer.upload_id is None:
            row.acknowledged = 0

        def moved(count: int) -> None:
            self._meter.moved(count)
            self.on_change(index)

        for last in (False, True):
            send = self.send
            assert send is not None
            try:
                await transfer.upload(self.share, send, self._pace, self.patience, moved)
                document = await self._publish(transfer, send)
                break
            except SendGone:
                if last:
                    raise Failed("send.gone", "The server keeps losing this send; start it anew.") from None
                await self._open(send)
        row.document = document
        self._set(index, RowState.SUCCEEDED)
        if self.work is not None and history.wanted(row):
            self._begin(history.note(self.work, row, document))

    async def _publish(self, transfer: Transfer, send: Send) -> Document:
        """Publishes, and where the job is cancelled meanwhile, still waits a moment for how it ended."""
        asking = asyncio.create_task(transfer.publish(self.share, send, self.patience))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait({asking}, timeout=_LAST_SECONDS)
            if asking.done() and not asking.cancelled():
                return asking.result()
            asking.cancel()
            await asyncio.wait({asking})
            raise Interrupted(
                "publish.unknown",
                "The server has not said whether the document is published; send it again to find out: "
                "that does not publish it twice.",
            ) from None

    async def _open(self, gone: Send | None) -> None:
        """Sees to it that there is a folder and an opened send, other than the one that is ``gone``."""
        async with self._opening:
            if self.send is not None and self.send is not gone:
                return
            if gone is not None:
                if gone.has_password:
                    raise Failed(
                        "send.gone",
                        "The server no longer knows this send, and its password was not kept; "
                        "start the send anew.",
                    )
                self._key = uuid4().hex
            patience = replace(self.patience, tries=3)
            offset = zone_offset() if self.settings.zone_offset is None else self.settings.zone_offset
            self.folder = await patiently(lambda: folders.ensure(self.share, self.work, offset), patience)
            request = self.settings.request(self.folder.id)
            self.send = await patiently(lambda: self.share.open_send(request, self._key), patience)
            # Should it have to be opened anew, all of its documents have the same settings still.
            self.settings = replace(
                self.settings,
                password=None,
                expires_at=self.send.expires_at,
                downloads_permitted=self.send.downloads_permitted,
            )

    # ---------------------------------------------------------------- beside it

    def _begin(self, what: Awaitable[None]) -> None:
        """Does something that nobody waits for before the end."""
        task = asyncio.ensure_future(what)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _tidy(self) -> None:
        """Lets what was begun beside come to its end, for a moment."""
        waiting = set(self._aside)
        if waiting:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(waiting, timeout=_LAST_SECONDS)
            for task in waiting:
                task.cancel()

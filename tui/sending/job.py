"""A send as a job: the folder, the settings, the uploads, the publishing, row by row.

::

    job = SendJob(share, work, plan, LinkSettings(password="…"), on_change)
    await job.check()          # everything that can be known before anything is sent
    await job.run()            # folder, open the send; three at once: upload and publish, small ones many at a time
    if job.unfinished:
        await job.run()        # the failed, cancelled and never begun rows again
    job.documents              # what succeeded, in the order of the plan

All of it happens on one event loop. ``on_change`` is called synchronously, often, and must be quick: with the
index of the row that changed, or with ``None`` where the whole did (its phase). The caller reads ``job.rows[i]``
and ``job.progress`` when it paints.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ..clients.patience import Patience, patiently
from ..clients.share import ShareClient
from ..clients.uploads import Pace
from ..rules import names
from ..rules.common_passwords import common_passwords
from ..rules.errors import Conflict, Failed, InvalidValue, NotFound, Problem
from ..rules.link_settings import LinkSettings
from ..rules.policy import Policy
from ..wire.share import Document, Folder, Me, Send
from . import history, together
from .aside import Aside, to_its_end
from .meter import Meter, Progress
from .opening import Opening
from .plan import Plan
from .rows import JobRow, RowState, progress
from .several import several
from .sources import said_of
from .together import NotTogether, Waiting
from .transfer import SendGone, Transfer, gone, is_published, lies_with_share, once_more
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
    """What the whole job is doing. ``FOLDER``: the folder is looked for, and the send opened."""

    IDLE = "idle"
    CHECKING = "checking"
    FOLDER = "folder"
    SENDING = "sending"
    DONE = "done"


class SendJob:
    """See the module. ``work`` may be ``None``: then there is no shortcut, and no note in Work's history.
    ``journal`` keeps what it is about and how far it is, until all is done and the links were shown.

    The password is forgotten as soon as the send is open.
    """

    def __init__(
        self,
        share: ShareClient,
        work: WorkClient | None,
        plan: Plan,
        settings: LinkSettings,
        on_change: OnChange = lambda index: None,
        *,
        patience: Patience | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.share = share
        self.work = work
        self.on_change = on_change
        self.patience = patience or Patience()
        self.journal = journal
        self.rows = [JobRow(r.source, r.link_name, r.source.size) for r in plan.rows]
        self.phase = Phase.IDLE
        self._transfers = [Transfer(row, partial(self._on_begin, i)) for i, row in enumerate(self.rows)]
        self._meter = Meter()
        self._pace = Pace()
        self._checked = self._taken_up = False
        #: It was this job that has begun the journal.
        self._journal_begun = False
        self._cancelling = False
        self._opening = Opening(share, work, settings, journal)
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._aside = Aside()
        self._waits = Waits(lambda: self.on_change(None))

    # ---------------------------------------------------------------- what there is to see

    @property
    def settings(self) -> LinkSettings:
        """What the documents are sent with; without the password once the send is open."""
        return self._opening.settings

    @property
    def folder(self) -> Folder | None:
        return self._opening.folder

    @property
    def send(self) -> Send | None:
        return self._opening.send

    @property
    def documents(self) -> list[Document]:
        """What was published, in the order of the rows."""
        return [row.document for row in self.rows if row.document is not None]

    def links_shown(self) -> None:
        """Somebody has seen the links of what was published so far: they are not kept for the next start."""
        if self.journal is not None:
            self.journal.shown()

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

    @property
    def waiting(self) -> int | None:
        """The server is away: in so many seconds it is asked again. ``None`` where it is not waited for."""
        return self._waits.left

    @property
    def _patient(self) -> Patience:
        return self._waits.patience(self.patience)

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
        self.settings.check_values()
        for index in self.unfinished:
            row = self.rows[index]
            await row.source.check()
            row.size = row.source.size
        me, policy = await asyncio.gather(self._see_versions(), patiently(self.share.policy, self._patient))
        common = common_passwords() if isinstance(self.settings.password, str) else ()
        self.settings.check_send(Policy.of(policy.model_dump()), me.now, common)
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
            await self._aside.tidy()
            if self._journal_begun and self.send is None and not self.documents:
                # Nothing was sent: there is nothing to go on with. One that was taken up stays as it was.
                self._end_journal()
            sent = self.send is not None or self.documents
            self._enter(Phase.DONE if sent else Phase.IDLE)
            self._ended.set()

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
        elif self._taken_up:
            await self._see_versions()
        waiting = self.unfinished
        if not waiting:
            return
        await self._begin_journal()
        self._enter(Phase.FOLDER)
        await self._opening.open(None, self._patient)
        for index in waiting:
            self._set(index, RowState.PENDING)
        self._meter.start()
        self._enter(Phase.SENDING)
        queue = Waiting(self.rows, waiting, self._pace)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(waiting))):
                group.create_task(self._work_through(queue))

    async def _see_versions(self) -> Me:
        """Finds out which rows are versions on the server that publishes; of those that were begun, the bytes go."""
        me = await patiently(self.share.me, self._patient)
        for row, transfer in zip(self.rows, self._transfers, strict=True):
            row.on_server = me.versions and transfer.upload_id is None and lies_with_share(row)
        return me

    async def _begin_journal(self) -> None:
        if self.journal is not None and not self.journal.held and not self.documents:
            self._journal_begun = True
            keys = [transfer.key for transfer in self._transfers]
            rows = [(said_of(r.source), r.link_name, key) for r, key in zip(self.rows, keys, strict=True)]
            await asyncio.to_thread(self.journal.begin, rows, self.settings, datetime.now(UTC))

    def _end_journal(self) -> None:
        assert self.journal is not None
        self._journal_begun = False
        self.journal.remove()

    def _on_begin(self, index: int, upload: Upload) -> None:
        if self.journal is not None:
            self.journal.upload(index, upload)

    def take_up(self, send: Send | None, known: Mapping[str, Document], offsets: Mapping[str, int]) -> None:
        """Goes on with what the journal says, before the first :meth:`run`: with ``send`` where it was opened, without
        the documents that are ``known`` to be published under their keys. ``offsets`` tell of uploads by their ids
        how many bytes the server has."""
        assert self.journal is not None
        found = []
        for index, entry in enumerate(self.journal.contents.entries):
            row, transfer = self.rows[index], self._transfers[index]
            transfer.key = entry.key
            document = known.get(entry.key) or entry.document
            if document is not None:
                row.document, row.state, row.acknowledged = document, RowState.SUCCEEDED, row.size
                if entry.document is None:
                    found.append((index, document))
            elif entry.upload is not None:
                transfer.begun_before(entry.upload)
                row.acknowledged = offsets.get(entry.upload.id, 0)
        self.journal.published(found)
        if send is not None:
            self._opening.take_up(send)
        # What is wrong with one of the sources by now is that row's.
        self._checked = self._taken_up = True

    async def _work_through(self, queue: Waiting) -> None:
        while indexes := queue.take():
            for index in indexes:
                self._set(index, RowState.IN_PROGRESS)
            try:
                alone = await self._send_small(queue, indexes) if len(indexes) > 1 else indexes
                for index in alone:
                    await self._send_alone(index)
            except asyncio.CancelledError:
                for index in indexes:
                    if self.rows[index].state is RowState.IN_PROGRESS:
                        self._set(index, RowState.CANCELLED)
                raise
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # What was being published came to its end all the same.
                raise asyncio.CancelledError

    async def _send_alone(self, index: int) -> None:
        try:
            await once_more(lambda: self._send_row(index))
        except Problem as problem:
            self._set(index, RowState.FAILED, problem)
        except asyncio.CancelledError:
            self._aside.begin(self._transfers[index].discard(self.share))
            raise

    # ---------------------------------------------------------------- many in one request

    async def _send_small(self, queue: Waiting, indexes: list[int]) -> list[int]:
        """Sends small documents in one request; answers those that have to go by themselves."""
        alone = [index for index in await several(map(self._make_ready, indexes)) if index is not None]
        ready = [i for i in indexes if i not in alone and self.rows[i].state is RowState.IN_PROGRESS]
        try:
            if ready:
                await self._publish_together(ready)
        except NotTogether:
            queue.together = False
            return sorted([*alone, *ready])
        except Problem as problem:
            for index in ready:
                self._set(index, RowState.FAILED, problem)
        finally:
            for index in ready:
                self._transfers[index].ready = None
        return alone

    async def _make_ready(self, index: int) -> int | None:
        """Reads a small document; answers its index where it is not small any more."""
        transfer = self._transfers[index]

        async def read() -> None:
            transfer.ready = await together.make_ready(transfer.row, transfer.key)

        try:
            await once_more(lambda: patiently(read, self._patient))
        except Problem as problem:
            self._set(index, RowState.FAILED, problem)
            return None
        return index if transfer.ready is None else None

    async def _publish_together(self, indexes: list[int]) -> None:
        for last in (False, True):
            send = self.send
            assert send is not None
            try:
                results = await self._to_its_end(self._ask_together(send, indexes), indexes)
                break
            except (NotFound, Conflict) as problem:
                if last or not gone(problem):
                    raise
                await self._opening.open(send, self._patient)
        notes = []
        for index, result in zip(indexes, results, strict=True):
            row = self.rows[index]
            if isinstance(result, Problem):
                self._set(index, RowState.FAILED, result)
                continue
            row.document, row.acknowledged = result, row.size
            self._meter.moved(row.size, 1)
            self._set(index, RowState.SUCCEEDED)
            if self.work is not None and history.wanted(row):
                notes.append(history.note(self.work, row, result))
        if notes:
            self._aside.begin(several(notes))

    async def _ask_together(self, send: Send, indexes: list[int]) -> list[Document | Problem]:
        transfers = [self._transfers[index] for index in indexes]
        ready = [transfer.ready for transfer in transfers if transfer.ready is not None]
        rows = [transfer.row for transfer in transfers]
        began = monotonic()
        results = await patiently(lambda: together.publish(self.share, send, rows, ready), self._patient)
        self._waits.reached()
        self._pace.took(sum(len(one.content) for one in ready), monotonic() - began)
        known: Mapping[str, Document] = {}
        if any(is_published(result) for result in results):
            known = await self._known(send)
        found = [known.get(t.key, result) for t, result in zip(transfers, results, strict=True)]
        self._published([(i, d) for i, d in zip(indexes, found, strict=True) if isinstance(d, Document)])
        return found

    async def _known(self, send: Send) -> dict[str, Document]:
        """What the server has published of the send, by the keys."""
        state = await patiently(lambda: self.share.send_state(send.id), self._patient)
        return {each.key: each.document for each in state.documents if each.key and each.document}

    def _published(self, documents: list[tuple[int, Document]]) -> None:
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

        for last in (False, True):
            send = self.send
            assert send is not None
            try:
                if not row.on_server:
                    await transfer.upload(self.share, send, self._pace, self._patient, moved)
                document = await self._to_its_end(self._publish(index, send), [index])
                break
            except SendGone:
                if last:
                    raise Failed("send.gone", "The server keeps losing this send; start it again.") from None
                await self._opening.open(send, self._patient)
        row.document = document
        self._meter.moved(0, 1)
        self._set(index, RowState.SUCCEEDED)
        if self.work is not None and history.wanted(row):
            self._aside.begin(history.note(self.work, row, document))

    async def _to_its_end(self, publishing: Coroutine[Any, Any, T], indexes: list[int]) -> T:
        """Publishes rows, which are not cancelled meanwhile."""
        for index in indexes:
            self._transfers[index].publishing = True
        try:
            return await to_its_end(publishing)
        finally:
            for index in indexes:
                self._transfers[index].publishing = False

    async def _publish(self, index: int, send: Send) -> Document:
        transfer = self._transfers[index]
        publish = transfer.publish_version if transfer.row.on_server else transfer.publish
        try:
            document = await publish(self.share, send, self._patient)
        except Problem as problem:
            known = await self._known(send) if is_published(problem) else {}
            if transfer.key not in known:
                raise
            document = known[transfer.key]
        self._published([(index, document)])
        return document

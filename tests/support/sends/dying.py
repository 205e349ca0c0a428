"""Sends whose process ends in the middle, and which another one resumes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.support.sends.jobs import PIECE, QUICK, FixedPace
from tui.clients.share import ShareClient
from tui.rules.errors import Interrupted
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import SendJob
from tui.sending.journal.journal import Journal
from tui.sending.journal.unfinished import unfinished_sends
from tui.sending.plan import Plan
from tui.sending.resuming import SendStatus, query_status, resumed
from tui.sending.sources import FileSource

USER = "ANNA"


def files(folder: Path, *sizes: int) -> list[Path]:
    made = []
    for number, size in enumerate(sizes):
        path = folder / f"paper{number:02}.bin"
        path.write_bytes(os.urandom(size))
        made.append(path)
    return made


class Sends:
    """One user's sends, with their journals in a folder."""

    def __init__(self, state: Path, share: ShareClient) -> None:
        self.state = state
        self.share = share

    def begin(self, paths: list[Path], **settings: object) -> SendJob:
        journal = Journal(self.state, "local", USER)
        sources = [FileSource.of(path) for path in paths]
        asked = LinkSettings(**settings)  # type: ignore[arg-type]
        job = SendJob(self.share, None, Plan(sources), asked, patience=QUICK, journal=journal)
        job._context.chunk_sizer = FixedPace(PIECE, PIECE)
        return job

    async def ended_after(self, job: SendJob, holds: Callable[[], bool]) -> None:
        """Kills the process as soon as ``holds()`` is true: it gets no chance to clean up."""
        running = asyncio.create_task(job.run())
        while not holds():
            assert not running.done(), "it came to its end before"
            await asyncio.sleep(0.005)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        assert job.journal is not None
        # From here on the job, like a killed process, can do nothing: it has no connection and no journal.
        connect(job.share, Dead())
        job.journal.release()
        running.cancel()
        await asyncio.wait({running}, timeout=10)

    @property
    def left(self) -> list[str]:
        return [each.contents.id for each in unfinished_sends(self.state, "local", USER, datetime.now(UTC))]

    async def stands(self, share: ShareClient) -> SendStatus:
        (one,) = unfinished_sends(self.state, "local", USER, datetime.now(UTC))
        return await query_status(share, one.contents)

    async def resume(
        self, share: ShareClient, password: str | None = None, *, status: SendStatus | None = None
    ) -> SendJob:
        found = status or await self.stands(share)
        journal = Journal.take(self.state, found.contents)
        try:
            job = await resumed(share, None, journal, found, password=password, patience=QUICK)
        except BaseException:
            journal.release()
            raise
        job._context.chunk_sizer = FixedPace(PIECE, PIECE)
        return job


def connect(share: ShareClient, http: object) -> None:
    """Gives all parts of a client another connection."""
    share.http = share.sends.http = share.audit.http = http  # type: ignore[assignment]


class Dead:
    """The connection of a process that no longer exists."""

    def __getattr__(self, name: str) -> object:
        raise Interrupted("connection.broken", "This process is no more.")

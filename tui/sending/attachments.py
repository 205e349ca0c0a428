"""Files that are sent all or not at all: where one fails, the links of the others are stopped again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..clients.files import LocalFile
from ..rules import names
from ..rules.errors import Failed, Problem
from ..rules.text import printable
from .job import SendJob
from .plan import FileSource, Plan

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..rules.link_settings import LinkSettings
    from ..wire.share import Document


class _Attachment(FileSource):
    """A file that is called otherwise than where it lies."""

    def __init__(self, file: LocalFile, name: str) -> None:
        super().__init__(file)
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def extension(self) -> str:
        return names.extension(names.clean(self._name))


async def send_all(
    share: ShareClient,
    work: WorkClient,
    files: Sequence[tuple[Path, str]],
    settings: LinkSettings,
    ended_by: Callable[[Callable[[int], None]], AbstractContextManager[object]],
) -> list[Document]:
    """Publishes ``files`` (paths, and what they are called), in order.

    While the block of ``ended_by`` runs, what it is given ends the send, called with the number of a signal. Raises
    the :class:`Problem` of the first that failed; nothing is published then.
    """
    plan = Plan([_Attachment(LocalFile.open(path), name) for path, name in files])
    job = SendJob(share, work, plan, settings)
    try:
        with ended_by(lambda number: job.cancel()):
            await job.run()
    except BaseException:
        await _withdraw(share, job)
        raise
    if not job.unfinished:
        return job.documents
    await _withdraw(share, job)
    row = job.rows[job.unfinished[0]]
    error = row.error or Failed("cancelled", "The send was stopped.")
    raise Failed(error.code, f"{printable(row.source.name)}: {error.message} Nothing was sent.")


async def _withdraw(share: ShareClient, job: SendJob) -> None:
    for document in job.documents:
        with suppress(Problem):
            await share.delete(document.id)

"""Sending files all or nothing: if one fails, the documents that were published are moved to the trash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ..clients.files import LocalFile
from ..rules import names
from ..rules.errors import Failed, Problem
from ..rules.text import printable
from .job.job import JobRow, SendJob
from .plan import Plan
from .sources import FileSource

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..rules.link_settings import LinkSettings
    from ..wire.share import Document


class _Attachment(FileSource):
    """A file sent under another name than its own."""

    def __init__(self, file: LocalFile, name: str) -> None:
        super().__init__(file)
        # A message may give any text as its name, of any length; no file has a longer one than a link.
        self._name = name if len(name) <= names.MAX_BYTES else names.clean(name)

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
    """Publish ``files`` (paths and names), in order. Returns their documents.

    ``ended_by`` is a context manager, active during the send; it gets a function that stops the send when called with a
    signal number. Raises the :class:`Problem` of the first file that failed. Nothing stays published then, except what
    the server doesn't withdraw, which the message names.
    """
    plan = Plan([_Attachment(LocalFile.open(path), name) for path, name in files])
    job = SendJob(share, work, plan, settings)
    try:
        with ended_by(lambda number: job.cancel()):
            await job.run()
    except BaseException:
        await _withdraw(share, job)
        raise
    failed = [job.rows[index] for index in job.unfinished] or [row for row in job.rows if row.changed]
    if not failed:
        return job.documents
    kept = await _withdraw(share, job)
    row = failed[0]
    error = row.error or _unfinished(row)
    raise Failed(error.code, f"{printable(row.source.name)}: {error.message} {_outcome(kept)}")


def _unfinished(row: JobRow) -> Failed:
    if row.changed:
        return Failed("file.changed", "It changed while it was sent.")
    return Failed("cancelled", "The send was stopped.")


async def _withdraw(share: ShareClient, job: SendJob) -> list[Document]:
    """Move the published documents to the trash. Return those for which that failed."""
    kept = []
    for document in job.documents:
        try:
            await share.delete(document.id)
        except Problem:
            kept.append(document)
    return kept


def _outcome(kept: list[Document]) -> str:
    if not kept:
        return "Nothing was sent."
    names = ", ".join(printable(document.name) for document in kept)
    links = "link" if len(kept) == 1 else "links"
    idents = " ".join(document.id for document in kept)
    return f"Published, and not withdrawn: {names}; run sentlinks delete {idents} to stop the {links}."

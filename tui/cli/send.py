"""``sentlinks send``: files and Work documents as secure links."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..rules.errors import Failed, InvalidValue, NotFound, Problem
from ..rules.ids import is_document
from ..rules.text import printable
from . import common, delivery, fields
from .common import Result, Session
from .output import flush, tell
from .progress import job_line, progress

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..rules.link_settings import LinkSettings
    from ..sending.job import JobRow, SendJob
    from ..sending.plan import Source
    from ..wire.work import Document as WorkDocument


@click.command("send")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...", shell_complete=fields.complete_files)
@click.option("--name", "typed", multiple=True, metavar="ITEM=NAME", help="The link name of an item.")
@fields.field_options
@delivery.delivery_options
@common.remote
def send_command(
    session: Session,
    /,
    items: tuple[str, ...],
    typed: tuple[str, ...],
    copy: bool,
    mail: Path | None,
    to: tuple[str, ...],
    **given: Any,
) -> int:
    """Send documents as secure links.

    They are sent in the order given. An ITEM is a path, or a document of Work: ACTIVE!453.1 is that version,
    ACTIVE!453 the latest.
    """
    delivered = delivery.Delivery(copy, mail, to)
    delivered.check()
    names = names_of(items, typed)
    local = {i: _file(item) for i, item in enumerate(items) if not is_work(item)}
    sending = _Sending(session, items, names, local, fields.read_fields(**given))
    job = session.both(sending.run)
    status = common.finish(session, sending.results(job), **sending.told)
    _tell_rest(session, sending, job)
    if not delivered.deliver(session, job.documents, sending.sender):
        status = status or 1
    # Links that could not be written, as to a terminal that is gone, are told by the next send.
    flush()
    job.links_shown()
    return sending.interrupted if sending.interrupted and job.unfinished else status


def names_of(items: Sequence[str], typed: Sequence[str]) -> dict[int, str]:
    """The names typed as ``ITEM=NAME``, by the index of their item.

    ITEM is the longest item that fits; the n-th name for an item is for its n-th mention. Raises
    :class:`InvalidValue` for a name that belongs to none.
    """
    found: dict[int, str] = {}
    used: Counter[str] = Counter()
    for text in typed:
        fitting = [item for item in items if text.startswith(f"{item}=")]
        if not fitting:
            raise InvalidValue(
                "name.no_item",
                f"--name {printable(text)} matches no item; write ITEM=NAME, with the item as in the command.",
                "name",
            )
        item = max(fitting, key=len)
        places = [i for i, other in enumerate(items) if other == item]
        if used[item] == len(places):
            told = f"--name is given more often than {printable(item)} appears."
            raise InvalidValue("name.too_many", told, "name")
        found[places[used[item]]] = text[len(item) + 1 :]
        used[item] += 1
    return found


def is_work(item: str) -> bool:
    """Whether ``item`` is a document of Work: an existing file of that spelling wins."""
    return is_document(item) and not Path(item).is_file()


def _file(item: str) -> Source:
    from ..sending.plan import FileSource

    return FileSource.of(Path(item))


class _Sending:
    """One send from its checks to its end."""

    def __init__(
        self,
        session: Session,
        items: Sequence[str],
        names: dict[int, str],
        local: dict[int, Source],
        given: fields.Fields,
    ) -> None:
        self._session = session
        self._items = items
        self._names = names
        self._local = local
        self._given = given
        self.sender = ""
        self.password: str | None = None
        #: The exit status of the signal that ended it, else 0.
        self.interrupted = 0

    @property
    def told(self) -> dict[str, str]:
        """What is printed beside the documents."""
        return {"password": self.password} if self._given.generate and self.password else {}

    async def run(self, share: ShareClient, work: WorkClient) -> SendJob:
        """Checks everything, then sends. Raises the :class:`Problem` of what keeps all of it from being sent."""
        from ..sending.job import SendJob
        from ..sending.plan import Plan
        from ..sending.record import SendRecord, server_of

        settings = await self._settings(share)
        state, server = self._session.config.places.state, server_of(self._session.target)
        await _tell_unseen(share, state, server, self.sender)
        sources = await self._sources(work)
        plan = Plan(sources, self._names)
        record = SendRecord(state, server, self.sender)
        with progress() as paint:

            def paint_job(_: int | None) -> None:
                paint(lambda: job_line(job))

            job = SendJob(share, work, plan, settings, paint_job, record=record)
            await job.check()
            with self._cancelled_by_signals(job):
                await job.run()
        return job

    async def _sources(self, work: WorkClient) -> list[Source]:
        """What is sent, in order; later versions and check-outs are told."""
        from ..sending.plan import WorkSource
        from ..sending.several import several

        wanted = [i for i in range(len(self._items)) if i not in self._local]
        found = dict(
            zip(wanted, await several([_document(work, self._items[i]) for i in wanted]), strict=True)
        )
        for document in found.values():
            _tell_version(document)
            _tell_holder(document)
        return [
            self._local[i] if i in self._local else WorkSource(work, found[i])
            for i in range(len(self._items))
        ]

    async def _settings(self, share: ShareClient) -> LinkSettings:
        from ..rules.link_settings import LEFT_OUT, LinkSettings

        me = await share.me()
        self.sender = me.user
        given = self._given
        least = (await share.policy()).password_min_length if given.generate else None
        self.password = given.made_password(least)
        expires = given.expires_at(me.now)
        return LinkSettings(
            password=self.password,
            expires_at=expires if expires or given.no_expires else LEFT_OUT,
            downloads_permitted=given.downloads if given.downloads or given.no_downloads else LEFT_OUT,
        )

    def _cancelled_by_signals(self, job: SendJob) -> _Handlers:
        def cancel(number: int) -> None:
            self.interrupted = 128 + number
            job.cancel()

        return _Handlers(cancel)

    def results(self, job: SendJob) -> list[Result]:
        folder = {"id": job.folder.id, "name": job.folder.name} if job.folder else None
        return [_result(row, folder) for row in job.rows]


class _Handlers:
    """Calls ``act`` at SIGINT, SIGTERM and SIGHUP, once: the next one ends the process as it would without."""

    def __init__(self, act: Callable[[int], None]) -> None:
        import asyncio

        self._act = act
        self._loop = asyncio.get_running_loop()
        self._numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> None:
        for number in self._numbers:
            self._loop.add_signal_handler(number, self._called, number)

    def _called(self, number: int) -> None:
        self.__exit__()
        self._act(number)

    def __exit__(self, *_: object) -> None:
        for number in self._numbers:
            self._loop.remove_signal_handler(number)


async def _tell_unseen(share: ShareClient, state: Path, server: str, user: str) -> None:
    """Tells, once, what earlier sends have published before they ended, with its links."""
    from datetime import UTC, datetime

    from ..sending.record import unseen_links, unseen_sends

    unseen = await unseen_links(share, unseen_sends(state, server, user, datetime.now(UTC)))
    if unseen is None:
        return
    count = len(unseen.documents)
    what = "this document" if count == 1 else f"these {count} documents"
    tell(f"An earlier send ended before its links were shown. It published {what}:")
    for document in unseen.documents:
        tell(f"{printable(document.name)}: {document.url}")
    unseen.shown()


def _result(row: JobRow, folder: dict[str, str] | None) -> Result:
    if row.document is not None:
        return Result(row.document.id, row.document)
    error: Problem = row.error or Failed("cancelled", "Not sent: the send was stopped before.")
    known = {"name": row.link_name, "folder": folder, "size": row.size, "source": row.source.label}
    return Result(None, error=error, known=known)


def _tell_rest(session: Session, sending: _Sending, job: SendJob) -> None:
    if not session.json:
        delivery.print_links(job.documents)
        for secret in sending.told.values():
            delivery.tell_password(secret)
    if sending.interrupted and job.unfinished:
        names = ", ".join(printable(document.name) for document in job.documents)
        published = f"published before that: {names}" if names else "nothing was published"
        tell(f"The send was stopped; {published}.")


async def _document(work: WorkClient, item: str) -> WorkDocument:
    """The version of Work that ``item`` names."""
    try:
        found = await work.document(item)
    except NotFound as problem:
        if item in problem.message:
            raise
        raise NotFound(problem.code, f"{printable(item)}: {problem.message}") from problem
    if None not in (found.version, found.size, found.is_checked_out) or "." in item.rpartition("!")[2]:
        return found
    # A server may say less of a document that was searched for than in its profile.
    return await work.document(found.id)


def _tell_holder(found: WorkDocument) -> None:
    from ..clients.work import version_of

    holder = version_of(found).checked_out_by
    if holder:
        since = f" since {found.checkout_date.astimezone():%Y-%m-%d %H:%M}" if found.checkout_date else ""
        tell(
            f"{printable(found.id)} is checked out by {printable(holder)}{since}; "
            "the version last saved in Work is sent."
        )


def _tell_version(found: WorkDocument) -> None:
    latest = found.latest_version
    if latest and found.version and latest > found.version:
        tell(
            f"{printable(found.id)} is not the latest version; version {latest} is. Version {found.version} is sent."
        )

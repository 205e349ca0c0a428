"""One run of ``sentlinks send``: a send from its checks to its end, one that goes on, one that is given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..rules import options
from ..rules.errors import Failed, InvalidValue, NotFound, NotSignedIn, Problem, Throttled, Unreachable
from ..rules.ids import is_document
from ..rules.text import printable
from . import fields
from .awaited import Awaited
from .common import Result, Session, need_terminal
from .interrupted import Interruptions, tell_unseen
from .link_settings import link_settings, made_password
from .output import tell
from .progress import job_line, progress
from .signals import Handlers

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..rules.link_settings import LinkSettings
    from ..sending.job import JobRow, SendJob
    from ..sending.journal import Contents
    from ..sending.plan import Source
    from ..wire.share import Document
    from ..wire.work import Document as WorkDocument

#: What another try may mend: a send that failed of it can be gone on with.
_PASSING = (Unreachable, Throttled, NotSignedIn)


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


@dataclass
class Outcome:
    """What came of it. ``told`` is what is printed beside the documents; ``interrupted`` the exit status of the signal
    that ended it, else 0; ``shown`` is called once the links have been written."""

    results: list[Result]
    documents: list[Document]
    told: dict[str, str] = field(default_factory=dict)
    interrupted: int = 0
    tell: Callable[[], None] = lambda: None
    shown: Callable[[], None] = lambda: None


class Sending(Protocol):
    """``sender`` is known once it runs."""

    sender: str

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        """Raises the :class:`Problem` of what keeps all of it from being sent."""
        ...


class Begun:
    """A new send."""

    def __init__(
        self,
        session: Session,
        items: Sequence[str],
        names: dict[int, str],
        given: fields.Fields,
        awaits: Awaited,
        *,
        anew: bool,
    ) -> None:
        self._session = session
        self._items = items
        self._names = names
        self._local = {i: _file(item) for i, item in enumerate(items) if not is_work(item)}
        self._given = given
        self._awaits = awaits
        self._anew = anew
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        """Checks everything, then sends."""
        from ..sending.plan import Plan

        settings = await self._settings(share)
        found = Interruptions(self._session, self.sender)
        sources = await self._sources(work)
        again = None if self._anew else await found.same(share, sources)
        if again is not None:
            self._check_settings(again)
            return await Resumed(self._session, again.id, self._given, self._awaits).run(share, work)
        await tell_unseen(share, found)
        journal = found.new()
        journal.password_made = self._given.generate
        run = _Run(self._session)
        with progress() as paint:
            from ..sending.job import SendJob

            def paint_job(_: int | None) -> None:
                paint(lambda: job_line(job))
                self._awaits.tell_of(job)

            plan, patience = Plan(sources, self._names), self._awaits.patience()
            job = SendJob(share, work, plan, settings, paint_job, patience=patience, journal=journal)
            await job.check()
            await run.to_its_end(job)
        made = settings.password if self._given.generate and isinstance(settings.password, str) else None
        return run.outcome(job, {"password": made} if made else {})

    def _check_settings(self, before: Contents) -> None:
        """A send that goes on keeps what it was begun with. Raises :class:`InvalidValue` where that is less than is
        wanted now."""
        if (self._given.password or self._given.generate) and not before.settings.get("has_password"):
            raise InvalidValue(
                "password.too_late",
                f"The interrupted send has no password. Give it up with --discard {before.id}, or send the items "
                "once more with --anew.",
            )
        if self._names or self._given != replace(fields.Fields(), password=self._given.password):
            tell("It goes on with the names and settings that it was begun with.")

    async def _sources(self, work: WorkClient) -> list[Source]:
        """What is sent, in order; later versions and check-outs are told."""
        from ..sending.plan import WorkSource
        from ..sending.several import several

        wanted = [i for i in range(len(self._items)) if i not in self._local]
        found = dict(
            zip(wanted, await several([self._document(work, self._items[i]) for i in wanted]), strict=True)
        )
        for document in found.values():
            _tell_version(document)
            _tell_holder(document)
        return [
            self._local[i] if i in self._local else WorkSource(work, found[i])
            for i in range(len(self._items))
        ]

    async def _document(self, work: WorkClient, item: str) -> WorkDocument:
        # A Work server of its own may be the one that was never reached.
        ask = self._awaits.first if work.apart else self._awaits.ask
        return await ask(lambda: _document(work, item))

    async def _settings(self, share: ShareClient) -> LinkSettings:
        me = await self._awaits.first(share.me)
        self.sender = me.user
        return link_settings(self._given, me.now, await made_password(share, self._given))


class Resumed:
    """A send that was interrupted, and goes on."""

    def __init__(self, session: Session, ident: str, given: fields.Fields, awaits: Awaited) -> None:
        self._session = session
        self._awaits = awaits
        self._id = ident
        self._given = given
        #: The password that was typed on the terminal.
        self._typed: str | None = None
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        from ..sending.resuming import resumed, standing, with_password

        self.sender = (await self._awaits.first(share.me)).user
        journal = Interruptions(self._session, self.sender).take(self._id)
        try:
            found = await self._awaits.ask(lambda: standing(share, journal.contents))
            password = None
            if found.password_unknown:
                password = await self._new_password(share)
                found = await with_password(share, found, password)
            elif found.needs_password:
                password = await self._password(share)
            made = password is not None and password not in (self._given.password, self._typed)
            run = _Run(self._session)
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
        return run.outcome(job, {"password": password} if made and password else {})

    async def _new_password(self, share: ShareClient) -> str:
        """In place of one that the program made, and never showed."""
        if self._given.password is not None:
            return self._given.password
        policy = await share.policy()
        return options.generate_password(max(20, policy.password_min_length or 0))

    async def _password(self, share: ShareClient) -> str:
        """The one that was not kept, given again."""
        if self._given.password is None and not self._given.generate:
            need_terminal(
                "The send was interrupted before the server had its password. Give it again with --password-stdin, "
                "or --generate-password for a new one."
            )
            self._typed = fields.read_password()
            return self._typed
        return self._given.password or await self._new_password(share)


class Discarded:
    """A send that was interrupted, and is given up: what is published stays so, and is told."""

    def __init__(self, session: Session, ident: str, awaits: Awaited) -> None:
        self._session = session
        self._awaits = awaits
        self._id = ident
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        from ..sending.resuming import end_uploads, standing

        self.sender = (await self._awaits.first(share.me)).user
        journal = Interruptions(self._session, self.sender).take(self._id)
        try:
            found = await self._awaits.ask(lambda: standing(share, journal.contents))
            await end_uploads(share, journal.contents)
        except BaseException:
            journal.release()
            raise
        documents = found.published
        return Outcome([Result(d.id, d) for d in documents], documents, shown=journal.remove)


class _Run:
    """A job while it runs: signals end it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._interrupted = 0

    async def to_its_end(self, job: SendJob) -> None:
        def cancel(number: int) -> None:
            self._interrupted = 128 + number
            job.cancel()

        with Handlers(cancel):
            await job.run()

    def outcome(self, job: SendJob, told: dict[str, str]) -> Outcome:
        folder = None
        if job.send is not None:
            folder = {"id": job.send.folder.id, "name": job.send.folder.name}
        status = self._interrupted if self._interrupted and job.unfinished else 0
        left = status != 0 or any(isinstance(job.rows[i].error, _PASSING) for i in job.unfinished)
        journal = job.journal

        def tell_interrupted() -> None:
            if status:
                names = ", ".join(printable(document.name) for document in job.documents)
                published = f"published before that: {names}" if names else "nothing was published"
                tell(f"The send was stopped; {published}.")
            if left and journal is not None and journal.held:
                tell(f"To go on with it: sentlinks send --resume {journal.id}")

        def shown() -> None:
            job.links_shown()
            if journal is not None:
                journal.release() if left else journal.remove()

        rows = [_result(row, folder) for row in job.rows]
        return Outcome(rows, job.documents, told, status, tell_interrupted, shown)


def _result(row: JobRow, folder: dict[str, str] | None) -> Result:
    if row.document is not None:
        return Result(row.document.id, row.document)
    error: Problem = row.error or Failed("cancelled", "Not sent: the send was stopped before.")
    known = {"name": row.link_name, "folder": folder, "size": row.size, "source": row.source.label}
    return Result(None, error=error, known=known)


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

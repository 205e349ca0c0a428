"""One run of ``sentlinks send``: a new send, one that is resumed, or one that is discarded."""

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
from .recipients import keep_recipients
from .signals import Handlers

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..rules.link_settings import LinkSettings
    from ..sending.job import JobRow, SendJob
    from ..sending.journal_contents import Contents
    from ..sending.look_ahead import LookAhead
    from ..sending.plan import Source
    from ..wire.share import Document
    from ..wire.work import Document as WorkDocument

#: Errors that may pass: a send that failed with one of them can be resumed.
_TRANSIENT = (Unreachable, Throttled, NotSignedIn)


def names_of(items: Sequence[str], typed: Sequence[str]) -> dict[int, str]:
    """The names given as ``ITEM=NAME``, by the index of their item.

    ITEM is the longest item that matches; the n-th name for an item applies to its n-th mention. Raises
    :class:`InvalidValue` for a name that belongs to no item.
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
            message = f"--name is given more often than {printable(item)} appears."
            raise InvalidValue("name.too_many", message, "name")
        found[places[used[item]]] = text[len(item) + 1 :]
        used[item] += 1
    return found


def is_work(item: str) -> bool:
    """Whether ``item`` is a document of Work; an existing file with the same spelling takes precedence."""
    return is_document(item) and not Path(item).is_file()


def _file(item: str) -> Source:
    from ..sending.plan import FileSource

    return FileSource.of(Path(item))


@dataclass
class Outcome:
    """The outcome of a send.

    ``extra_fields`` are printed along with the documents, ``interrupted`` is the exit status of the signal that stopped
    the send (else 0), ``tell`` prints how to resume it, and ``shown`` is called after the links have been written.
    """

    results: list[Result]
    documents: list[Document]
    extra_fields: dict[str, str] = field(default_factory=dict)
    interrupted: int = 0
    tell: Callable[[], None] = lambda: None
    shown: Callable[[], None] = lambda: None


class Sending(Protocol):
    """A send of one of the three kinds; ``sender`` is set by :meth:`run`."""

    sender: str

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        """Do the work. Raises the :class:`Problem` that prevents all of it."""
        ...


class NewSend:
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
        """Check everything, then send."""
        from ..sending.look_ahead import LookAhead

        ahead = LookAhead(share, work)
        try:
            return await self._run(share, work, ahead)
        finally:
            ahead.close()

    async def _run(self, share: ShareClient, work: WorkClient, ahead: LookAhead) -> Outcome:
        from ..sending.plan import Plan

        settings = await self._settings(share, ahead)
        interruptions = Interruptions(self._session, self.sender)
        sources = await self._sources(work)
        earlier = None if self._anew else await interruptions.same(share, sources)
        if earlier is not None:
            self._check_settings(earlier)
            return await Resumed(self._session, earlier.id, self._given, self._awaits).run(share, work)
        await tell_unseen(share, interruptions)
        journal = interruptions.new()
        journal.password_made = self._given.generate
        run = Run(self._session)
        with progress() as paint:
            from ..sending.job import SendJob

            def paint_job(_: int | None) -> None:
                paint(lambda: job_line(job))
                self._awaits.tell_of(job)

            plan, patience = Plan(sources, self._names), self._awaits.patience()
            job = SendJob(
                share, work, plan, settings, paint_job, patience=patience, journal=journal, ahead=ahead
            )
            await job.check()
            await interruptions.begin(job, sources, anew=self._anew)
            await run.to_its_end(job)
        made = settings.password if self._given.generate and isinstance(settings.password, str) else None
        return run.outcome(job, {"password": made} if made else {})

    def _check_settings(self, earlier: Contents) -> None:
        """A resumed send keeps its original settings. Raises :class:`InvalidValue` if it lacks the password that is
        wanted now."""
        if (self._given.password or self._given.generate) and not earlier.settings.get("has_password"):
            raise InvalidValue(
                "password.too_late",
                f"The interrupted send has no password. Discard it with --discard {earlier.id}, or send the items "
                "again with --anew.",
            )
        if self._names or self._given != replace(fields.Fields(), password=self._given.password):
            tell("The send keeps its original names and settings.")

    async def _sources(self, work: WorkClient) -> list[Source]:
        """The sources in order; reports later versions and check-outs."""
        from ..sending.gather_limited import gather_limited
        from ..sending.plan import WorkSource

        wanted = [i for i in range(len(self._items)) if i not in self._local]
        found = dict(
            zip(
                wanted,
                await gather_limited([self._document(work, self._items[i]) for i in wanted]),
                strict=True,
            )
        )
        for document in found.values():
            _tell_version(document)
            _tell_holder(document)
        return [
            self._local[i] if i in self._local else WorkSource(work, found[i])
            for i in range(len(self._items))
        ]

    async def _document(self, work: WorkClient, item: str) -> WorkDocument:
        # A separate Work server may not have been reached yet.
        ask = self._awaits.first if work.apart else self._awaits.ask
        return await ask(lambda: _document(work, item))

    async def _settings(self, share: ShareClient, ahead: LookAhead) -> LinkSettings:
        ahead.me = me = await self._awaits.first(share.me)
        self.sender = me.user
        return link_settings(self._given, me.now, await made_password(share, self._given))


class Resumed:
    """An interrupted send that is resumed."""

    def __init__(self, session: Session, ident: str, given: fields.Fields, awaits: Awaited) -> None:
        self._session = session
        self._awaits = awaits
        self._id = ident
        self._given = given
        #: The password that was typed on the terminal.
        self._typed: str | None = None
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        from ..sending.resuming import query_status, resumed, with_password

        self.sender = (await self._awaits.first(share.me)).user
        journal = Interruptions(self._session, self.sender).take(self._id)
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
        outcome.results = await keep_recipients(share, outcome.results, self._given.recipients)
        outcome.documents = [result.document for result in outcome.results if result.document is not None]
        return outcome

    async def _new_password(self, share: ShareClient) -> str:
        """A password to replace one that was generated but never shown."""
        if self._given.password is not None:
            return self._given.password
        policy = await share.policy()
        return options.generate_link_password(policy.password_min_length)

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

    def __init__(self, session: Session, ident: str, awaits: Awaited) -> None:
        self._session = session
        self._awaits = awaits
        self._id = ident
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> Outcome:
        from ..sending.resuming import end_uploads, query_status

        self.sender = (await self._awaits.first(share.me)).user
        journal = Interruptions(self._session, self.sender).take(self._id)
        try:
            found = await self._awaits.ask(lambda: query_status(share, journal.contents))
            await end_uploads(share, journal.contents)
        except BaseException:
            journal.release()
            raise
        documents = found.published
        return Outcome([Result(d.id, d) for d in documents], documents, shown=journal.remove)


class Run:
    """Runs a job; signals cancel it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._interrupted = 0

    async def to_its_end(self, job: SendJob, *, keep: bool = False) -> None:
        """Returns when the job has ended. ``keep``: a signal leaves its uploads on the server."""

        def cancel(number: int) -> None:
            self._interrupted = 128 + number
            job.cancel(keep=keep)

        with Handlers(cancel):
            await job.run()

    def outcome(self, job: SendJob, extra_fields: dict[str, str]) -> Outcome:
        folder = None
        if job.send is not None:
            folder = {"id": job.send.folder.id, "name": job.send.folder.name}
        status = self._interrupted if self._interrupted and job.unfinished else 0
        resumable = status != 0 or any(isinstance(job.rows[i].error, _TRANSIENT) for i in job.unfinished)
        journal = job.journal

        def tell_interrupted() -> None:
            if status:
                names = ", ".join(printable(document.name) for document in job.documents)
                published = f"published before that: {names}" if names else "nothing was published"
                tell(f"The send was stopped; {published}.")
            if resumable and journal is not None and journal.held:
                tell(f"To resume it: sentlinks send --resume {journal.id}")

        def shown() -> None:
            job.links_shown()
            if journal is not None:
                journal.release() if resumable else journal.remove()

        rows = [_result(row, folder) for row in job.rows]
        return Outcome(rows, job.documents, extra_fields, status, tell_interrupted, shown)


def _result(row: JobRow, folder: dict[str, str] | None) -> Result:
    if row.document is not None:
        return Result(row.document.id, row.document)
    error: Problem = row.error or Failed("cancelled", "Not sent: the send was stopped first.")
    known = {"name": row.link_name, "folder": folder, "size": row.size, "source": row.source.label}
    return Result(None, error=error, known=known)


async def _document(work: WorkClient, item: str) -> WorkDocument:
    """The version in Work that ``item`` names."""
    try:
        found = await work.document(item)
    except NotFound as problem:
        if item in problem.message:
            raise
        raise NotFound(problem.code, f"{printable(item)}: {problem.message}") from problem
    if None not in (found.version, found.size, found.is_checked_out) or "." in item.rpartition("!")[2]:
        return found
    # A server may return fewer fields in search results than in the document's profile.
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

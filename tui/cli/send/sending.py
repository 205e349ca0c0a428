"""A new send of ``sentlinks send``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...files.user_files import with_home
from ...rules import names
from ...rules.display import moment_text
from ...rules.errors import InvalidValue
from ...rules.ids import canonical, is_document
from ...rules.missing import NO_DOCUMENT
from ...rules.policy import Policy
from ...rules.text import printable
from ..base import common
from ..base.common import CommandSession
from ..base.output import tell
from ..base.progress import job_line, progress
from . import fields
from .carried import look_into, note_reports
from .interrupted import Interruptions, tell_unseen
from .link_settings import recipients_of, settings_of
from .recipients import look_at_recipients
from .resumed_send import Resumed
from .send_run import Run, SendOutcome
from .server_wait import Awaited

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.work import WorkClient
    from ...rules.link_settings import LinkSettings
    from ...sending.job.look_ahead import LookAhead
    from ...sending.journal.journal_contents import Contents
    from ...sending.plan import Plan
    from ...sending.sources import SendSource
    from ...wire.work import Document as WorkDocument


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


def _file(item: str) -> SendSource:
    from ...sending.sources import FileSource

    return FileSource.of(with_home(item))


def tell_renamed(
    session: CommandSession, items: Sequence[str], typed: Sequence[str], awaits: Awaited
) -> frozenset[str]:
    """Tell, before something is asked, which documents can't keep their names. ``typed`` are those given as
    ``ITEM=NAME``. Returns what was told, which the send needn't say again. Raises :class:`Problem`."""
    from ...sending.gather_limited import gather_limited
    from ...sending.plan import Plan
    from ...sending.sources import WorkSource

    link_names = names_of(items, typed)
    files = {i: _file(item) for i, item in enumerate(items) if not is_work(item)}
    ids = [canonical(item) for i, item in enumerate(items) if i not in files]

    async def of_work(_: ShareClient, work: WorkClient) -> list[SendSource]:
        # The server may not have been reached yet.
        found = await gather_limited([awaits.first(partial(_document, work, each)) for each in ids])
        return [WorkSource(work, document) for document in found]

    others = iter(session.both(of_work) if ids else ())
    sources = [files[i] if i in files else next(others) for i in range(len(items))]
    return _tell_renamed(Plan(sources, link_names), link_names, frozenset())


def _tell_renamed(plan: Plan, link_names: Collection[int], told: frozenset[str]) -> frozenset[str]:
    """Tell of each document that can't keep its name what it is called, and why, unless that was ``told``; not of
    ``link_names``, which were typed. Returns all that is told by now."""
    found = list(_renamed(plan, link_names))
    for sentence in found:
        if sentence not in told:
            tell(sentence)
    return told | set(found)


def _renamed(plan: Plan, link_names: Collection[int]) -> Iterator[str]:
    before: set[object] = set()
    for index, row in enumerate(plan.rows):
        name, version = row.source.name, row.source.version
        is_twice = version in before
        before.add(version)
        if index in link_names or row.link_name == name:
            continue
        why = names.why_another(name, row.source.extension) or (
            "it is given twice, and gets another link" if is_twice else "another document is called so"
        )
        yield f"“{printable(name)}” is sent as “{printable(row.link_name)}”: {why}."


class NewSend:
    """A send that is begun here, with everything that was typed."""

    def __init__(
        self,
        session: CommandSession,
        items: Sequence[str],
        link_names: dict[int, str],
        given: fields.Fields,
        awaits: Awaited,
        *,
        anew: bool,
        asks: bool = True,
        carries: str = "off",
    ) -> None:
        """``asks``: what the policy warns of is asked. ``carries`` is the value of ``--carries``."""
        self._asks = asks
        #: The recipients of which all that is odd was told and asked already.
        self.looked_at: Sequence[str] = ()
        #: What was told already of documents that can't keep their names.
        self.told_names = frozenset[str]()
        self._session = session
        self._items = items
        self._names = link_names
        self._local = {i: _file(item) for i, item in enumerate(items) if not is_work(item)}
        #: The ids of those in Work.
        self._work_ids = {i: canonical(items[i]) for i in range(len(items)) if i not in self._local}
        self._given = given
        self._awaits = awaits
        self._anew = anew
        self._carries = carries
        self.sender = ""

    async def run(self, share: ShareClient, work: WorkClient) -> SendOutcome:
        """Check everything, then send."""
        from ...sending.job.look_ahead import LookAhead

        ahead = LookAhead(share, work)
        try:
            return await self._run(share, work, ahead)
        finally:
            ahead.close()

    async def _run(self, share: ShareClient, work: WorkClient, ahead: LookAhead) -> SendOutcome:
        from ...sending.plan import Plan

        settings, made = await self._settings(share, ahead)
        assert ahead.me is not None
        interruptions = Interruptions(self._session, ahead.me.user)
        sources = await self._sources(work)
        earlier = None if self._anew else await interruptions.same(share, sources)
        if earlier is not None:
            self._check_settings(earlier, made)
            resumed = Resumed(self._session, earlier.id, self._given, self._awaits, asks=self._asks)
            return await resumed.run(share, work)
        policy, whom = await ahead.policy(), recipients_of(settings)
        odd = await look_at_recipients(
            self._session, share, whom, policy, asks=self._asks, looked_at=self.looked_at
        )
        await tell_unseen(share, interruptions)
        carried = await look_into(sources, self._carries, policy or Policy())
        journal = interruptions.new()
        journal.password_made = made is not None
        run = Run(self._session, carried)
        plan = Plan(sources, self._names)
        _tell_renamed(plan, self._names, self.told_names)
        with progress() as paint:
            from ...sending.job.job import SendJob

            def paint_job(_: int | None) -> None:
                paint(lambda: job_line(job))
                self._awaits.tell_of(job)

            patience = self._awaits.patience()
            job = SendJob(
                share, work, plan, settings, paint_job, patience=patience, journal=journal, ahead=ahead
            )
            note_reports(job.rows, carried, policy or Policy())
            await job.check()
            await interruptions.begin(job, sources, anew=self._anew)
            await run.to_its_end(job)
        return replace(run.outcome(job, {"password": made} if made else {}), recipients_notes=odd)

    def _check_settings(self, earlier: Contents, made: str | None) -> None:
        """A resumed send keeps its original settings. Raises :class:`InvalidValue` if it lacks the password that is
        wanted now."""
        if (self._given.password or made) and not earlier.settings.get("has_password"):
            raise InvalidValue(
                "password.too_late",
                f"The interrupted send has no password. Discard it with sentlinks send --discard {earlier.id}, or send "
                "the items again with --anew.",
            )
        if self._names or self._given != replace(fields.Fields(), password=self._given.password):
            tell("The send keeps its original names and settings.")

    async def _sources(self, work: WorkClient) -> list[SendSource]:
        """The sources in order; reports later versions and check-outs."""
        from ...sending.gather_limited import gather_limited
        from ...sending.sources import WorkSource

        documents = await gather_limited([self._document(work, item) for item in self._work_ids.values()])
        found = dict(zip(self._work_ids, documents, strict=True))
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

    async def _settings(self, share: ShareClient, ahead: LookAhead) -> tuple[LinkSettings, str | None]:
        """The settings, and their password if one was made."""
        ahead.me = me = await self._awaits.first(share.me)
        self.sender = me.sender
        return await settings_of(self._session, share, self._given, me.now)


async def _document(work: WorkClient, item: str) -> WorkDocument:
    """The version in Work that ``item`` names."""
    with common.about(item, NO_DOCUMENT):
        found = await work.document(item)
    if None not in (found.version, found.size, found.is_checked_out) or "." in item.rpartition("!")[2]:
        return found
    # A server may return fewer fields in search results than in the document's profile.
    return await work.document(found.id)


def _tell_holder(found: WorkDocument) -> None:
    from ...clients.work_versions import version_of

    holder = version_of(found).checked_out_by
    if holder:
        since = f" since {moment_text(found.checkout_date)}" if found.checkout_date else ""
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

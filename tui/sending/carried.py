"""What the documents of a send carry: each looked into once, as the version that it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from ..inspection.inspector import DocumentReading, FirstLines, Inspector
from ..inspection.worker import WorkerFailed
from ..rules.carried import Report, not_looked_into
from ..rules.carried_policy import UNREADABLE, asks_about_unread
from ..rules.document_kinds import CARRIERS, WITH_LINES
from ..rules.policy import Policy
from .readable import Readable, handed_over, of_source
from .sources import FileSource, SendSource

if TYPE_CHECKING:
    from ..wire.carried import CarriesReport

_AT_ONCE = 2


class CarriedReports:
    """The reports on sources, by their versions, and which of them were overruled."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self._reports: dict[object, Report] = {}
        #: The kinds that the user was asked about, of each version.
        self._overruled: dict[object, set[str]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)
        #: How many sources wait for their place.
        self._waiting = 0

    def of(self, source: SendSource) -> Report | None:
        """The report on a source; ``None`` as long as there is none."""
        return self._reports.get(version_key(source))

    def is_overruled(self, source: SendSource, kinds: Collection[str]) -> bool:
        """Whether the user was asked about all these kinds in this version, and sends it all the same."""
        return self._overruled.get(version_key(source), set()).issuperset(kinds)

    def overrule(self, source: SendSource, kinds: Collection[str]) -> None:
        """Note that the user sends this version all the same."""
        self._overruled.setdefault(version_key(source), set()).update(kinds)

    async def look(
        self, sources: Iterable[SendSource], changed: Callable[[], None] = lambda: None
    ) -> list[Report]:
        """Look into those that weren't looked into yet, and return the reports on all. ``changed`` is called for each
        report that is new. Cancelling this ends the workers."""
        # A source may meanwhile become another version: while it is sent, a file is inspected again.
        found = [(version_key(source), source) for source in sources]
        new = {key: source for key, source in found if key not in self._reports}
        await asyncio.gather(*(self._look(key, source, changed) for key, source in new.items()))
        return [self._reports[key] for key, _ in found]

    async def _look(self, key: object, source: SendSource, changed: Callable[[], None]) -> None:
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            self._reports[key] = await inspect(self._inspector, source, another=self._waiting > 0)
        finally:
            self._places.release()
        changed()

    async def first_lines(self, document: Readable, reading: DocumentReading | None = None) -> FirstLines:
        """The first lines of a document. Cancelling this ends the worker; leaving the ``reading`` does so at once."""
        try:
            async with handed_over(document, WITH_LINES) as (content, size):
                return await self._inspector.first_lines(content, document.name, size, reading=reading)
        except WorkerFailed as failure:
            return FirstLines(reason=failure.reason)

    def warm(self) -> None:
        """Have a worker ready: something is going to be looked into soon."""
        self._inspector.warm()

    def rest(self) -> None:
        """End the worker that waits: nothing is looked into for a while."""
        self._inspector.rest()

    def close(self) -> None:
        """End the worker that waits, for good."""
        self._inspector.close()


def reported(report: Report | None, policy: Policy, *, overruled: bool) -> CarriesReport | None:
    """What is sent of a report when its document is published. ``overruled``: the user was told of all that the policy
    warns of, and sends it all the same."""
    if report is None:
        return None
    # Slow to import, and only needed to send.
    from ..wire.carried import MOST_COUNTED, CarriesReport

    found: Counter[str] = Counter()
    for finding in report.findings:
        found[finding.kind.name] += finding.count
    return CarriesReport(
        looked=report.looked.value,
        found={kind: min(count, MOST_COUNTED) for kind, count in found.items()},
        overruled=asked_about(report, policy) if overruled else [],
    )


def asked_about(report: Report, policy: Policy) -> list[str]:
    """The kinds that the user is asked about before the document is sent."""
    kinds = [finding.kind.name for finding in report.warnings]
    if asks_about_unread(report, policy):
        kinds.append(UNREADABLE)
    return list(dict.fromkeys(kinds))


def version_key(source: SendSource) -> object:
    """What a source is a version of: it is looked into once."""
    return (source.label, source.path if isinstance(source, FileSource) else None, source.version)


async def inspect(inspector: Inspector, source: SendSource, *, another: bool = False) -> Report:
    """Look into a source, before ``another``. What can't be read isn't looked into."""
    try:
        async with handed_over(of_source(source), CARRIERS) as (document, size):
            return await inspector.inspect(document, source.name, size, another=another)
    except WorkerFailed as failure:
        return not_looked_into(failure.reason)

"""Looking into documents: each job by a worker of its own, with another one ready for the next."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ..rules.carried import MOST_VALUES, Finding, Looked, Report, finding_of, not_looked_into
from ..rules.document_kinds import CARRIERS, HEAD, WITH_LINES, DocumentKind, expected_kind, kind_of
from ..rules.first_lines import MOST_LINES, clean_lines
from ..rules.text import printable
from .worker import Fetch, Worker, WorkerFailed

#: How long a worker may take.
TEXT_SECONDS, INSPECTION_SECONDS = 2.0, 5.0
_MOST_FINDINGS = 500


@dataclass(frozen=True, slots=True)
class FirstLines:
    """The first lines of a document, ready to be shown; ``reason`` (of ``rules.carried.REASONS``) if there are none."""

    lines: tuple[str, ...] = ()
    more: bool = False
    doubtful: bool = False
    reason: str = ""


class DocumentReading:
    """The reading of one document, which can be left: its worker is killed at once, and not when the event loop comes
    to the job that is cancelled as well."""

    def __init__(self) -> None:
        #: The worker that reads, once there is one.
        self.worker: Worker | None = None
        self._is_left = False

    def leave(self) -> None:
        """Kill the worker, or have none."""
        self._is_left = True
        if self.worker is not None:
            self.worker.kill()

    def take(self, worker: Worker) -> None:
        """Have a worker read."""
        self.worker = worker
        if self._is_left:
            worker.kill()


class Inspector:
    """Gives documents to workers.

    A job that is cancelled ends its worker at once. Used from one event loop, in the main thread.
    """

    def __init__(self) -> None:
        self._spare: Worker | None = None
        self._closed = False

    def warm(self) -> None:
        """Start a worker now, so that it is ready when it is wanted."""
        if self._spare is None and not self._closed:
            with contextlib.suppress(WorkerFailed):
                self._spare = Worker()

    def close(self) -> None:
        """End the worker that waits; no more wait from here on."""
        self._closed = True
        self.rest()

    def rest(self) -> None:
        """End the worker that waits: there will be no job for a while."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    async def protection(self) -> tuple[str, ...]:
        """What of a worker's protection holds on this machine: ``limits``, ``memory``, ``landlock``, ``seccomp``.

        Raises :class:`WorkerFailed` if no worker can be started.
        """
        async with self._worker() as worker:
            return worker.holds

    async def inspect(
        self, document: int | Fetch, name: str, size: int | None = None, *, another: bool = False
    ) -> Report:
        """What a document carries. ``document`` is a descriptor, read from its beginning whatever its position, or
        fetches blocks of one that has ``size`` bytes. ``another`` will follow: a worker for it is started by then.

        A document that is nothing but its text, or of a kind that isn't looked into, needs no worker."""
        request = {"job": "inspect", "name": name[-255:], "size": size}
        collected = _Collected()
        try:
            kind = await _kind(document, name, size, CARRIERS, INSPECTION_SECONDS)
            if kind not in CARRIERS:
                return Report(Looked.WHOLE) if kind is DocumentKind.TEXT else not_looked_into("kind")
            async with self._worker(another=another) as worker:
                await worker.do(request, document, INSPECTION_SECONDS, collected.add)
        except WorkerFailed as failure:
            collected.fail(failure.reason)
        return collected.report()

    async def first_lines(
        self,
        document: int | Fetch,
        name: str,
        size: int | None = None,
        *,
        another: bool = True,
        reading: DocumentReading | None = None,
    ) -> FirstLines:
        """The first lines of a document; as for :meth:`inspect`. One of a kind that has none needs no worker."""
        request = {"job": "text", "name": name[-255:], "size": size, "lines": MOST_LINES}
        found = FirstLines(reason="crashed")

        def take(message: Mapping[str, Any]) -> None:
            nonlocal found
            if isinstance(lines := message.get("lines"), list):
                more, doubtful = message.get("more") is True, message.get("doubtful") is True
                found = FirstLines(clean_lines(lines), more, doubtful)

        try:
            if await _kind(document, name, size, WITH_LINES, TEXT_SECONDS) not in WITH_LINES:
                return FirstLines(reason="kind")
            async with self._worker(another=another) as worker:
                if reading is not None:
                    reading.take(worker)
                await worker.do(request, document, TEXT_SECONDS, take)
        except WorkerFailed as failure:
            # What was read before it ended can be shown.
            found = found if found.lines else FirstLines(reason=failure.reason)
        return found

    @asynccontextmanager
    async def _worker(self, *, another: bool = False) -> AsyncIterator[Worker]:
        """A worker that is ready, ended at the end. Raises :class:`WorkerFailed`."""
        spare, self._spare = self._spare, None
        worker = spare or Worker()
        try:
            try:
                await worker.ready()
            except WorkerFailed:
                if spare is None:
                    raise
                # Something has ended it while it waited.
                worker.close()
                worker = Worker()
                await worker.ready()
            if another:
                self.warm()
            yield worker
        finally:
            worker.close()


async def _kind(
    document: int | Fetch, name: str, size: int | None, wanted: frozenset[DocumentKind], seconds: float
) -> DocumentKind:
    """The kind of a document. The worker finds out itself whether the name of one that may be ``wanted`` is right; any
    other is told by how it begins. Raises :class:`WorkerFailed` if that can't be read in so many seconds."""
    expected = expected_kind(name)
    if expected in wanted:
        return expected
    try:
        async with asyncio.timeout(seconds):
            head = await _head(document, size or 0)
    except TimeoutError:
        raise WorkerFailed("time") from None
    except OSError as error:
        raise WorkerFailed("unreadable") from error
    return kind_of(head, name)


async def _head(document: int | Fetch, size: int) -> bytes:
    if isinstance(document, int):
        return os.pread(document, HEAD, 0)
    head = await document(0, min(size, HEAD)) if size else b""
    if size and not head:
        raise WorkerFailed("unreadable")
    return head


class _Collected:
    """What a worker has said of a document, part by part."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._left_out: list[str] = []
        self._parts = 0
        self._looked: Looked | None = None
        self._reason = ""

    def add(self, message: Mapping[str, Any]) -> None:
        """Take a message."""
        records, left_out = message.get("findings"), message.get("not_looked_at")
        for record in records if isinstance(records, list) else ():
            finding = finding_of(record) if isinstance(record, dict) else None
            if finding is not None and len(self._findings) < _MOST_FINDINGS:
                self._findings.append(finding)
        for part in left_out if isinstance(left_out, list) else ():
            if len(self._left_out) < MOST_VALUES:
                self._left_out.append(printable(str(part)[:200]))
        self._parts += 1
        if message.get("looked") in tuple(Looked):
            self._looked, self._reason = Looked(message["looked"]), str(message.get("reason", ""))[:20]

    def fail(self, reason: str) -> None:
        """The worker has ended before it had said all."""
        self._looked = Looked.PART if self._parts else Looked.NOT
        self._reason = reason

    def report(self) -> Report:
        """The report on the document."""
        if self._looked is None:
            self.fail("crashed")
        if self._looked is Looked.NOT or self._looked is None:
            return not_looked_into(self._reason)
        return Report(self._looked, tuple(self._findings), self._reason, tuple(self._left_out))

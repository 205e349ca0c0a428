"""What the documents of the send dialog carry: looked into while the dialog is open, and asked about before sending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from ...rules.carried import summary
from ...rules.carried_policy import asks_about_unread, asks_for_look, judged, refused, unread_refusal
from ...rules.display import documents_text
from ...rules.policy import Policy
from ...rules.text import printable

if TYPE_CHECKING:
    from ...rules.carried import Report
    from ...sending.carried import CarriedReports
    from ...sending.job.rows import JobRow
    from ...sending.sources import SendSource
    from ...session import Session
    from ..dialogs.details import Details
    from ..widgets.table import Cell
    from .send_state import SendDialogState

#: How long sending waits for documents that are still being looked into before it asks.
_PATIENCE = 1.5
_MOST_NAMED = 5


class CarriedDocuments:
    """The reports on the documents of a dialog."""

    def __init__(self, state: SendDialogState, session: Session) -> None:
        self._state = state
        self._session = session
        self._carried: CarriedReports | None = None
        self._policy = Policy()
        self._refuses = False
        #: Whether all have been looked into that ever will be.
        self._looked = asyncio.Event()
        #: Set with each report that is new, and at the end.
        self._news = asyncio.Event()

    def use(self, way: str, policy: Policy) -> None:
        """Look into the documents, unless the ``way`` of the preferences is ``off`` and the policy doesn't ask for it.
        ``refuse``: what has a warning isn't sent."""
        self._policy = policy
        if way != "off" or asks_for_look(policy):
            self._carried, self._refuses = self._session.carried, way == "refuse"

    @property
    def on(self) -> bool:
        """Whether documents are looked into."""
        return self._carried is not None

    async def look(self, changed: Callable[[], None]) -> None:
        """Look into the documents of the plan; ``changed`` is called for each report that is new. Cancelling this ends
        it."""
        if self._carried is None:
            return

        def tell() -> None:
            self._news.set()
            changed()

        try:
            if self._is_to_look:
                await self._carried.look(self._sources, tell)
        finally:
            self._looked.set()
            self._news.set()
            self._carried.rest()
        # What has no report by now gets none.
        changed()

    @property
    def _is_to_look(self) -> bool:
        """Whether this is a new send: what one that is resumed still has to send isn't looked into again."""
        return self._state.editable and self._state.interrupted is None

    @property
    def _sources(self) -> list[SendSource]:
        return [row.source for row in self._state.plan.rows]

    def report(self, source: SendSource) -> Report | None:
        """The report on a document; ``None`` as long as there is none."""
        report = None if self._carried is None else self._carried.of(source)
        return None if report is None else judged(report, self._policy)

    # ------------------------------------------------------------ what is shown

    def cell(self, source: SendSource) -> Cell:
        """What a document carries, in a few words."""
        report = self.report(source)
        if report is None:
            waits = self._is_to_look and not self._looked.is_set()
            return ("…" if waits else "not looked into", "dim") if self.on else ""
        return (f"! {report.mark}", "warn") if self._is_asked(report) else (report.mark, "dim")

    def mark(self, source: SendSource) -> Cell:
        """The warnings alone, in place of a status; empty if there are none."""
        report = self.report(source)
        return (f"! {report.mark}", "warn") if report is not None and self._is_asked(report) else ""

    def sentence(self, source: SendSource) -> str:
        """The warnings of the row under the cursor, which its cell may have no room for; empty if there are none."""
        report = self.report(source)
        return f"Carries {report.mark}." if report is not None and report.warnings else ""

    @property
    def summary(self) -> str:
        """A sentence on all documents that have been looked into, and the name of the command that shows more; empty if
        there is nothing to say."""
        reports = [self.report(source) for source in self._sources]
        known = [report for report in reports if report is not None]
        warned = any(report.warnings for report in known)
        return f". {summary(known)} {{send_rows.carries}} on a row with ! shows it." if warned else ""

    def details(self, source: SendSource) -> Details | None:
        """The dialog with all that is known of what a document carries; ``None`` as long as nothing is."""
        report = self.report(source)
        if report is None:
            return None
        from ..dialogs.carried import carried_dialog

        return carried_dialog(source.name, report)

    # ------------------------------------------------------------ before sending

    @property
    def is_due(self) -> bool:
        """Whether something comes before sending: documents are being looked into, or there is something to ask."""
        return bool(self._unknown or self.warned)

    @property
    def _unknown(self) -> list[SendSource]:
        """The documents without a report."""
        return [source for source in self._sources if self.on and self.report(source) is None]

    @property
    def _awaited(self) -> list[SendSource]:
        """The documents that are still being looked into."""
        return [] if self._looked.is_set() else self._unknown

    async def wait(self, *, patiently: bool = False) -> None:
        """Wait for what is being looked into: not for long, unless ``patiently``, or a warning would be a refusal."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if patiently or self._refuses else _PATIENCE):
                while self._awaited:
                    self._news.clear()
                    await self._news.wait()

    @property
    def unknown_question(self) -> tuple[str, str] | None:
        """The question before sending what hasn't been looked into, and its detail; ``None`` if there is none."""
        unknown = self._unknown
        if not unknown:
            return None
        asked = "this document" if len(unknown) == 1 else f"{len(unknown):,} documents"
        were = "wasn't" if len(unknown) == 1 else "weren't"
        question = f"Send {asked}, which {were} looked into yet?"
        return question, _listed([printable(source.name) for source in unknown])

    @property
    def warned(self) -> list[SendSource]:
        """The documents with warnings that the user hasn't overruled."""
        return [
            source
            for source in self._sources
            if (report := self.report(source)) is not None
            and self._is_asked(report)
            and (not self._is_overruled(source, report) or refused(report, self._policy))
        ]

    @property
    def refusal(self) -> str:
        """The sentence for why nothing is sent; empty if it can be."""
        for source in self._sources:
            report, name = self.report(source), printable(source.name)
            if report is None:
                continue
            if unread := unread_refusal(name, report, self._policy):
                return f"{unread} Remove it."
            if what := refused(report, self._policy):
                return f"{name} carries {what}. Your firm's policy refuses that: clean or remove it."
        warned = self.warned if self._refuses else []
        if not warned:
            return ""
        which = f"{printable(warned[0].name)} carries more than its text"
        if len(warned) > 1:
            which = f"{documents_text(len(warned))} carry more than their text"
        return f"{which}: clean or remove what is marked with !. (carries = refuse in the settings)"

    def question(self, warned: list[SendSource]) -> tuple[str, str]:
        """The question before sending documents with warnings, and its detail."""
        asked = "this document" if len(warned) == 1 else f"{len(warned):,} documents"
        lines = [f"{printable(source.name)}: {self._mark(source)}" for source in warned]
        carry = "it carries" if len(warned) == 1 else "they carry"
        version = "this version" if len(warned) == 1 else "these versions"
        return f"Send {asked} with what {carry}?", f"{_listed(lines)}\nYou are asked once about {version}."

    def _is_overruled(self, source: SendSource, report: Report | None) -> bool:
        """Whether the user was asked about all that is asked about in the document."""
        if self._carried is None or report is None:
            return False
        # Slow to import, and only needed where something is found.
        from ...sending.carried import asked_about

        return self._carried.is_overruled(source, asked_about(report, self._policy))

    def _is_asked(self, report: Report) -> bool:
        """Whether it has warnings, or the policy makes one of what can't be looked into."""
        return bool(report.warnings) or asks_about_unread(report, self._policy)

    def note(self, rows: Iterable[JobRow]) -> None:
        """Note with the rows of a job what was found in their documents, and what the user overruled."""
        if self._carried is None:
            return
        from ...sending.carried import reported

        for row in rows:
            report = self.report(row.source)
            row.note_report(reported(report, self._policy, overruled=self._is_overruled(row.source, report)))

    def _mark(self, source: SendSource) -> str:
        report = self.report(source)
        return report.mark if report is not None else ""

    def overrule(self, warned: list[SendSource]) -> None:
        """Note that the user was asked about them, and sends them all the same."""
        from ...sending.carried import asked_about

        for source in warned:
            report = self.report(source)
            if self._carried is not None and report is not None:
                self._carried.overrule(source, asked_about(report, self._policy))


def _listed(lines: list[str]) -> str:
    """The first lines of many, and how many there are besides."""
    rest = len(lines) - _MOST_NAMED
    return "\n".join(lines[:_MOST_NAMED] + ([f"and {rest:,} more"] if rest > 0 else []))

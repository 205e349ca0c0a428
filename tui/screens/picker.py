"""What is done with documents that are not sent yet: choosing the version, and sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..commands import spelled
from ..rules.errors import NotFound
from ..rules.text import printable
from . import listing
from .errands import errand
from .part import ELSEWHERE, NOT_OPEN, ON_ITS_WAY, MainPart, one_of

if TYPE_CHECKING:
    from ..rules.versions import Version
    from ..sending.job import SendJob
    from ..sending.plan import Plan, Source
    from ..sending.settings import SendSettings
    from ..widgets.table import Row
    from ..wire.share import Document as SentDocument
    from ..wire.work import Document
    from .send import SendDialog, Sent


class PickerCommands(MainPart):
    """A part of the first screen."""

    def why_not(self, action: str) -> str | None:
        if action not in ("send", "versions"):
            return super().why_not(action)
        if not self.kind or self.kind in ("sent", "trash", "share", "favorites", "workspaces"):
            return ELSEWHERE
        if not self.ready:
            return NOT_OPEN
        if self.awaited is not None:
            return ON_ITS_WAY
        rows = self.chosen
        if action == "send":
            told = "Choose a document first: put the cursor on it, or select some with {lists.select}."
            return None if rows else spelled(told, self.app)
        if rows and _is_file(rows[0]):
            return "Files of this machine have no versions."
        return one_of(rows, "a document")

    # ------------------------------------------------------------ versions

    @errand(exclusive=True, group="choose", opens=True)
    async def action_versions(self) -> None:
        """Chooses another version of one document: the row then stands for that one."""
        rows = self.chosen
        if len(rows) != 1 or _is_file(rows[0]):
            return
        row = rows[0]
        found = await self.session.work.versions(row.data.id)
        if len(found) < 2:
            self.say(f"{row.data.file_name} has one version only.")
            return
        from ..rules.versions import Question as VersionsOf
        from .versions import VersionQuestion

        by_id = {document.id: document for document in found}
        question = VersionsOf(_version(row.data), tuple(_version(document) for document in found))
        chosen = await self.answer_to(VersionQuestion([question], asked=False))
        if chosen and row.key in {known.key for known in (*self.chosen, *self.table.rows)}:
            self.choose_version(replace(listing.document_row(by_id[chosen[0].id]), key=row.key))
            self.say(f"Version {chosen[0].version} is chosen.")

    # ------------------------------------------------------------ sending

    @errand(exclusive=True, group="choose", opens=True)
    async def action_send(self) -> None:
        """Asks about versions and check-outs, then opens the send dialog."""
        rows = self.chosen
        if not rows:
            self.say("Choose a document first.", "warn")
            return
        self.say("")
        # All that the server is asked comes before the first question, so that none is waited for behind one.
        policy = await self.session.policy()
        sources = await (self._files(rows) if _is_file(rows[0]) else self._versions_to_send(rows))
        if not sources:
            return
        from ..sending.plan import Plan
        from .send import SendDialog

        sent = await self.answer_to(
            SendDialog(Plan(sources), policy, self.session.now, self._job, self._show_links)
        )
        self._sent(sent)

    async def _files(self, rows: list[Row]) -> list[Source]:
        from ..sending.plan import FileSource

        return [FileSource.of(row.data.path) for row in rows]

    async def _versions_to_send(self, rows: list[Row]) -> list[Source]:
        """The documents to send, once their versions are settled; none where the user went back."""
        from ..sending.plan import WorkSource

        documents: list[Document] = [row.data for row in rows]
        chosen = await self._settle_versions(documents)
        if chosen is None or not await self._tell_check_outs(chosen):
            return []
        return [WorkSource(self.session.work, document) for document in chosen]

    async def _settle_versions(self, documents: list[Document]) -> list[Document] | None:
        """The versions to send, each asked about where a later one exists; ``None`` where the user went back."""
        from ..rules.versions import questions
        from ..sending.several import several

        found = await several([self._versions_of(document) for document in documents])
        asked = questions(
            (_version(d), map(_version, versions)) for d, versions in zip(documents, found, strict=True)
        )
        chosen: dict[str, str] = {}
        if asked:
            from .versions import VersionQuestion

            answer = await self.answer_to(VersionQuestion(asked))
            if answer is None:
                return None
            chosen = {q.selected.id: version.id for q, version in zip(asked, answer, strict=True)}
        by_id = {version.id: version for versions in found for version in versions}
        return [by_id.get(chosen.get(d.id, d.id), d) for d in documents]

    async def _versions_of(self, document: Document) -> list[Document]:
        """Its versions. Raises :class:`NotFound` with its name where it is gone."""
        try:
            return await self.session.work.versions(document.id)
        except NotFound as problem:
            raise NotFound(problem.code, f"{printable(document.file_name)}: {problem.message}") from None

    async def _tell_check_outs(self, documents: list[Document]) -> bool:
        """Tells which versions are checked out, and by whom; whether the user goes on."""
        from ..rules.versions import checked_out

        out = checked_out(map(_version, documents))
        if not out or self.gone_elsewhere:
            return True
        lines = [
            f"{v.name}: by {v.checked_out_by}"
            + (f" since {listing.moment_text(v.checked_out_at)}" if v.checked_out_at else "")
            for v in out
        ]
        if len(documents) == 1:
            told = "This document is"
        else:
            told = "One of the documents is" if len(out) == 1 else f"{len(out)} of the documents are"
        return await self.agreed(
            f"{told} checked out and may be changing.",
            "\n".join(lines),
            yes="Send it all the same" if len(documents) == 1 else "Send them all the same",
            no="Back",
            yes_first=True,
        )

    def _job(self, plan: Plan, settings: SendSettings, on_change: Callable[[int | None], None]) -> SendJob:
        from ..sending.job import SendJob

        return SendJob(self.session.share, self.session.work, plan, settings, on_change)

    def _show_links(self, dialog: SendDialog, documents: list[SentDocument], draft: bool) -> None:
        """Called by the send dialog when documents were sent: the draft, or the list of links."""
        from .draft import DraftScreen, LinksScreen

        screen: Any = DraftScreen if draft else LinksScreen
        self.app.push_screen(screen(self.session, documents), lambda _: dialog.links_shown())

    @errand(group="withdraw")
    async def _withdraw(self, documents: list[SentDocument]) -> None:
        """Unpublishes what was published before a send was cancelled."""
        told = "published before the cancel, unpublished again"
        await self.each(documents, self.session.share.unpublish, told, "warn")

    def _sent(self, sent: Sent | None) -> None:
        if sent is None:
            return
        if sent.documents:
            self.table.clear_selection()
        count = len(sent.documents)
        if sent.withdraw:
            self._withdraw(sent.documents)
        elif count:
            told = "1 document sent. It is" if count == 1 else f"{count} documents sent. They are"
            self.say(f"{told} in {printable(sent.documents[0].folder.name)}.", "good")
        self.refill("favorites", "share")


def _is_file(row: Row) -> bool:
    """Whether the row is a file of this machine, and not a document of Work."""
    return hasattr(row.data, "path")


def _version(document: Document) -> Version:
    from ..rules.versions import Version

    return Version(
        document.id,
        document.document_number or 0,
        document.version or 1,
        document.file_name,
        "somebody" if document.checked_out_by == "" else document.checked_out_by,
        document.checkout_date,
    )

"""Commands for documents that aren't sent yet: choosing the version, and sending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...locations.share_kinds import share_folder_location
from ...locations.work_kinds import document_row
from ...override import override
from ...rules.display import documents_text, moment_text
from ...rules.errors import NotFound
from ...rules.text import printable
from ..base.command_group import CommandGroup, nothing_chosen, still_loading
from ..base.screen_commands import HIDDEN, NOT_OPEN, one_of
from ..base.workers import worker_action

if TYPE_CHECKING:
    from ...sending.sources import SendSource
    from ...wire.share import Document as SentDocument
    from ...wire.work import Document
    from ..base.host import Host
    from ..main.start_up import StartUp
    from ..main.tree_loader import Branches
    from ..send.send import SendDialog
    from ..send.send_state import Sent
    from ..widgets.table import Row
    from .document_changes import DocumentChanges


class SendCommands(CommandGroup):
    """Each command asks its questions, then opens a dialog."""

    IDS = ("send", "versions", "carries")

    def __init__(self, main: Host, branches: Branches, changes: DocumentChanges, start: StartUp) -> None:
        super().__init__(main)
        self._start = start
        self._branches = branches
        self._changes = changes

    @override
    def disabled_reason(self, ident: str) -> str | None:
        if not self.main.browser.kind.offers(f"picker.{ident}"):
            return HIDDEN
        if not self.main.ready and not (ident == "send" and self._start.is_starting):
            return NOT_OPEN
        if why := still_loading(self.main):
            return why
        rows = self.main.chosen
        if ident == "send":
            current = self.main.current
            text = "Choose a document first: put the cursor on it, or select some with {lists.select}."
            why = current.unusable if current is not None else ""
            return None if rows else why or nothing_chosen(self.main, spelled(text, self.screen.app))
        if not rows:
            return nothing_chosen(self.main, "Choose a document first.")
        if ident == "versions" and rows and _is_file(rows[0]):
            return "Local files have no versions."
        return one_of(rows, "a document")

    # ------------------------------------------------------------ what a document carries

    @worker_action(exclusive=True, group="choose", opens=True, command="carries")
    async def carries(self) -> None:
        """Show what a document carries besides its text."""
        source = await self._source()
        if source is None:
            return
        from ..dialogs.carried import carried_dialog

        carried = self.main.session.carried
        try:
            (report,) = await carried.look([source])
        finally:
            carried.rest()
        self.main.say("")
        await self.main.show_dialog(carried_dialog(source.name, report))

    async def _source(self) -> SendSource | None:
        """The one document that is chosen."""
        rows = self.main.chosen
        if len(rows) != 1:
            return None
        from ...sending.sources import WorkSource

        is_file = _is_file(rows[0])
        found = await self._files(rows) if is_file else [WorkSource(self.main.session.work, rows[0].data)]
        self.main.say(f"Looking into {printable(found[0].name)}…", "dim")
        return found[0]

    # ------------------------------------------------------------ versions

    @worker_action(exclusive=True, group="choose", opens=True, command="versions")
    async def versions(self) -> None:
        """Choose another version of one document; the row then represents that version."""
        rows = self.main.chosen
        if len(rows) != 1 or _is_file(rows[0]):
            return
        row = rows[0]
        found = await self._versions_of(row.data)
        if not found or (len(found) == 1 and found[0].id == row.data.id):
            self.main.say(f"{row.data.file_name} has only one version.")
            return
        from ...clients.work_versions import version_of
        from ...rules.versions import WhichVersion as VersionsOf
        from ..send.versions import VersionQuestion

        by_id = {document.id: document for document in found}
        versions = tuple(version_of(document) for document in found)
        question = VersionsOf(version_of(row.data), versions, by_hand=True)
        chosen = await self.main.show_dialog(VersionQuestion([question], asked=False))
        if chosen and row.key in {known.key for known in (*self.main.chosen, *self.main.table.rows)}:
            self.main.browser.choose_version(replace(document_row(by_id[chosen[0].id]), key=row.key))
            self.main.say(f"Version {chosen[0].version} of {printable(row.data.file_name)} is chosen.")

    # ------------------------------------------------------------ sending

    @worker_action(exclusive=True, group="choose", opens=True, command="send")
    async def send(self) -> None:
        """Ask about versions and check-outs, then open the send dialog."""
        rows = self.main.chosen
        if not rows:
            self.main.say("Choose a document first.", "warn")
            return
        if not self.main.ready:
            # The key is kept until the server has answered, with those after it.
            rows = await self._when_there(rows)
            if not rows:
                return
        self.main.say("")
        # All requests come before the first question, so that the user never waits between two questions.
        basis = await self.main.session.sends.begin()
        try:
            sources = await (self._files(rows) if _is_file(rows[0]) else self._versions_to_send(rows))
            if not sources:
                return
            from ...sending.plan import Plan
            from ..send.send import SendDialog

            await self.show_send(SendDialog(self.main.session, Plan(sources), basis))
        finally:
            basis.close()

    async def _when_there(self, rows: list[Row]) -> list[Row]:
        """The rows as they are when the server has answered; none if it can't be reached, or they changed."""
        keys = [row.key for row in rows]
        if not await self._start.list_is_there() or self.screen.has_left:
            return []
        now = self.main.chosen
        if [row.key for row in now] != keys or self.disabled_reason("send") is not None:
            self.main.say("The list changed, so nothing was done. Try again.", "warn")
            return []
        return now

    async def show_send(self, dialog: SendDialog) -> None:
        """Show a send dialog and what it sends, and handle its result."""
        from ..send.show_send import show_send

        self.sent(await show_send(self.main, dialog))

    async def _files(self, rows: list[Row]) -> list[SendSource]:
        from ...sending.sources import FileSource

        return [FileSource.of(row.data.path) for row in rows]

    async def _versions_to_send(self, rows: list[Row]) -> list[SendSource]:
        """Return the documents to send, in the versions to send; empty if the user went back."""
        from ...sending.sources import WorkSource

        documents: list[Document] = [row.data for row in rows]
        by_hand = {row.data.id for row in rows if self.main.browser.list.is_chosen_version(row)}
        chosen = await self._settle_versions(documents, by_hand)
        if chosen is None or not await self._confirm_check_outs(chosen):
            return []
        return [WorkSource(self.main.session.work, document) for document in chosen]

    async def _settle_versions(self, documents: list[Document], by_hand: set[str]) -> list[Document] | None:
        """Return the versions to send, asking about those with a later one; ``None`` if the user went back.
        ``by_hand`` are the ids of the versions that the user chose."""
        from ...clients.work_versions import version_of
        from ...rules.versions import questions
        from ...sending.gather_limited import gather_limited

        found = await gather_limited([self._versions_of(document) for document in documents])
        version_questions = questions(
            (
                (version_of(d), map(version_of, versions))
                for d, versions in zip(documents, found, strict=True)
            ),
            by_hand,
        )
        chosen: dict[str, str] = {}
        if version_questions:
            from ..send.versions import VersionQuestion

            answer = await self.main.show_dialog(VersionQuestion(version_questions))
            if answer is None:
                return None
            chosen = {q.selected.id: version.id for q, version in zip(version_questions, answer, strict=True)}
        by_id = {version.id: version for versions in found for version in versions}
        return [by_id.get(chosen.get(d.id, d.id), d) for d in documents]

    async def _versions_of(self, document: Document) -> list[Document]:
        """Return all versions of a document, even if this one was deleted. Raises :class:`NotFound`, with its name, if
        all of them were."""
        work = self.main.session.work
        try:
            try:
                return await work.versions(document.id)
            except NotFound:
                # Perhaps only this version was deleted.
                latest = await work.document(document.id.rpartition(".")[0])
                return await work.versions(latest.id)
        except NotFound as problem:
            raise NotFound(problem.code, f"{printable(document.file_name)}: {problem.message}") from None

    async def _confirm_check_outs(self, documents: list[Document]) -> bool:
        """Show which versions are checked out, and by whom. Returns whether to go ahead."""
        from ...clients.work_versions import version_of
        from ...rules.versions import checked_out, names_of

        versions = [version_of(document) for document in documents]
        out = checked_out(versions)
        if not out or self.screen.has_left:
            return True
        lines = [
            f"{name}: by {v.checked_out_by}"
            + (f" since {moment_text(v.checked_out_at)}" if v.checked_out_at else "")
            for v, name in zip(versions, names_of(versions), strict=True)
            if v in out
        ]
        if len(documents) == 1:
            which = "This document is"
        else:
            which = "One of the documents is" if len(out) == 1 else f"{len(out):,} of the documents are"
        return await self.main.confirm(
            f"{which} checked out and may still change.",
            "\n".join(lines),
            yes="Go on",
            no="Back",
            yes_first=True,
        )

    @worker_action(group="withdraw")
    async def _withdraw(self, documents: list[SentDocument]) -> None:
        """Unpublish what was published before a send was cancelled."""
        done = "Unpublished {} of the cancelled send"
        await self._changes.each(documents, self.main.session.share.unpublish, done, "warn")

    def _way_there(self, sent: Sent) -> str:
        """The key that shows what was sent, unless it is shown anyway."""
        shown = self.main.browser.pending or self.main.browser.location
        folder = sent.documents[0].folder
        if sent.to_show is not None or (shown is not None and shown.key == share_folder_location(folder).key):
            return ""
        return spelled(
            "; {main.go_sent} shows " + ("it" if len(sent.documents) == 1 else "them"), self.screen.app
        )

    def sent(self, sent: Sent | None) -> None:
        """Handle the result of a send dialog."""
        if sent is None:
            return
        if sent.documents:
            self.main.table.clear_selection()
        from ..send.progress import not_sent

        count, rest = len(sent.documents), not_sent(sent.failed, sent.cancelled)
        if sent.withdraw:
            self._withdraw(sent.documents)
        elif not count:
            self.main.say(f"Nothing was sent: {rest}.", "warn")
        else:
            all_of_them = documents_text(count + sent.failed + sent.cancelled)
            which = f"{count:,} of {all_of_them} sent ({rest})" if rest else f"{all_of_them} sent"
            where = f"{'It is' if count == 1 else 'They are'} in {printable(sent.documents[0].folder.name)}"
            unkept = self.main.session.journals.links_problem()
            note = f" The links aren't in links.txt: {unkept}." if unkept else ""
            self.main.say(
                f"{which}. {where}{self._way_there(sent)}.{note}", "warn" if rest or note else "good"
            )
        if sent.to_show is not None:
            self.main.open_place(share_folder_location(sent.to_show.folder), row=sent.to_show.id)
            self.main.table.focus()
        self._branches.refill("favorites", "share")


def _is_file(row: Row) -> bool:
    """Whether the row is a local file, not a Work document."""
    # Imported by now: the session is open.
    from ...clients.files import FolderEntry

    return isinstance(row.data, FolderEntry)

"""Commands for sent documents: send again, copy, draft, fetch, unlock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...commands.declared import spelled
from ...locations.local_files import current_folder
from ...override import override
from ...rules.display import documents_text, is_and_it
from ...rules.errors import InvalidValue
from ...rules.text import printable
from ..base.command_group import CommandGroup
from ..base.workers import worker_action
from ..draft.copying import copy_links
from .chosen_documents import ChosenDocuments
from .document_changes import name_or_count

if TYPE_CHECKING:
    from ...clients.files import LocalFile
    from ...wire.share import Document
    from ..base.host import Host
    from ..send.resend import ResendDialog
    from ..send.sent_password import SentPassword
    from .document_changes import DocumentChanges


class SentDocumentCommands(CommandGroup):
    """Commands of the Secure Sent Links folder, except those in ``unpublish_and_delete.py`` and ``trash.py``."""

    IDS = (
        "send_again",
        "copy_link",
        "plain_links",
        "write_mail",
        "show_code",
        "fetch",
        "unlock",
    )

    def __init__(self, main: Host, changes: DocumentChanges) -> None:
        super().__init__(main)
        self._changes = changes
        self._chosen = ChosenDocuments(main)
        #: The ids of the documents that are being fetched.
        self._fetching: set[str] = set()
        #: The copies that were fetched last, by the ids and digests of their documents.
        self._fetched: dict[tuple[str, str | None], LocalFile] = {}

    @override
    def disabled_reason(self, ident: str) -> str | None:
        return self._chosen.disabled_reason(ident)

    @worker_action(group="folder", command="unlock")
    async def unlock(self) -> None:
        """Clear the wrong password attempts, so that recipients can try again at once."""
        documents = [d for d in await self._chosen.current(self.main.chosen) if d.locked or d.throttled]
        if documents:
            await self._changes.each(documents, self.main.session.share.unlock, "Unlocked {}")

    @worker_action(group="folder", opens=True, command="send_again")
    async def send_again(self) -> None:
        """Send documents again, with new settings."""
        documents = self._chosen.listed
        if not documents:
            return
        from ..send.resend import ResendDialog

        policy = await self.main.session.sends.policy()
        dialog = ResendDialog(self.main.session, documents, policy)
        done = await self.main.show_dialog(dialog)
        if done is None:
            return
        self._changes.withdraw_undo()
        self.main.reload()
        if done:
            left = len(documents) - len(done)
            which = f"{len(done):,} of {documents_text(len(documents))}" if left else name_or_count(done)
            self.main.say(f"Sent {which} again; downloads reset to 0.", "warn" if left else "good")
        for sent, password in dialog.with_password:
            if sent and sent[0].id not in dialog.replaced:
                from ..draft.links import LinksScreen

                await self.main.show_dialog(LinksScreen(self.main.session, sent, password, copies=False))
        await self._mail_new_links(dialog, done)

    async def _mail_new_links(self, dialog: ResendDialog, done: Sequence[Document]) -> None:
        """Open a draft with the new links; one for those with a new password, which it shows."""
        protected = {document.id for sent, _ in dialog.with_password for document in sent}
        rest = [document for document in done if document.id not in protected]
        drafts: list[tuple[list[Document], SentPassword | None]] = [*dialog.with_password, (rest, None)]
        for sent, password in drafts:
            documents = [document for document in sent if document.id in dialog.replaced]
            if documents:
                from ..draft.draft import DraftScreen

                await self.main.session.load_mail_templates()
                replaced = [dialog.replaced[document.id] for document in documents]
                draft = DraftScreen(self.main.session, documents, password, copies=False, replaced=replaced)
                await self.main.show_dialog(draft)
                if draft.documents != documents:
                    # Their recipients were changed.
                    self.main.reload()

    @worker_action(group="folder", command="copy_link")
    async def copy_link(self) -> None:
        """Copy the links of the chosen documents; those that no longer work are counted in the message."""
        from ...terminal.clipboard import BY_HAND

        documents = self._chosen.listed
        count = sum(bool(d.url) for d in documents)
        if count:
            result = await copy_links(self.screen.app, documents)
            stopped = sum(bool(d.url) and not d.published for d in documents)
            # The list has no links to be selected.
            alone = spelled("{folder.plain_links} shows the links alone", self.screen.app)
            text, tone = result.sentence.replace(BY_HAND, alone), "good" if result.sure else ""
            if stopped:
                which = "The link" if count == 1 else f"{stopped:,} of {count:,} links"
                are, them = is_and_it(stopped)
                text, tone = f"{which} {are} not published: no one can open {them}. {text}", "warn"
            self.main.say(text, tone)

    def plain_links(self) -> None:
        """Show the links alone, to be selected with the mouse."""
        from ..draft.plain_links import PlainLinks

        self.screen.open(PlainLinks(self._chosen.listed))

    @worker_action(group="folder", opens=True, command="write_mail")
    async def write_mail(self) -> None:
        """Open a draft with the published links of the chosen documents, in the order of the list."""
        rows = self.main.chosen
        chosen, _ = await asyncio.gather(self._chosen.current(rows), self.main.session.load_mail_templates())
        documents = [document for document in chosen if document.published and document.url]
        if not documents:
            self.main.say("None of the selected documents is published.", "warn")
            return
        from ..draft.draft import DraftScreen

        left_out = len(rows) - len(documents)
        draft = DraftScreen(self.main.session, documents, copies=False, left_out=left_out)
        await self.main.show_dialog(draft)
        if draft.documents != documents:
            # Their recipients were changed.
            self.main.reload()

    def show_code(self) -> None:
        """Show the links as QR codes; documents without one are left out."""
        documents = [document for document in self._chosen.listed if document.url]
        if documents:
            from ..draft.qr_code import QrCodeScreen

            self.screen.open(QrCodeScreen(documents))

    @worker_action(group="folder", command="fetch")
    async def fetch(self) -> None:
        """Download a copy into the folder where the program was started; it isn't counted. The same document again (a
        key that is pressed twice) isn't fetched as long as its copy is there, unchanged."""
        from ...clients.fetch import fetch
        from ...clients.files import LocalFile

        documents = self._chosen.listed
        if len(documents) != 1 or documents[0].id in self._fetching:
            return
        (document,) = documents
        self._fetching.add(document.id)
        try:
            copy = await self._copy_of(document)
            if copy is not None:
                self.main.say(f"It was already fetched to {printable(str(copy))}.")
                return
            self.main.say(f"Fetching {printable(document.name)}…")
            path = await fetch(self.main.session.share, document, current_folder(), numbered=True)
            self._fetched[document.id, document.sha256] = await asyncio.to_thread(LocalFile.open, path)
        finally:
            self._fetching.discard(document.id)
        self.main.say(f"Fetched to {printable(str(path))}.", "good")

    async def _copy_of(self, document: Document) -> Path | None:
        """The copy of a document that was fetched last, if it is still there and unchanged."""
        copy = self._fetched.get((document.id, document.sha256))
        with suppress(InvalidValue):
            if copy is not None and await copy.look_again() == copy:
                return copy.path
        return None

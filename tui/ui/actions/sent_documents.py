"""Commands for sent documents: send again, copy, draft, fetch, unlock."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...locations.local_files import current_folder
from ...locations.share_kinds import has_left
from ...override import override
from ...rules.display import documents_text, joined
from ...rules.errors import InvalidValue
from ...rules.text import printable
from ..base.command_group import CommandGroup
from ..base.workers import worker_action
from ..browser.selection import MOST_SELECTED
from ..draft.copying import copy_links
from .chosen_documents import ChosenDocuments, is_live, left_out_text

if TYPE_CHECKING:
    from ...clients.files import LocalFile
    from ...wire.share import Document
    from ..base.host import Host
    from ..send.resend import ResendDialog
    from ..send.sent_password import SentPassword
    from ..widgets.table import Row
    from .document_changes import DocumentChanges


class SentDocumentCommands(CommandGroup):
    """Commands of the Secure Sent Links folder, except those in ``unpublish_and_delete.py`` and ``trash.py``."""

    IDS = (
        "send_again",
        "copy_link",
        "plain_links",
        "write_mail",
        "show_code",
        "whole_send",
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
        self._changes.is_final()
        self.main.reload()
        if done:
            tone = "warn" if len(done) < len(documents) else "good"
            renewed = {document.id for sent, _ in dialog.with_password for document in sent}
            self.main.say(sent_again(done, documents, renewed), tone)
        for sent, password in dialog.with_password:
            if sent and sent[0].id not in dialog.replaced:
                from ..draft.links_screen import LinksScreen

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
                draft = DraftScreen(self.main.session, documents, password, replaced=replaced)
                await self.main.show_dialog(draft)
                if draft.documents != documents:
                    # Their recipients were changed.
                    self.main.reload()

    @worker_action(group="folder", command="copy_link")
    async def copy_link(self) -> None:
        """Copy the links of the chosen documents that work, in their order."""
        from ...terminal.clipboard import BY_HAND

        rows = self.main.chosen
        documents = await self._live(rows)
        if not documents:
            return
        result = await copy_links(self.screen.app, documents)
        # The list has no links to be selected.
        alone = spelled("{folder.plain_links} shows the links alone", self.screen.app)
        text, tone = result.sentence.replace(BY_HAND, alone), "good" if result.sure else ""
        if left_out := left_out_text(len(rows) - len(documents), len(rows)):
            # The other sentence may end in the place of a file.
            text, tone = f"{left_out} {text}", "warn"
        self.main.say(text, tone)

    async def _live(self, rows: Sequence[Row]) -> list[Document]:
        """The documents of these rows whose links work; if there are none, that is said."""
        documents = [document for document in await self._chosen.current(list(rows)) if is_live(document)]
        if not documents:
            self.main.say("All of their links are off by now.", "warn")
        return documents

    def plain_links(self) -> None:
        """Show the links alone, to be selected with the mouse."""
        from ..draft.plain_links import PlainLinks

        self.screen.open(PlainLinks(self._listed_live))

    @property
    def _listed_live(self) -> list[Document]:
        return [document for document in self._chosen.listed if is_live(document)]

    @worker_action(group="folder", opens=True, command="write_mail")
    async def write_mail(self) -> None:
        """Open a draft with the published links of the chosen documents, in the order of the list."""
        rows = self.main.chosen
        documents, _ = await asyncio.gather(self._live(rows), self.main.session.load_mail_templates())
        if not documents:
            return
        from ..draft.draft import DraftScreen

        left_out = len(rows) - len(documents)
        draft = DraftScreen(self.main.session, documents, copies=False, left_out=left_out)
        await self.main.show_dialog(draft)
        if draft.documents != documents:
            # Their recipients were changed.
            self.main.reload()

    def show_code(self) -> None:
        """Show the links that work as QR codes."""
        documents = self._listed_live
        if documents:
            from ..draft.qr_code import QrCodeScreen

            self.screen.open(QrCodeScreen(documents))

    @worker_action(group="folder", command="whole_send")
    async def whole_send(self) -> None:
        """Select the documents that were sent with the chosen ones, in the order of the send, so that a command is for
        all of them."""
        main, location = self.main, self.main.browser.location
        sends = dict.fromkeys(document.send_id for document in self._chosen.listed if document.send_id)
        if location is None or not sends:
            return
        states = [await main.session.share.sends.state(send) for send in sends]
        if location != main.browser.location:
            return
        found = [each.document for state in states for each in state.documents if each.document is not None]
        rows = main.browser.kind.rows(
            [document for document in found if not has_left(document, location)], main.session.now()
        )
        main.table.select_only(rows[:MOST_SELECTED])
        if len(rows) > MOST_SELECTED:
            main.say(
                f"Selected the first {MOST_SELECTED:,} of {documents_text(len(rows))}, the maximum.", "warn"
            )
        elif len(rows) == 1:
            main.say("It was sent alone.")
        else:
            which = "one send" if len(sends) == 1 else f"{len(sends):,} sends"
            main.say(f"Selected the {documents_text(len(rows))} of {which}, in the order sent.", "good")

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


def sent_again(done: Sequence[Document], before: Sequence[Document], renewed: Collection[str] = ()) -> str:
    """What is said after documents were sent again, of those that were to be, as they were ``before``. Those with the
    IDs ``renewed`` have a new password."""
    if any(map(is_live, before)):
        is_, are = "was sent again", "were sent again"
    else:
        is_, are = "is live again", "are live again"
    from ...rules.dates import expiry_texts
    from ...rules.given_before import lost_by_each, lost_protection
    from ...rules.sent_text import downloads_text
    from ...rules.typed_settings import TYPED

    lost = lost_protection(before, done)
    if len(before) > 1:
        is_some = len(done) < len(before)
        sentence = (
            f"{len(done):,} of {documents_text(len(before))} {are}."
            if is_some
            else f"{documents_text(len(done))} {are}; their download counts restart."
        )
        new = _new_passwords(sum(document.id in renewed for document in done), len(done))
        return " ".join(filter(None, (sentence, new, lost_by_each(lost))))

    (document,) = done
    left = downloads_text(document.downloads, document.downloads_permitted)
    until = expiry_texts(document.expires_at)[1] if document.expires_at else "no expiration date"
    without = f", without its {joined([*lost])}" if lost else ""
    # That it has lost its date says the same.
    ends = "" if TYPED["expires"].protection in lost else f", {until}"
    password = " with a new password" if document.id in renewed else ""
    return f"“{printable(document.name)}” {is_}{password}{without}, {left} downloads{ends}."


def _new_passwords(renewed: int, count: int) -> str:
    if not renewed:
        return ""
    return (
        "Their password is a new one."
        if renewed == count
        else f"{renewed:,} {'has' if renewed == 1 else 'have'} a new password."
    )

"""The draft e-mail with links: edited here, saved, opened in the user's own mail program, or given to a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.await_complete import AwaitComplete
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Label

from ...locations.local_files import current_folder
from ...override import override
from ...rules.display import counted
from ...rules.errors import InvalidValue, NotSignedIn, Problem
from ...rules.sent_text import recipients_text
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import failed, tell, worker_action
from ..send.recipients import Recipients, noted
from ..send.sent_password import SentPassword
from ..widgets.body_area import BodyArea
from ..widgets.button import Button
from ..widgets.field import Field
from .links import PASSWORD_LOST, WIDE, SentLinks
from .mail_opening import HandedOver, MailOpening
from .unfinished_text import LOOK_SECONDS, UnfinishedText

if TYPE_CHECKING:
    from ...config.mail import MailPreferences
    from ...mail.draft import Draft
    from ...mail.message import DraftText
    from ...session import Session
    from ...wire.share import Document


def composed(
    mail: MailPreferences, session: Session, documents: Sequence[Document], *, kept: bool = True
) -> tuple[Draft, str]:
    """Compose the draft, and return what is wrong with the settings for it: a template or address that can't be used is
    left out, since the draft must be there in any case. ``kept``: it is for those who are kept with the links."""
    from ...mail.draft import DraftLink, compose
    from ...mail.templates import choose
    from ...rules.address_book import mixed_note, united
    from ...rules.addresses import MOST_RECIPIENTS, check_address

    faults = []
    firm = session.mail_templates
    firm_text, firm_html = (firm.text, firm.html) if firm is not None else (None, None)
    chosen = partial(
        choose,
        firm_text=firm_text,
        firm_html=firm_html,
        with_html=mail.mail_with_html,
        first_person=mail.mail_first_person,
    )
    try:
        templates = chosen(mail.mail_template, mail.mail_html)
    except InvalidValue as problem:
        faults.append(problem.message)
        templates = chosen(None, None)
    own = mail.mail_from
    try:
        own = check_address(own) if own else ""
    except InvalidValue as problem:
        faults.append(f"Your own address in the settings is wrong. {problem.message}")
        own = ""
    links = [DraftLink.of(document) for document in documents]
    # Those of documents sent earlier.
    lists = [document.recipients for document in documents if kept]
    to = united(lists)[:MOST_RECIPIENTS]
    faults.append(mixed_note(lists))
    try:
        draft = compose(links, session.me.sender, to, templates=templates, from_address=own)
    except InvalidValue as problem:
        # From a server that is newer, and has placeholders that this program doesn't know.
        faults.append(problem.message)
        draft = compose(links, session.me.sender, to, from_address=own)
    return draft, " ".join(filter(None, faults))


def _missing(left_out: int, replaced: Sequence[Document]) -> str:
    """What to say of the documents, or the old links, that are not in the draft."""
    from ...sending.stopped_links import replaced_text

    notes = [f"Say in To who gets the new link. {replaced_text(replaced, address=False)}"] if replaced else []
    if left_out:
        text = counted(left_out, "document is", "documents are")
        notes.append(f"{text} not published and not in the draft.")
    return " ".join(notes)


_CSS = """
DraftScreen .line { height: 1; }
DraftScreen Label { width: 9; }
DraftScreen Field { width: 1fr; }
DraftScreen TextArea { height: 1fr; min-height: 3; padding: 0; margin: 1 0 0 0; }
DraftScreen.-compact TextArea { min-height: 2; }
DraftScreen TextArea, DraftScreen TextArea:focus { border: none; }
"""


class DraftScreen(Dialog[None]):
    """Recipients, subject and body, to be edited, saved, or opened in the mail program."""

    PLACES = ("draft",)
    ABOUT = (
        "The draft with the links. To is kept with them as your note, once the draft is saved or opened elsewhere; "
        "the links open for anyone who has them. {draft.open_mail} opens it in your mail program, {draft.choose_mail} "
        "lets you choose another one, {draft.put_in_drafts} puts it into your mailbox's Drafts folder, and "
        "{draft.save_draft} saves it as a file. It is sent from here only if you have set up a server for that, and "
        "only after a question. A password is never in it: {draft.reveal} shows it and {draft.copy_password} copies it "
        "until you close the draft."
    )
    heading = "Draft e-mail"
    whole = True
    DEFAULT_CSS = _CSS

    def __init__(
        self,
        session: Session,
        documents: Sequence[Document],
        password: SentPassword | None = None,
        *,
        seen: Callable[[], None] = lambda: None,
        copies: bool = True,
        left_out: int = 0,
        note: str = "",
        replaced: Sequence[Document] = (),
    ) -> None:
        """``seen`` is called if the user quits the program from here; the caller knows anyway when it is closed.
        ``copies``: the links go to the clipboard when the draft opens. ``left_out``: how many of the documents that
        were chosen are not published. ``note``: what else to say of the send. ``replaced``: the
        documents with the links that were replaced by new ones; those who had the old ones don't get the draft."""
        super().__init__()
        self.draft, self._fault = composed(self.app.preferences.mail, session, documents, kept=not replaced)
        self._fault = " ".join(filter(None, [note, _missing(left_out, replaced), self._fault]))
        self.mail = MailOpening(self)
        #: The draft as it was last saved, and its file.
        self._saved: tuple[DraftText, Path] | None = None
        self._seen = seen
        buttons = (
            Button("Open in mail program", id="open_mail", compact=True, variant="primary"),
            Button("Save as file", id="save_draft", compact=True),
            Button("Copy links", id="copy_links", compact=True),
        )
        self.sent = SentLinks(session, documents, password, *buttons, lines=5, copies=copies, brief=True)
        self._unfinished = UnfinishedText(session.state, documents, lambda: self.text, self.mail.is_kept)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            **self.sent.commands(),
            "copy_or_quit": ScreenCommand(self._copy_cancel_or_quit),
            "open_mail": ScreenCommand(self.mail.open),
            "choose_mail": ScreenCommand(self.mail.choose),
            "put_in_drafts": ScreenCommand(self.mail.put_in_drafts),
            "save_draft": ScreenCommand(self._save),
            "draft_page_down": ScreenCommand(
                lambda: self.query_one(BodyArea).scroll_page_down(animate=False)
            ),
            "draft_page_up": ScreenCommand(lambda: self.query_one(BodyArea).scroll_page_up(animate=False)),
        }

    @override
    def body(self) -> list[Widget]:
        subject = Field(self.draft.subject, id="subject", compact=True)
        return [
            Recipients(recipients_text(self.draft.to)),
            Horizontal(Label("Subject"), subject, classes="line"),
            *self.sent.password_line(),
            BodyArea(self.draft.body, id="text"),
            self.sent,
        ]

    @property
    def documents(self) -> list[Document]:
        """The documents that the draft has links of."""
        return self.sent.documents

    @override
    def on_mount(self) -> None:
        self.query_one("#to", Field).focus()
        self.set_interval(LOOK_SECONDS, self._unfinished.look)
        if before := self._unfinished.before():
            self.show(before)
            self.say("This is the e-mail as you had written it when the program ended.", "warn")
        if self._fault:
            self.say(self._fault, "warn")

    @override
    def on_resize(self) -> None:
        opens = "Open draft" if self.app.size.width < WIDE else "Open in mail program"
        self.query_one("#open_mail", Button).set_label(opens)

    def say(self, text: str, tone: str = "", complaint: str = "") -> None:
        """``complaint``: the last lines of what a program wrote to its standard error."""
        self.sent.say(text, tone, complaint, to=self.query_one("#to", Field).value)

    # ------------------------------------------------------------ the draft

    @property
    def text(self) -> DraftText:
        """The draft as it is in the fields."""
        from ...mail.message import DraftText

        return DraftText(
            self.query_one("#to", Field).value,
            self.query_one("#subject", Field).value,
            self.query_one(BodyArea).whole,
        )

    def show(self, text: DraftText) -> None:
        """Show the draft that came back from an editor."""
        self.query_one("#to", Field).value = text.to
        self.query_one("#subject", Field).value = text.subject
        self.query_one(BodyArea).take(text.body)

    @property
    def shows_all(self) -> bool:
        """Whether the whole text is shown here."""
        return self.query_one(BodyArea).shows_all

    def point_at(self, link: str) -> None:
        """Put the cursor on a link in the text."""
        self.query_one(BodyArea).point_at(link)

    @worker_action(group="draft saved")
    async def _save(self) -> None:
        """Save the draft in the current folder, never over another file. The same draft again (a key that is pressed
        twice) is not saved in another one."""
        from ...mail.message import save

        text = self.text
        with self.changes.change():
            asked = await self.mail.to_confirm(text)
        if not await self.mail.is_confirmed(text, asked):
            return
        with self.changes.change():
            before, path = self._saved or (None, None)
            if path is None or before != text or not path.exists():
                path = save(text.checked(self.draft), free_name(current_folder(), "secure-links", ".eml"))
        self._saved = text, path
        self.mail.kept = text
        self.say(_saved_text(path), "good")
        self.keep_recipients(text)

    @worker_action(group="recipients kept")
    async def keep_recipients(self, text: DraftText) -> None:
        """Keep with the links whom the draft is for, now that it has left the program. In an editor, it may be for
        someone without an address."""
        recipients = _to_keep(text.to, self.documents)
        is_kept = recipients is None or await _keep(self, recipients)
        if is_kept and self.changes.take_close():
            self.ask_to_close()

    @on(Recipients.NotesChanged)
    def _recipients_noted(self, event: Recipients.NotesChanged) -> None:
        texts, tone = noted(event.notes)
        self.sent.note(texts[0] if texts else "", tone, self.query_one("#to", Field).value)

    @on(HandedOver)
    def _handed_over(self, event: HandedOver) -> None:
        self.mail.show_outcome(event.way, event.outcome, event.ways, event.text)

    # ------------------------------------------------------------ closing

    def _copy_cancel_or_quit(self) -> object:
        if not self.get_selected_text() and self.mail.cancel():
            return None
        return self.sent.commands()["copy_or_quit"].run()

    def ask_to_close(self) -> None:
        """Close the draft, or stop waiting for a mail server; asks first if something would be lost."""
        if not self.mail.cancel():
            super().ask_to_close()

    @override
    def quitting(self) -> None:
        self._unfinished.close()
        self._seen()

    @override
    def dismiss(self, result: None = None) -> AwaitComplete:
        self._unfinished.close()
        return super().dismiss(result)

    @property
    def unseen_password(self) -> bool:
        """Whether closing would lose a password that no one has seen."""
        return self.sent.unseen_password

    @property
    @override
    def unsaved(self) -> str:
        if self.mail.is_kept(self.text):
            return self.sent.unsaved
        password = ", and without the password" if self.unseen_password else ""
        return f"Close the draft without saving it{password}?"

    @property
    @override
    def lost(self) -> str:
        if self.unseen_password:
            return PASSWORD_LOST
        is_kept = _to_keep(self.text.to, self.documents) is None
        return super().lost if is_kept else "Your changes will be lost, and To is not kept with the links."


async def _keep(screen: DraftScreen, recipients: Sequence[str]) -> bool:
    """Keep recipients with the links of a draft. Returns whether they are; says why if not."""
    from ...sending.recipients import set_recipients

    try:
        with screen.changes.change():
            await set_recipients(screen.sent.session.share, screen.documents, recipients)
    except NotSignedIn as problem:
        failed(screen, problem)
        return False
    except Problem as problem:
        tell(screen, problem, f"The recipients were not kept with the links: {problem.message}")
        return False
    kept = [d.model_copy(update={"recipients": list(recipients)}) for d in screen.documents]
    screen.sent.documents = kept
    return True


def _to_keep(typed: str, documents: Sequence[Document]) -> Sequence[str] | None:
    """Whom to keep with the links; ``None`` if those who are kept with them are together the same, though not each for
    every document, or if what is ``typed`` isn't a list of addresses."""
    from ...rules.address_book import united
    from ...rules.addresses import parse_addresses

    try:
        recipients = parse_addresses(typed)
    except InvalidValue:
        return None
    return None if list(recipients) == united(document.recipients for document in documents) else recipients


def _saved_text(path: Path) -> str:
    """Where it was saved, the name first: in a narrow terminal, there isn't room for all of it."""
    return f"Saved as {printable(path.name)} in {printable(str(path.parent))}."


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A path in ``folder`` that is not taken, also not by a link to nothing: ``stem.eml``, ``stem-2.eml``, …"""
    path = folder / f"{stem}{suffix}"
    number = 2
    while os.path.lexists(path):
        path = folder / f"{stem}-{number}{suffix}"
        number += 1
    return path

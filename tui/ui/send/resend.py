"""Sending again from the folder: new settings for documents that were already uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from ...override import override
from ...rules.display import documents_text, joined
from ...rules.errors import InvalidValue, NotSignedIn, PolicyBreach, Problem
from ...rules.given_before import present_values, removed_protection
from ...rules.policy import Policy
from ...rules.text import printable
from ...rules.typed_settings import TYPED
from ..base.dialog import Dialog
from ..base.pending_changes import PendingChanges
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .link_settings_fields import LinkSettingsFields
from .sent_password import SentPassword

if TYPE_CHECKING:
    from ...rules.link_settings import LinkSettings
    from ...session import Session
    from ...wire.share import Document, Resend


class ResendDialog(Dialog[list[Any] | None]):
    """Each setting is kept if nothing is typed, changed if something is, removed if its checkbox is checked.

    Returns the documents that were sent again, as they are afterwards; ``None`` if nothing was tried.
    """

    PLACES = ("resend",)
    ABOUT = (
        "New settings for documents sent before; nothing is uploaded again. An empty field keeps the current value, "
        "its checkbox removes that. The link stays the same unless you want a new one, and downloads are reset to 0. "
        "With a new link, for example since the old one went to the wrong person, the old one stops working at once, "
        "and a draft e-mail opens for the new one. A link that is off works again."
    )
    heading = "Secure Sent Links · send again"
    DEFAULT_CSS = """
    ResendDialog > .box { width: 100%; max-height: 100%; }
    ResendDialog #new_address { margin-top: 1; }
    ResendDialog .what { height: auto; margin-bottom: 1; }
    ResendDialog #said { margin: 1 0; }
    ResendDialog Button { margin-right: 1; }
    """

    def __init__(self, session: Session, documents: Sequence[Document], policy: Policy) -> None:
        super().__init__()
        self.changes = PendingChanges(self._update_lock)
        self.session = session
        self.documents = list(documents)
        self.fields = LinkSettingsFields(policy, session.now, flags=self._flags, again=True)
        self._done: list[Document] = []
        self._tried = False
        #: The new passwords, each with the documents that were sent with it.
        self.with_password: list[tuple[list[Document], SentPassword]] = []
        #: The documents that have new links, by their ids, as they were before.
        self.replaced: dict[str, Document] = {}
        #: The widget that had the focus when the fields were locked.
        self._focus_before: Widget | None = None

    @property
    def _flags(self) -> dict[str, bool]:
        """The settings that are on or off, as all the documents have them."""
        known = self.session.sends.flags(Policy())
        return {name: all(getattr(document, name) for document in self.documents) for name in known}

    @override
    def body(self) -> list[Widget]:
        return [
            Static(self._what(False), markup=False, classes="what"),
            self.fields,
            Checkbox("Make a new link", id="new_address"),
            StatusLine(id="said", lines=3, marked=True),
            ButtonLine(
                Button("Send again", id="resend_now", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def _what(self, new_address: bool) -> str:
        """What will be done, and to which documents."""
        count = len(self.documents)
        what = printable(self.documents[0].name) if count == 1 else documents_text(count)
        off = sum(not document.published for document in self.documents)
        if not new_address and off:
            which, it, links, counts = (
                (f"{what} is off", "it", "its link", "its download count restarts")
                if count == 1
                else (f"{what}, {off:,} of them off", "them", "their links", "their download counts restart")
            )
            return f"{which}: sending {it} again turns {links} on, and {counts}."
        if not new_address:
            stay, their = ("link stays", "its") if count == 1 else ("links stay", "their")
            return f"{what}: the {stay} the same, and {their} download count restarts."
        stops, one = ("link stops", "one") if count == 1 else ("links stop", "ones")
        return f"{what}: the old {stops} working, and a draft e-mail opens for the new {one}."

    @override
    def on_mount(self) -> None:
        # Not the password: what is typed at once, such as a date, would become it unseen.
        self.fields.focus_field("expires")
        self._show_kept()

    @property
    def focus_chain(self) -> list[Widget]:
        """What removes a setting comes after all fields, and before the buttons: who goes from field to field and
        types a blank must not check it. It is passed over while something is typed for its setting."""
        removals = {f"no_{name}": self.query_one(f"#{name}", Field).value for name in TYPED}
        boxes = [box for box in self.query(Checkbox) if removals.get(box.id or "")]
        passed = {box for box in boxes if not (box.checked or box.has_focus)}
        chain = [widget for widget in super().focus_chain if widget not in passed]
        return sorted(chain, key=lambda widget: 2 if isinstance(widget, Button) else widget.id in removals)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        resend = ScreenCommand(self._resend_now, lambda: self.changes.disabled_reason)
        return {**self.fields.commands(), "resend_now": resend}

    @on(Checkbox.Changed)
    def _show_what(self) -> None:
        self.query_one(".what", Static).update(self._what(self.query_one("#new_address", Checkbox).checked))

    @on(LinkSettingsFields.Changed)
    def _typed(self, event: LinkSettingsFields.Changed) -> None:
        """Show in full what is wrong, or what was understood: next to the field there may be no room for it."""
        if event.error is None:
            self.say(*self.fields.understood())
        else:
            self.say(event.error, "bad")

    # ------------------------------------------------------------ sending

    @worker_action(group="resend", command="resend_now")
    async def _resend_now(self) -> None:
        from ...wire.share import Resend

        try:
            settings = self.fields.settings()
        except InvalidValue as error:
            self.say(self.fields.sentence_of(error), "bad")
            self.fields.focus_field(error.field)
            return
        question = question_about(settings, self.documents)
        if question and not await self.confirm(*question, yes="Send again", no="Back"):
            return
        request = Resend(**settings.fields(), new_address=self.query_one("#new_address", Checkbox).checked)
        self._tried = True
        sent: list[Document] = []
        if isinstance(settings.password, str):
            self.with_password.append(
                (
                    sent,
                    SentPassword(
                        settings.password, self.fields.password.is_made, self.fields.password.was_shown
                    ),
                )
            )
        with self.changes.change():
            failed, refused = await self._resend(request, sent)
        if failed:
            self.changes.closes = False
            self.say(
                failed[0] if len(failed) == 1 else f"{len(failed):,} documents failed. {failed[0]}", "bad"
            )
            if isinstance(refused, PolicyBreach):
                # The fields have been checked against the policy of when the dialog was opened.
                with suppress(Problem):
                    self.fields.take_policy(await self.session.sends.policy())
            if refused is not None:
                self.fields.focus_field(refused.field)
        else:
            self.dismiss(self._done)

    def _update_lock(self) -> None:
        focused = self.focused
        self.query_one("#resend_now", Button).disabled = self.changes.under_way
        self.query_one("#new_address", Checkbox).disabled = self.changes.under_way
        self.fields.hold(self.changes.under_way)
        self._show_kept()
        self._show_what()
        self.fields.check()
        if not self.changes.under_way and self._focus_before is not None:
            self._focus_before.focus()
        self._focus_before = focused if self.changes.under_way else None

    def _show_kept(self) -> None:
        """Show what an empty field keeps, for the documents that are left."""
        self.fields.show_present(present_values(self.documents))

    async def _resend(self, request: Resend, sent: list[Document]) -> tuple[list[str], InvalidValue | None]:
        """Send the documents that are left, unless the dialog is to be closed, and add them to ``sent``. Returns what
        failed, as text, and the first value that was refused."""
        failed: list[str] = []
        refused: InvalidValue | None = None
        for document in list(self.documents):
            if self.changes.closes:
                break
            try:
                sent.append(await self.session.share.resend(document.id, request))
            except NotSignedIn:
                raise
            except Problem as problem:
                failed.append(f"{printable(document.name)}: {problem.message}")
                if refused is None and isinstance(problem, InvalidValue):
                    refused = problem
            else:
                self._done.append(sent[-1])
                if request.new_address:
                    self.replaced[document.id] = document
                self.documents.remove(document)
        return failed, refused

    @property
    def unseen_password(self) -> bool:
        """Whether documents are published with a password that no one has seen."""
        return any(sent and password.unseen for sent, password in self.with_password)

    @property
    @override
    def closed_with(self) -> list[Document] | None:
        return self._done if self._tried else None

    @property
    @override
    def unsaved(self) -> str:
        typed = self.fields.touched or self.query_one("#new_address", Checkbox).checked
        return "Close without sending?" if typed else ""


def question_about(settings: LinkSettings, documents: Sequence[Document]) -> tuple[str, str] | None:
    """The question, and what follows from it, if what protects links is removed: to check the box for that, a blank is
    enough that was meant for a field. ``None`` if nothing is."""
    removed = removed_protection(settings, documents)
    if not removed:
        return None
    link = "the link" if len(documents) == 1 else "a link"
    detail = f"Whoever has {link} can open it then." if settings.password is None else ""
    return f"Send again without {joined([f'the {word}' for word in removed])}?", detail

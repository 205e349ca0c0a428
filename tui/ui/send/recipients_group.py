"""The recipients of a send, below a line that says what is odd about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from ...override import override
from ...rules.policy import Policy
from ..widgets.status_line import StatusLine
from .recipients import RECIPIENTS_NOTE, Recipients, noted

if TYPE_CHECKING:
    from ...rules.odd_recipients import RecipientsNote

_SHORTER_NOTES = ("For your records: anyone with the link can open it.", "for your records only")


class RecipientsGroup(Vertical):
    """``For``, with its note, and the field."""

    DEFAULT_CSS = "RecipientsGroup { height: auto; }"

    def __init__(self, first: str, policy: Policy) -> None:
        """``first`` is what the field holds at first."""
        super().__init__()
        self.recipients = Recipients(first, ("optional: name@example.com, …", "optional"), policy)

    @override
    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("For", classes="group")
            yield StatusLine(id="recipients-note", marked=True)
        yield self.recipients

    def on_mount(self) -> None:
        """Say what naming them does, or what is odd about those that are filled in."""
        self.recipients.look()
        self._say([])

    def to_confirm(self) -> str:
        """What the policy wants confirmed about them; empty if it is nothing."""
        return " ".join(note.sentence for note in self.recipients.look() if note.is_asked)

    def cut_note(self) -> str:
        """The note about them, if there is no room beside *For* for all that it says; otherwise empty."""
        line = self.query_one("#recipients-note", StatusLine)
        return "" if line.fitting_text in (line.text, _SHORTER_NOTES[0]) else line.text

    @on(Recipients.NotesChanged)
    def _noted(self, event: Recipients.NotesChanged) -> None:
        # The dialog is told as well: of several notes, the line has room for one.
        self._say(event.notes)

    def _say(self, notes: Sequence[RecipientsNote]) -> None:
        """What is odd about the recipients or, if nothing is, what naming them does."""
        texts, tone = noted(notes)
        if not texts:
            texts, tone = [RECIPIENTS_NOTE, *_SHORTER_NOTES], "dim"
        self.query_one("#recipients-note", StatusLine).say(texts[0], tone, shorter=texts[1:])

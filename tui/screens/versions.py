"""The version question: which version of each document is sent, where a later one exists."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Static

from ..commands import ELSEWHERE, spelled
from ..rules.versions import Question, Version
from ..widgets.table import Column, Row, Table
from .base import Dialog

_COLUMNS = (
    Column("Document", 16, flex=1, name=True),
    Column("Selected", 8, align="right"),
    Column("Send version", 24),
    Column("Checked out", 11, hide_below=66),
)
_HOW = "Press {versions.next_version} to choose which version is sent."


class VersionQuestion(Dialog[list[Version] | None]):
    """Answers the chosen version of each question, in their order; ``None`` for Cancel."""

    PLACES = ("versions",)
    ABOUT = (
        "With {versions.next_version} the row's next version is taken; {versions.accept} goes on with the versions "
        "chosen, {dialogs.close} goes back."
    )
    heading = "Later versions exist"
    DEFAULT_CSS = """
    VersionQuestion Table { height: auto; max-height: 14; }
    VersionQuestion Static { height: auto; margin-bottom: 1; }
    VersionQuestion Horizontal { height: 1; margin: 1 0; }
    VersionQuestion Button { margin-right: 2; }
    """

    def __init__(self, questions: Sequence[Question], *, asked: bool = True) -> None:
        """``asked``: the question before a send, with the latest versions preset; else the user's own wish."""
        super().__init__()
        self._asked = asked
        if not asked:
            self.heading = "Versions"
        self._questions = list(questions)
        self._chosen = [q.latest if asked else _selected(q) for q in questions]

    def body(self) -> list[Widget]:
        told = ""
        if self._asked:
            one = len(self._questions) == 1
            told = (
                "A later version of this document exists. "
                if one
                else "Later versions of these documents exist. "
            )
        return [
            Static(told + spelled(_HOW, self.app), markup=False),
            Table(_COLUMNS, markers=False, id="versions"),
            Horizontal(
                Button("OK", id="ok", compact=True, variant="primary"),
                Button("Next version", id="next", compact=True),
                Button("Cancel", id="cancel", compact=True),
            ),
        ]

    def on_mount(self) -> None:
        table = self.query_one(Table)
        table.styles.height = len(self._questions) + 1
        table.show([self._row(i) for i in range(len(self._questions))])
        table.focus()

    def _row(self, index: int) -> Row:
        question, chosen = self._questions[index], self._chosen[index]
        facts = f"‹ {chosen.version} ›"
        if chosen is question.latest:
            facts += " latest"
        if chosen.version == question.selected.version:
            facts += " selected"
        cells = (question.selected.name, str(question.selected.version), facts, chosen.checked_out_by or "")
        return Row(str(index), cells, data=index)

    def action_next_version(self) -> None:
        table = self.query_one(Table)
        if table.current is None:
            return
        index: int = table.current.data
        versions = self._questions[index].versions
        place = versions.index(self._chosen[index])
        self._chosen[index] = versions[(place + 1) % len(versions)]
        table.update_row(index, self._row(index))

    def action_accept(self) -> None:
        self.dismiss(self._chosen)

    def on_table_opened(self) -> None:
        self.action_accept()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "ok":
            self.action_accept()
        elif event.button.id == "next":
            self.action_next_version()
        else:
            self.dismiss(None)

    def why_not(self, action: str) -> str | None:
        # On a button, enter presses that.
        if action == "accept" and not (self.focused is None or isinstance(self.focused, Table)):
            return ELSEWHERE
        return super().why_not(action)


def _selected(question: Question) -> Version:
    """The selected version, as one of the question's."""
    return next((v for v in question.versions if v.id == question.selected.id), question.latest)

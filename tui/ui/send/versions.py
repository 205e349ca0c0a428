"""The version question: which version of each document to send, if a later one exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from ...commands.command import HIDDEN
from ...commands.lookup import spelled
from ...locations.rows import moment_column
from ...override import override
from ...rules.text import printable
from ...rules.versions import Version, WhichVersion, names_of
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.fit import wrapped
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table
from .version_comment import VersionComment, details_columns

_COLUMNS = (
    Column("Document", 12, flex=1, name=True),
    Column("Selected", 9, align="right", rank=1, beside=24),
    Column("Send version", 26, fixed=True),
    moment_column("Edited", rank=3),
    Column("Author", 10, rank=4),
    Column("Checked out", 11, rank=2),
)
#: The same where there is no room for these: names come first.
_FEW_COLUMNS = (Column("Document", 12, flex=1, name=True), Column("Send", 12, fixed=True))
_HOW = (
    "Press {versions.next_version}, {versions.earlier_version} or {versions.later_version} to choose which version is "
    "sent."
)
#: Lines of the dialog besides its text and its tables.
_OTHER_LINES = 8
#: Cells of the screen for which there are few columns.
_NARROW, _VERY_NARROW = 76, 60
_LEAST_DETAILS = 3
_LEAST_DOCUMENTS = 3


class VersionQuestion(Dialog[list[Version] | None]):
    """Returns the chosen version for each question, in their order; ``None`` for Cancel."""

    PLACES = ("versions",)
    ABOUT = (
        "Selected is the version in the list that you come from, Send version the one that you choose here. Below are "
        "the versions of the document under the cursor. {versions.earlier_version} and {versions.later_version} choose "
        "an earlier and a later one, and so do {lists.down} and {lists.up} in the list of versions. {versions.accept} "
        "continues with the chosen versions, {dialogs.close} goes back."
    )
    heading = "Later versions exist"
    DEFAULT_CSS = """
    VersionQuestion > .box { max-height: 100%; }
    VersionQuestion.-narrow > .box { width: 100%; }
    VersionQuestion Static { height: auto; margin-bottom: 1; }
    VersionQuestion #name { margin: 1 0 0 0; }
    VersionQuestion VersionComment { margin: 0; }
    VersionQuestion ButtonLine { margin-top: 1; }
    VersionQuestion Button { margin-right: 2; }
    """

    def __init__(self, questions: Sequence[WhichVersion], *, asked: bool = True) -> None:
        """``asked``: as the question before a send; otherwise the user opened it."""
        super().__init__()
        self._asked = asked
        self._questions = list(questions)
        self._names = names_of([question.selected for question in questions])
        self._chosen = [question.preset for question in questions]
        self._columns = details_columns([*chain.from_iterable(each.versions for each in questions)])
        if not self._later:
            self.heading = "Versions"

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        # On a button, enter presses it, and the arrows do nothing.
        on_table = self._hidden_on_buttons
        return {
            "next_version": ScreenCommand(partial(self._step, 1), on_table),
            "earlier_version": ScreenCommand(partial(self._step, 1), on_table),
            "later_version": ScreenCommand(partial(self._step, -1), on_table),
            "accept": ScreenCommand(self._accept, on_table),
            # The buttons.
            "next": ScreenCommand(partial(self._step, 1)),
            "ok": ScreenCommand(self._accept),
        }

    def _hidden_on_buttons(self) -> str | None:
        return None if self.focused is None or isinstance(self.focused, Table) else HIDDEN

    @property
    def _later(self) -> list[WhichVersion]:
        """The questions that are asked because there is a later version."""
        return [q for q in self._questions if self._asked and q.latest.version > q.selected.version]

    @override
    def body(self) -> list[Widget]:
        return [
            Static(self._text, markup=False),
            Table(_COLUMNS, markers=False, id="versions"),
            StatusLine(id="name", tone="dim"),
            Table(self._columns, markers=False, id="details"),
            VersionComment(self._columns),
            ButtonLine(
                Button("OK", id="ok", compact=True, variant="primary"),
                Button("Next version", id="next", compact=True),
                Button("Cancel", id="close", compact=True),
            ),
        ]

    @property
    def _text(self) -> str:
        """Why the question is asked, and how to answer it."""
        return " ".join([*_reasons(self._questions, self._names, self._later), spelled(_HOW, self.app)])

    @property
    def _documents(self) -> Table:
        return self.query_one("#versions", Table)

    @property
    def _details(self) -> Table:
        return self.query_one("#details", Table)

    @override
    def on_mount(self) -> None:
        app: Any = self.app
        self._documents.renderer.now = self._details.renderer.now = app.session.now
        self._fit()
        self._show_documents()
        # With a single document, there is nothing to move to but its versions.
        (self._documents if len(self._questions) > 1 else self._details).focus()
        self._show_details()

    @override
    def on_resize(self) -> None:
        self._fit()
        self._show_documents()
        self._show_details()

    def _show_documents(self) -> None:
        """Show the documents in as many columns as there is room for."""
        columns = _FEW_COLUMNS if self._is_very_narrow else _COLUMNS
        rows = [self._row(index) for index in range(len(self._questions))]
        self._documents.show(rows, columns=columns, keep=True)

    @property
    def _is_very_narrow(self) -> bool:
        return self.app.size.width < _VERY_NARROW

    def _fit(self) -> None:
        """Make both tables as high as their rows need and the screen allows."""
        size = self.app.size
        self.set_class(size.width < _NARROW, "-narrow")
        width = min(110, size.width if size.width < _NARROW else size.width * 9 // 10) - 4
        room = size.height - _OTHER_LINES - len(wrapped(self._text, width))
        versions = list(map(_version_rows, self._questions, self._chosen))
        # However long a comment is, a few documents stay in sight.
        others = 1 + min(len(self._questions), _LEAST_DOCUMENTS) + _LEAST_DETAILS
        comment = self.query_one(VersionComment)
        room -= comment.fit(versions, self.app.session.now(), width, max(room - others, 1))
        details = 1 + max(len(question.versions) for question in self._questions)
        documents = 1 + len(self._questions)
        documents = max(2, min(documents, room - min(details, max(_LEAST_DETAILS, room // 2))))
        self._documents.styles.height = documents
        self._details.styles.height = max(2, min(details, room - documents))

    # ------------------------------------------------------------ rows

    def _row(self, index: int) -> Row:
        question, chosen = self._questions[index], self._chosen[index]
        own = question.own
        version_text = f"‹ {chosen.version} ›"
        if self._is_very_narrow:
            latest = " latest" if chosen is question.latest else ""
            return Row(str(index), (self._names[index], version_text + latest), data=index)
        if chosen is question.latest:
            version_text += " (latest)"
        if chosen is own:
            version_text += " (selected)"
        selected = str(question.selected.version)
        cells = (
            self._names[index],
            selected if own is not None else (f"{selected} gone", "warn"),
            version_text,
            chosen.edited_at,
            chosen.author,
            chosen.checked_out_by or "",
        )
        return Row(str(index), cells, data=index)

    def _show_details(self) -> None:
        """Show the versions of the document under the cursor, with the cursor on the chosen one."""
        index = self._index
        if index is None:
            return
        question, chosen = self._questions[index], self._chosen[index]
        self._details.show(_version_rows(question, chosen), at=question.versions.index(chosen))
        self.query_one(VersionComment).show(chosen)
        name = printable(self._names[index])
        self.query_one("#name", StatusLine).say(f"Versions of {name}", "dim", shorter=[name])

    @property
    def _index(self) -> int | None:
        row = self._documents.current
        return None if row is None else row.data

    @on(Table.Moved, "#versions")
    def _document_moved(self) -> None:
        self._show_details()

    @on(Table.Moved, "#details")
    def _choose_current(self) -> None:
        """Choose the version under the cursor. A key may arrive before the event of the one before it, which may be
        outdated by then; the table is current."""
        row = self._details.current
        if row is not None:
            self._choose(row.data)

    # ------------------------------------------------------------ choosing

    def _choose(self, version: Version) -> None:
        index = self._index
        if index is None or version is self._chosen[index] or version not in self._questions[index].versions:
            return
        self._chosen[index] = version
        self._documents.update_row(index, self._row(index))
        self._show_details()

    def _step(self, by: int) -> None:
        """Choose the version ``by`` places further on; after the earliest comes the latest."""
        self._choose_current()
        index = self._index
        if index is not None:
            versions = self._questions[index].versions
            place = versions.index(self._chosen[index])
            self._choose(versions[(place + by) % len(versions)])

    def _accept(self) -> None:
        self._choose_current()
        self.dismiss(self._chosen)

    def on_table_opened(self) -> None:
        """Enter on a version accepts the choices as they are."""
        self._accept()


def _version_rows(question: WhichVersion, chosen: Version) -> list[Row]:
    """The rows of the versions of a document."""
    return [
        Row(
            version.id,
            (
                f"{'● ' if version is chosen else ''}{version.version}",
                version.edited_at,
                version.author,
                version.comment,
                version.checked_out_by or "",
            ),
            data=version,
        )
        for version in question.versions
    ]


def _reasons(
    questions: Sequence[WhichVersion], names: Sequence[str], later: Sequence[WhichVersion]
) -> list[str]:
    """Why the questions are asked, ``later`` because there is a later version."""
    sentences = [
        f"Version {q.selected.version} of {printable(name)} was deleted."
        for q, name in zip(questions, names, strict=True)
        if q.own is None
    ]
    if len(later) > 1:
        sentences.append("Later versions of these documents exist.")
    elif later:
        which = "this document" if len(questions) == 1 else "one document"
        sentences.append(f"A later version of {which} exists.")
    return sentences

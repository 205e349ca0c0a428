"""The text of a document, over the list that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from ...override import override
from ..base.dialog import Dialog
from ..main.text_tab import TextTab
from ..widgets.dialog_box import DialogBox
from ..widgets.text_view import TextLines, TextView

if TYPE_CHECKING:
    from textual.widget import Widget

    from ..base.host import Host
    from ..widgets.table import Row


class FirstLinesScreen(Dialog[None]):
    """Goes on to the next document and to the one before; the cursor of the list goes with it."""

    ABOUT = (
        "The first lines of the document, as plain text: without pictures, and not laid out as in its program. "
        "{text.next_document} and {text.previous_document} go on to the documents below and above it in the list."
    )
    opened_by = ("picker.first_lines", "folder.sent_text")
    whole = True
    DEFAULT_CSS = """
    FirstLinesScreen > .box.-whole { overflow-y: hidden; }
    """

    def __init__(self, main: Host) -> None:
        super().__init__()
        self._main = main
        self._view = TextView(self.say)
        self._view.lines.can_leave = False
        self._text = TextTab(main, self._view, self)

    @override
    def body(self) -> list[Widget]:
        return [self._view]

    @override
    def on_mount(self) -> None:
        self._view.lines.focus()
        self._follow(asked=True)

    def _follow(self, *, asked: bool = False) -> None:
        row: Row | None = self._main.table.current
        self.query_one(DialogBox).head(row.name if row is not None else "")
        self._text.follow(row, asked=asked)

    @on(TextLines.DocumentWanted)
    def _go_on(self, event: TextLines.DocumentWanted) -> None:
        table = self._main.table
        table.action_down() if event.by > 0 else table.action_up()
        self._follow()

    @on(TextLines.TextWanted)
    def _ask(self) -> None:
        self._text.ask()

    @override
    def on_unmount(self) -> None:
        self._text.stop()
        self._main.session.previews.rest()
        super().on_unmount()

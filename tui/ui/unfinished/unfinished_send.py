"""How far an unfinished send is: a sentence, and a row for each document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...override import override
from ...rules.display import size_text
from ...rules.text import printable
from ...sending.stopped_links import why_stopped
from ..widgets.scroll_box import ScrollBox

if TYPE_CHECKING:
    from ...sending.resuming import SendStatus
    from ...wire.share import Document

#: The fewest lines of a dialog besides the rows, and the fewest rows.
_OTHER_LINES = 11
_LEAST_ROWS = 2
_NOT_SENT = ("○ not sent ", "$quiet")


class UnfinishedSend(Vertical):
    """Part of a dialog; ``sentence`` is above the rows, which scroll if there is no room for all."""

    DEFAULT_CSS = """
    UnfinishedSend { height: auto; }
    UnfinishedSend Static { width: 100%; height: auto; }
    UnfinishedSend .standing { margin: 1 0; }
    UnfinishedSend ScrollBox { height: auto; }
    """

    def __init__(self, status: SendStatus, sentence: str) -> None:
        super().__init__()
        self._status = status
        self._sentence = sentence

    @override
    def compose(self) -> ComposeResult:
        yield Static(self._sentence, classes="standing", markup=False)
        yield ScrollBox(Static(_rows(self._status), id="rows", markup=False))

    def update(self, status: SendStatus, sentence: str) -> None:
        """Show another state of the same send."""
        self._status, self._sentence = status, sentence
        if self.is_mounted:
            self.query_one(".standing", Static).update(sentence)
            self.query_one("#rows", Static).update(_rows(status))

    def fit(self, height: int) -> None:
        """Leave room for the rest of the dialog on a screen of that height."""
        self._show_rows(height - _OTHER_LINES)
        self.call_after_refresh(self._leave_room)

    def _leave_room(self) -> None:
        """Show fewer rows if the sentence is long: the dialog must not scroll as a whole, or it hides the sentence."""
        box = self.parent
        assert isinstance(box, Vertical)
        excess = box.virtual_size.height - box.scrollable_content_region.height
        if excess > 0:
            self._show_rows(self.query_one(ScrollBox).size.height - excess)

    def _show_rows(self, room: int) -> None:
        scroll = self.query_one(ScrollBox)
        scroll.styles.max_height = room = max(room, _LEAST_ROWS)
        scroll.can_focus = len(self._status.contents.entries) > room


def _mark(document: Document | None, *, changed: bool) -> tuple[str, str]:
    """What became of a document that was sent, and whether its file ``changed`` meanwhile."""
    why = why_stopped(document)
    if changed and not why:
        return "✓ changed  ", "$warn"
    return (f"– {why:9}", "$warn") if why else ("✓ published", "$accent")


def _rows(status: SendStatus) -> Content:
    lines: list[Any] = []
    for entry in status.contents.entries:
        document, mark = status.documents.get(entry.key), _NOT_SENT
        if entry.key in status.documents:
            mark = _mark(document, changed=entry.changed)
        size = entry.source["size"] if document is None else document.size
        lines += [
            mark,
            f"  {printable(entry.name)}  ",
            (size_text(size), "$quiet"),
            "\n",
        ]
    return Content.assemble(*lines[:-1])

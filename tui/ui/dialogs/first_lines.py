"""The first lines of a document, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from ...override import override
from ...rules.carried import REASONS
from ...rules.first_lines import MOST_LINES
from ..base.dialog import Dialog

if TYPE_CHECKING:
    from textual.widget import Widget

    from ...inspection.inspector import FirstLines


class FirstLinesScreen(Dialog[None]):
    """As many lines as were asked for; the arrow keys scroll."""

    ABOUT = "The first lines of the document, as plain text: without pictures, and not laid out as in its program."
    DEFAULT_CSS = """
    FirstLinesScreen > .box { height: auto; max-height: 100%; }
    FirstLinesScreen VerticalScroll { height: auto; max-height: 100%; }
    FirstLinesScreen Static { width: 100%; height: auto; }
    FirstLinesScreen .note { color: $quiet; text-style: $quiet-style; margin-top: 1; }
    """

    def __init__(self, name: str, found: FirstLines) -> None:
        super().__init__()
        self.heading = name
        self._found = found

    @override
    def body(self) -> list[Widget]:
        parts: list[Widget] = [Static(Text("\n".join(self._found.lines)))]
        if note := self._note:
            parts.append(Static(Text(note), classes="note"))
        return [VerticalScroll(*parts)]

    @property
    def _note(self) -> str:
        """What these lines are not."""
        found = self._found
        if found.reason:
            return f"No text to show. {REASONS.get(found.reason, REASONS['crashed'])}"
        if not found.lines:
            return "It has no text."
        doubt = (
            "The text may be wrong: its fonts don't say which characters they draw." if found.doubtful else ""
        )
        more = f"The first {MOST_LINES} lines." if found.more else ""
        return " ".join(filter(None, (more, doubt)))

    @override
    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

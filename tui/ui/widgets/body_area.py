"""The editable text of an e-mail."""

from __future__ import annotations

from itertools import islice

from textual.widgets import TextArea
from textual.widgets.text_area import Selection

#: A text or a line with more characters than this takes seconds to lay out.
_LONGEST_TEXT, _LONGEST_LINE = 500_000, 20_000
_SHOWN_LINES, _SHOWN_OF_A_LINE = 200, 1000


class BodyArea(TextArea):
    """A text area that keeps a very long text whole, but shows only its beginning, read-only."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, show_line_numbers=False)
        self.cursor_blink = False
        self._held: str | None = None
        self.take(text)

    @property
    def whole(self) -> str:
        """The complete text, whether all of it is shown or not."""
        return self.text if self._held is None else self._held

    @property
    def shows_all(self) -> bool:
        """Whether the text is so short that it can be edited."""
        return self._held is None

    def take(self, text: str) -> None:
        """Replace the text."""
        long = len(text) > _LONGEST_TEXT or max(map(len, text.split("\n"))) > _LONGEST_LINE
        self._held = text if long else None
        lines = (line[:_SHOWN_OF_A_LINE] for line in islice(text.split("\n"), _SHOWN_LINES))
        self.read_only = long
        self.text = "\n".join(lines) if long else text

    def point_at(self, text: str) -> None:
        """Select the first place in a line that has ``text``, and go there."""
        for row, line in enumerate(self.document.lines):
            column = line.find(text)
            if column >= 0:
                self.selection = Selection((row, column), (row, column + len(text)))
                self.focus()
                self.scroll_cursor_visible()
                return

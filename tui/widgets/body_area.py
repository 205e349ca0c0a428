"""The text of an e-mail, to be edited."""

from __future__ import annotations

from itertools import islice

from textual.widgets import TextArea

#: What is longer, in characters of all and of a line, takes seconds to be laid out.
_LONGEST_TEXT, _LONGEST_LINE = 500_000, 20_000
_SHOWN_LINES, _SHOWN_OF_A_LINE = 200, 1000


class BodyArea(TextArea):
    """A text that is very long is held whole, and only its beginning is shown, to be looked at."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, show_line_numbers=False)
        self.cursor_blink = False
        self._held: str | None = None
        self.take(text)

    @property
    def whole(self) -> str:
        """All of it, shown or not."""
        return self.text if self._held is None else self._held

    @property
    def shows_all(self) -> bool:
        return self._held is None

    def take(self, text: str) -> None:
        """Takes another text."""
        long = len(text) > _LONGEST_TEXT or max(map(len, text.split("\n"))) > _LONGEST_LINE
        self._held = text if long else None
        lines = (line[:_SHOWN_OF_A_LINE] for line in islice(text.split("\n"), _SHOWN_LINES))
        self.read_only = long
        self.text = "\n".join(lines) if long else text

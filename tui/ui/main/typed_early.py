"""What keys have asked of the list before its rows were there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from ..base.host import Host


class TypedEarly:
    """Has the table do what it holds back, one thing after the other: each is for what has come of the one before."""

    def __init__(self, main: Host) -> None:
        self._main = main

    def go_on(self) -> None:
        """Do the next thing, if it needn't wait any longer."""
        held, screen = self._main.table.held, self._main.screen
        if screen.app.screen is not screen or screen.app.keeps_keys:
            # A dialog is opened: what was typed after that isn't for the list.
            held.drop()
        elif held.do_next():
            self._main.table.call_later(self._after_messages, self._main.table)

    def _after_messages(self, node: DOMNode) -> None:
        """Go on when all that was posted has been handled, however far up."""
        above = node.parent
        if node is self._main.screen or above is None:
            self.go_on()
        else:
            above.call_later(self._after_messages, above)

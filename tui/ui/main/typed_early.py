"""What keys have asked of the list, or of the tree, before its rows were there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ..base.app_screen import AppScreen, refuse
from ..base.screen_commands import HIDDEN

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from ..widgets.held import HeldActions
    from ..widgets.table import Table
    from ..widgets.tree import LocationTree


class TypedEarly:
    """Has a widget of the first screen do what it holds back, one thing after the other: each is for what has come of
    the one before."""

    def __init__(self, screen: AppScreen, widget: Callable[[], Table | LocationTree]) -> None:
        self._screen = screen
        self._widget = widget

    def go_on(self) -> None:
        """Do the next thing, if it needn't wait any longer."""
        widget, screen = self._widget(), self._screen
        if screen.app.screen is not screen or screen.app.keeps_keys:
            # A dialog is opened: what was typed after that is for that.
            widget.held.drop()
        elif widget.held.do_next():
            widget.call_later(self._after_messages, widget)

    def _after_messages(self, node: DOMNode) -> None:
        """Go on when all that was posted has been handled, however far up."""
        above = node.parent
        if node is self._screen or above is None:
            self.go_on()
        else:
            above.call_later(self._after_messages, above)


def kept_for_later(screen: AppScreen, helds: Iterable[HeldActions], ident: str) -> bool:
    """Keep a command of the screen while what was typed before it is being done: it is for what comes of that. Return
    whether it is kept."""
    run = partial(screen.call_later, _run_kept, screen, ident)
    return any(held.keep_after_others(run) for held in helds)


async def _run_kept(screen: AppScreen, ident: str) -> None:
    why = screen.disabled_reason(ident)
    if why is None:
        await AppScreen.action_command(screen, ident)
    elif why != HIDDEN:
        refuse(screen, why)

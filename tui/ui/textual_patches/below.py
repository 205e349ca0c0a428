"""What a screen paints behind itself: the screen below."""

from __future__ import annotations

from typing import Any

from textual._context import visible_screen_stack
from textual.screen import Screen


def look_below(screen: Screen[Any]) -> None:
    """Call this before a screen paints its background.

    Textual takes whichever screen is the last but one at that moment for the one below, even for a covered screen that
    is asked what is under the mouse. That screen then remembers having one above it behind itself, which in turn has it
    behind itself, and so on without end.
    """
    stack = screen.app.screen_stack
    at = stack.index(screen) if screen in stack else 0
    visible_screen_stack.set(stack[at - 1 : at] if at else [])

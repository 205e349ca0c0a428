"""What a screen paints behind itself: the screen below."""

from __future__ import annotations

from typing import Any

from textual._context import visible_screen_stack
from textual.screen import Screen


def look_below(screen: Screen[Any]) -> None:
    """To be called before a screen paints its background. Textual takes for the one below whichever is the last but
    one then: also for a screen that others lie over, which is asked what is under the mouse. It then keeps that it
    has one of them behind itself, which has it behind itself, and so on without end."""
    stack = screen.app.screen_stack
    at = stack.index(screen) if screen in stack else 0
    visible_screen_stack.set(stack[at - 1 : at] if at else [])

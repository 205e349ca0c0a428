"""What the app shows, as it is painted, and what is painted below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.segment import Segment
from textual import events
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.message import Message
from textual.strip import Strip

from ...override import override
from .driver import write_to_terminal
from .linux_driver import SentlinksDriver

#: Keys that are the app's in any case: painting everything anew, and suspending the program.
_APP = ("ctrl+l", "ctrl+z")


def painted_rows(app: App[Any]) -> list[list[Segment]]:
    """The rows of the screen, with whatever is below it shining through. Textual's own screenshot is a picture."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    if not isinstance(update, LayoutUpdate):
        return []
    return [
        [segment for strip in strips for segment in strip if not segment.control] for strips in update.strips
    ]


def paint_below(app: App[Any], strips: list[Strip]) -> None:
    """Paint strips on the rows of the terminal below the app, which is as high as its driver says."""
    top = app.size.height + 1
    rows = [f"\x1b[{top + index};1H{strip.render(app.console)}" for index, strip in enumerate(strips)]
    x, y = app.cursor_position
    write_to_terminal(app, "\n".join(rows) + f"\x1b[{y + 1};{x + 1}H")


def driver_above(rows: int, typed: Callable[[str], None]) -> type[SentlinksDriver]:
    """The app's own driver, on all but the last ``rows`` of the terminal. The user's keys go to ``typed``, by their
    names, and not to the app, except :data:`_APP`."""

    class DriverAbove(SentlinksDriver):
        kept_rows = rows

        @override
        def send_message(self, message: Message) -> None:
            if isinstance(message, events.Key) and message.key not in _APP:
                self._events.call_soon_threadsafe(typed, message.key)
            elif not isinstance(message, events.Paste | events.MouseEvent):
                super().send_message(message)

        def _query_in_band_window_resize(self) -> None:
            """Not asked for: a terminal that reports its size itself would report all of its rows."""

    return DriverAbove

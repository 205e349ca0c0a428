"""The commands of a screen: what each does, and why it may be disabled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.widgets import Input

from ...commands.command import HIDDEN
from ...commands.lookup import keys_of
from ...session import NOT_OPEN
from ..textual_patches.driver import can_suspend
from ..widgets.table import Table

if TYPE_CHECKING:
    from ..widgets.table import Row
    from .screens_app import AnyScreen, ScreensApp


class ScreenCommand:
    """What a command does (``run``), and why it is disabled now (``disabled_reason``).

    The reason is a sentence, :data:`HIDDEN` if the command doesn't belong to what is shown, ``None`` if it is enabled.
    """

    __slots__ = ("_label", "disabled_reason", "run")

    def __init__(
        self,
        run: Callable[[], object],
        disabled_reason: Callable[[], str | None] = lambda: None,
        *,
        label: str | Callable[[], str] = "",
    ) -> None:
        """``run`` may return a coroutine, which is awaited. ``label`` is what the command is called on this screen now,
        by default as it is declared."""
        self.run = run
        self.disabled_reason = disabled_reason
        self._label = label

    @property
    def label(self) -> str:
        """What the command is called on this screen now; empty if it is called as it was declared."""
        return self._label if isinstance(self._label, str) else self._label()


def number_refused(app: ScreensApp, typed: str, field: str) -> str:
    """Return what is said of a number and a key after it that is no motion; ``field`` is where it may be meant for."""
    if field:
        return f"“{typed}” does nothing here; tab goes to {field}."
    motion = app.get_key_display(Binding(keys_of("lists.down", app)[-1], ""))
    return f"“{typed}” does nothing: a number repeats a motion, as in 3{motion}."


def _may_copy(screen: AnyScreen) -> bool:
    """Whether who presses the key that copies a selection, with nothing selected, may well have meant to copy."""
    focused = screen.focused
    has_selection = isinstance(focused, Table) and bool(focused.selected)
    return screen.is_modal or has_selection or isinstance(focused, Input)


def everywhere_commands(screen: AnyScreen) -> dict[str, ScreenCommand]:
    """Return the commands of every screen, by their ids. They are the app's, but modal screens cut the app off."""
    app = screen.app

    def copy_or_quit() -> None:
        text = screen.get_selected_text()
        if text:
            app.copy_to_clipboard(text)
        else:
            app.ask_to_quit("Nothing is selected to copy." if _may_copy(screen) else "")

    return {
        "help": ScreenCommand(lambda: app.open_help(screen)),
        "guides": ScreenCommand(lambda: app.open_guides(screen)),
        "command_palette": ScreenCommand(lambda: app.open_palette(screen)),
        "repaint": ScreenCommand(lambda: app.action_repaint()),
        "quit": ScreenCommand(lambda: app.action_quit()),
        "suspend": ScreenCommand(
            lambda: app.action_suspend_process(), lambda: None if can_suspend(app) else HIDDEN
        ),
        "copy_or_quit": ScreenCommand(copy_or_quit),
    }


def one_of(rows: list[Row], what: str) -> str | None:
    """Why a command for a single row can't act on ``rows``; ``None`` if it can."""
    if len(rows) == 1:
        return None
    return f"Choose {what} first." if not rows else f"Only one at a time: {len(rows)} are selected."


__all__ = [
    "HIDDEN",
    "NOT_OPEN",
    "ScreenCommand",
    "everywhere_commands",
    "number_refused",
    "one_of",
]

"""The commands of a screen: what each does, and why it may be disabled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from ...commands.declared import HIDDEN, keys_of
from ...session import NOT_OPEN
from ..textual_patches.driver import can_suspend

if TYPE_CHECKING:
    from ..main.main import MainScreen
    from ..widgets.table import Row
    from .app_screen import AppScreen

#: Commands don't act on rows of a location that the user is leaving.
STILL_LOADING = "Another list is loading."


class ScreenCommand:
    """What a command does (``run``), and why it is disabled now (``disabled_reason``).

    The reason is a sentence, :data:`HIDDEN` if the command doesn't belong to what is shown, ``None`` if it is enabled.
    """

    __slots__ = ("disabled_reason", "label", "run")

    def __init__(
        self,
        run: Callable[[], object],
        disabled_reason: Callable[[], str | None] = lambda: None,
        *,
        label: str = "",
    ) -> None:
        """``run`` may return a coroutine, which is awaited. ``label`` is what the command is called on this screen, by
        default as it is declared."""
        self.run = run
        self.disabled_reason = disabled_reason
        self.label = label


def number_refused(screen: AppScreen, typed: str, field: str) -> str:
    """Return what is said of a number and a key after it that is no motion; ``field`` is where it may be meant for."""
    if field:
        return f"“{typed}” does nothing here; tab goes to {field}."
    motion = screen.app.get_key_display(Binding(keys_of("lists.down", screen.app)[-1], ""))
    return f"“{typed}” does nothing: a number repeats a motion, as in 3{motion}."


def everywhere_commands(screen: AppScreen) -> dict[str, ScreenCommand]:
    """Return the commands of every screen, by their ids. They are the app's, but modal screens cut the app off."""

    async def copy_or_quit() -> None:
        text = screen.get_selected_text()
        if text:
            screen.app.copy_to_clipboard(text)
        else:
            await screen.app.action_quit()

    return {
        "help": ScreenCommand(lambda: screen.app.open_help(screen)),
        "guides": ScreenCommand(lambda: screen.app.open_guides(screen)),
        "command_palette": ScreenCommand(lambda: screen.app.open_palette(screen)),
        "repaint": ScreenCommand(lambda: screen.app.action_repaint()),
        "quit": ScreenCommand(lambda: screen.app.action_quit()),
        "suspend": ScreenCommand(
            lambda: screen.app.action_suspend_process(), lambda: None if can_suspend(screen.app) else HIDDEN
        ),
        "copy_or_quit": ScreenCommand(copy_or_quit),
    }


class CommandGroup:
    """Related commands of the main screen: each of ``IDS`` has a method of that name."""

    IDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, main: MainScreen) -> None:
        self.main = self.screen = main

    def commands(self) -> dict[str, ScreenCommand]:
        """The commands, by their ids in ``commands.py``."""
        return {
            ident: ScreenCommand(getattr(self, ident), partial(self.disabled_reason, ident))
            for ident in self.IDS
        }

    def disabled_reason(self, ident: str) -> str | None:
        """Why a command of the group is disabled now; ``None`` if it is enabled."""
        return None


def one_of(rows: list[Row], what: str) -> str | None:
    """Why a command for a single row can't act on ``rows``; ``None`` if it can."""
    if len(rows) == 1:
        return None
    return f"Choose {what} first." if not rows else f"Only one at a time: {len(rows)} are selected."


__all__ = [
    "HIDDEN",
    "NOT_OPEN",
    "STILL_LOADING",
    "CommandGroup",
    "ScreenCommand",
    "everywhere_commands",
    "one_of",
]

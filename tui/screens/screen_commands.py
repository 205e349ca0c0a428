"""The commands of a screen: each has what it does, and why it cannot be done now."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from ..commands import HIDDEN
from ..session import NOT_OPEN
from ..textual_patches.driver import can_suspend

if TYPE_CHECKING:
    from ..widgets.table import Row
    from .app_screen import AppScreen
    from .main import MainScreen

#: Rows of a place that is being left are not acted on.
ON_ITS_WAY = "Another place is on its way."


class ScreenCommand:
    """``disabled_reason`` says in a sentence why it cannot be done now, :data:`HIDDEN` where it does not belong to
    what is shown, ``None``: it can. ``run`` does it."""

    __slots__ = ("disabled_reason", "run")

    def __init__(
        self, run: Callable[[], object], disabled_reason: Callable[[], str | None] = lambda: None
    ) -> None:
        """``run`` may answer a coroutine, which is awaited."""
        self.run = run
        self.disabled_reason = disabled_reason


def everywhere_commands(screen: AppScreen) -> dict[str, ScreenCommand]:
    """The commands that hold on every screen, by their ids. They are the app's; a modal screen cuts it off."""

    async def copy_or_quit() -> None:
        text = screen.get_selected_text()
        if text:
            screen.app.copy_to_clipboard(text)
        else:
            await screen.app.action_quit()

    return {
        "help": ScreenCommand(lambda: screen.app.open_help(screen)),
        "command_palette": ScreenCommand(lambda: screen.app.open_palette(screen)),
        "repaint": ScreenCommand(lambda: screen.app.action_repaint()),
        "quit": ScreenCommand(lambda: screen.app.action_quit()),
        "suspend": ScreenCommand(
            lambda: screen.app.action_suspend_process(), lambda: None if can_suspend(screen.app) else HIDDEN
        ),
        "copy_or_quit": ScreenCommand(copy_or_quit),
    }


class CommandGroup:
    """Commands of the first screen that are about the same: for each of ``IDS`` a method of that name."""

    IDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, main: MainScreen) -> None:
        self.main = self.screen = main

    def commands(self) -> dict[str, ScreenCommand]:
        """The commands by their ids, as ``commands.py`` has them."""
        return {
            ident: ScreenCommand(getattr(self, ident), partial(self.disabled_reason, ident))
            for ident in self.IDS
        }

    def disabled_reason(self, ident: str) -> str | None:
        """Why a command of the group cannot be done now."""
        return None


def one_of(rows: list[Row], what: str) -> str | None:
    """Why something that is done to one row cannot be done to ``rows``; ``None``: it can."""
    if len(rows) == 1:
        return None
    return f"Choose {what} first." if not rows else f"Only one at a time: {len(rows)} are selected."


__all__ = [
    "HIDDEN",
    "NOT_OPEN",
    "ON_ITS_WAY",
    "CommandGroup",
    "ScreenCommand",
    "everywhere_commands",
    "one_of",
]

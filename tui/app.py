"""The app: one screen with its dialogs, on one server."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from .corners import PlainCrash, driver_class, forget_screen, write_to_terminal
from .screens.main import MainScreen
from .screens.menu import offered
from .screens.question import Question
from .screens.send import SendDialog
from .session import Session
from .theme import DARK, LIGHT, THEMES


class SentlinksApp(PlainCrash):
    """``session`` is the connection that all screens share."""

    TITLE = "Secure Sent Links"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    # All keys are declared in commands.py and bound by the screens.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
    ]
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, session: Session) -> None:
        super().__init__(driver_class=driver_class())
        self.session = session
        self.crash_folder = session.state
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = LIGHT.name if os.environ.get("SENTLINKS_THEME") == "light" else DARK.name

    def on_mount(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._end_on(number)
        self.push_screen(MainScreen(self.session))

    def _end_on(self, number: signal.Signals) -> None:
        import asyncio

        try:
            asyncio.get_running_loop().add_signal_handler(number, self.exit, 128 + number)
        except (NotImplementedError, RuntimeError, ValueError):
            return  # not the main thread: whoever runs the app there ends it

    async def on_unmount(self) -> None:
        await self.session.close()

    # ------------------------------------------------------------ commands

    @property
    def sending(self) -> SendDialog | None:
        """The send dialog in which something is being sent."""
        for screen in self.screen_stack:
            if isinstance(screen, SendDialog) and screen.busy:
                return screen
        return None

    async def action_quit(self) -> None:
        """Ends the app; asks first where something is being sent."""
        if self.sending is None:
            self.exit(0)
        elif not isinstance(self.screen, Question):
            self.push_screen(
                Question(
                    "Quit while documents are being sent?", "What is not sent yet stays unsent.", yes="Quit"
                ),
                lambda yes: self.exit(0) if yes else None,
            )

    def on_resize(self) -> None:
        """Terminals differ in what they do to the screen then, so nothing is known of it."""
        forget_screen(self)

    def action_repaint(self) -> None:
        """Paints everything anew, as after another program wrote over the screen."""
        self.refresh(repaint=True, layout=True)
        write_to_terminal(self, "\x1b[2J")
        self.screen.refresh(repaint=True, layout=True)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what can be done on the screen now, and the themes."""
        for command, node, keys in offered(screen):
            if not command.palette:
                continue

            def run(node: Any = node, action: str = command.id) -> None:
                self.call_later(self.run_action, action, node)

            yield SystemCommand(f"{command.title}  ({keys[0]})", command.help, run)
        yield SystemCommand("Theme", "Chooses other colours.", self.action_change_theme)

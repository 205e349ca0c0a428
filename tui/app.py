"""The app: one screen with its dialogs, on one server."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping
from typing import Any

from textual import on, work
from textual.app import SystemCommand
from textual.screen import Screen

from .commands import Command, keys_of
from .config.preferences import Preferences, store
from .corners.driver import driver_class, forget_screen, write_to_terminal
from .corners.ending import PlainCrash
from .corners.keys import KeysInOrder
from .corners.memory import ForgetfulApp
from .corners.sheet import lighten
from .corners.timers import SureTimers
from .rules.errors import Problem
from .screens.base import Everywhere
from .screens.errands import SignedOut
from .screens.main import MainScreen
from .session import Session
from .terminal.background import told_early
from .terminal.frame import FRAME
from .theme import NAMES, STYLES, THEMES, choose, no_colour

#: What is done at once, also while keys are kept for something that is about to be opened.
_AT_ONCE = ("everywhere.quit", "everywhere.copy_or_quit", "everywhere.suspend", "everywhere.repaint")


class SentlinksApp(SureTimers, KeysInOrder, PlainCrash, ForgetfulApp):
    """``session`` is the connection that all screens share."""

    TITLE = "Secure Sent Links"
    CSS_PATH = "app.tcss"
    # All keys are declared in commands.py and bound by the screens.
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, session: Session, preferences: Preferences | None = None) -> None:
        if not no_colour(os.environ):
            os.environ.pop("NO_COLOR", None)
        # Without colour the theme is one of styles of text only; Textual would make greys of colours.
        super().__init__(driver_class=driver_class(), ansi_color=True if no_colour(os.environ) else None)
        self.use_command_palette = True
        self.session = session
        self.preferences = preferences or Preferences()
        self.crash_folder = session.state
        #: Whether the terminal's background is light, as far as it has told.
        self._light = told_early()
        others = list(self.available_themes)
        for theme in THEMES.values():
            self.register_theme(theme)
        self._apply_preferences()
        for name in others:
            self.unregister_theme(name)
        lighten(self)

    @property
    def keys(self) -> Mapping[str, str]:
        """The user's own keys of commands."""
        return self.preferences.keys

    def at_once(self, key: str) -> bool:
        return any(key in keys_of(name, self) for name in _AT_ONCE)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {**STYLES, "bar-background": "#2f5d8a", "bar-foreground": "#ffffff"}

    def on_mount(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            self._end_on(number)
        if FRAME.ended:
            self.exit(128 + FRAME.ended)
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())

    def get_default_screen(self) -> Screen[Any]:
        # The first one is the one that is seen: another below it would be styled and laid out for nobody.
        return MainScreen(self.session)

    def _end_on(self, number: signal.Signals) -> None:
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(number, self.exit, 128 + number)
        except (NotImplementedError, RuntimeError, ValueError):
            return  # not the main thread: whoever runs the app there ends it
        # What wakes asyncio is lost (and complained of) where hundreds of keys have woken it already: so it is told in
        # a second way.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.exit, 128 + number))

    async def on_unmount(self) -> None:
        await self.session.close()

    # ------------------------------------------------------------ commands

    @property
    def sending(self) -> Screen[Any] | None:
        """The dialog in which something is being sent."""
        return next((screen for screen in self.screen_stack if getattr(screen, "busy", False)), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "quit" and isinstance(self.screen, Everywhere))

    async def action_quit(self) -> None:
        """Ends the app; asks first where something is being sent or changed."""
        if self.sending is not None:
            asked = ("Quit while documents are being sent?", "What is not sent yet stays unsent.")
        elif any(getattr(screen, "changing_documents", False) for screen in self.screen_stack):
            asked = ("Quit while something is being changed?", "What is not done yet is left undone.")
        else:
            self.exit(0)
            return
        from .screens.question import Question

        if not isinstance(self.screen, Question):
            self.push_screen(Question(*asked, yes="Quit"), lambda yes: self.exit(0) if yes else None)

    @on(SignedOut)
    def _signed_out(self) -> None:
        """Somebody has to sign in (again) before anything else can be done."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.sign_in()

    def on_resize(self) -> None:
        """Terminals differ in what they do to the screen then, so nothing is known of it."""
        forget_screen(self)

    def action_repaint(self) -> None:
        """Paints everything anew, as after another program wrote over the screen."""
        self.refresh(repaint=True, layout=True)
        write_to_terminal(self, "\x1b[2J")
        self.screen.refresh(repaint=True, layout=True)

    def copy_to_clipboard(self, text: str) -> None:
        """What is selected on the screen goes the same way as links do."""
        self._copy(text)

    @work(exclusive=True, group="copy")
    async def _copy(self, text: str) -> None:
        from .screens.copying import copy_text

        self._clipboard = text
        result = await copy_text(self, text)
        self._tell(result.sentence, "good" if result.sure else "")

    def _tell(self, sentence: str, tone: str) -> None:
        say = getattr(self.screen, "say", None)
        if say is not None:
            say(sentence, tone)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what can be done on the screen now, and the themes."""
        from .screens.menu import offered
        from .screens.palette import Palette

        meant = next((shown.meant_below for shown in self.screen_stack if isinstance(shown, Palette)), None)
        for offer in offered(screen):
            if not offer.command.palette:
                continue

            def run(node: Any = offer.node, command: Command = offer.command) -> None:
                if command.menu and isinstance(screen, Everywhere):
                    # It is about a row, or a folder.
                    self.call_later(screen.run_meant, command.id, meant, node)
                else:
                    self.call_later(self.run_action, command.id, node)

            yield SystemCommand(f"{offer.command.title}  ({offer.shown[0]})", offer.command.help, run)
        if not self.no_color:
            for theme, name in NAMES.items():

                def use(theme: str = theme) -> None:
                    self.prefer("theme", theme)

                yield SystemCommand(f"Theme: {name}", "Takes these colours, and keeps them.", use)

    # ------------------------------------------------------------ preferences

    def _apply_preferences(self) -> None:
        self.theme = choose(self.preferences.theme, os.environ, self._light).name
        self.animation_level = "full" if self.preferences.animation else "none"

    def background_told(self, light: bool) -> None:
        """The terminal has said whether its background is light."""
        if light != self._light:
            self._light = light
            self._apply_preferences()

    def prefer(self, name: str, value: str | bool) -> None:
        """Puts a preference in force and keeps it; the demo's are gone with it."""
        self.preferences = self.preferences.with_value(name, value)
        self._apply_preferences()
        if self.preferences.file is not None and not self.session.demo:
            self._keep_preference(name, value)

    @work(group="preferences")
    async def _keep_preference(self, name: str, value: str | bool) -> None:
        file = self.preferences.file
        assert file is not None
        try:
            await asyncio.to_thread(store, file, name, value)
        except Problem as problem:
            self._tell(problem.message, "bad")
